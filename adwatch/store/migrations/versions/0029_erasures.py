"""What the policy deleted of the store's rows and files, by tombstones; confirmations that were taken, once for all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.columns import ID
from adwatch.store.times import UtcDateTime

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('erasure',
    sa.Column('id', ID, nullable=False),
    sa.Column('kind', sa.String(20), nullable=False),
    sa.Column('rule', sa.String(20), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('day', sa.String(10), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure')),
    )
    op.create_table('tombstone',
    sa.Column('kind', sa.String(20), nullable=False),
    sa.Column('subject_id', ID, autoincrement=False, nullable=False),
    sa.Column('erasure_id', ID, autoincrement=False, nullable=False),
    sa.Column('digest', sa.String(64), nullable=False),
    sa.Column('gone_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['erasure_id'], ['erasure.id'], name=op.f('fk_tombstone_erasure_id_erasure')),
    sa.PrimaryKeyConstraint('kind', 'subject_id', 'erasure_id', name=op.f('pk_tombstone')),
    sqlite_with_rowid=False,
    )
    op.create_index('ix_tombstone_erasure', 'tombstone', ['erasure_id'])
    op.create_index('ix_tombstone_waiting', 'tombstone', ['kind'],
                    sqlite_where=sa.text('gone_at IS NULL'), postgresql_where=sa.text('gone_at IS NULL'))
    op.create_table('console_token',
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('taken_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_console_token')),
    )
    op.create_index('ix_console_token_taken', 'console_token', ['taken_at'])


def downgrade() -> None:
    """Undo."""
    op.drop_table('console_token')
    op.drop_table('tombstone')
    op.drop_table('erasure')
