"""Tracks of confirmed cases; second looks; decisions have a code and the time at which the lead was opened"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    """Apply; cases that are there have no tracks yet, and decisions no code."""
    op.add_column('case', sa.Column('leased_at', UtcDateTime(), nullable=True))
    op.add_column('decision', sa.Column('code', sa.String(20), nullable=True))
    op.add_column('decision', sa.Column('opened_at', UtcDateTime(), nullable=True))
    op.create_table('track',
    sa.Column('case_id', ID, nullable=False),
    sa.Column('track', sa.String(20), nullable=False),
    sa.Column('step', sa.String(20), nullable=False),
    sa.Column('outcome', sa.String(20), nullable=True),
    sa.Column('opened_at', UtcDateTime(), nullable=False),
    sa.Column('decided_at', UtcDateTime(), nullable=True),
    sa.Column('moved_at', UtcDateTime(), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('case_id', 'track')
    )
    op.create_index('ix_track_step', 'track', ['track', 'step', 'moved_at'])
    op.create_table('second_look',
    sa.Column('id', ID, nullable=False),
    sa.Column('kind', sa.String(12), nullable=False),
    sa.Column('case_id', ID, nullable=True),
    sa.Column('listing_id', ID, nullable=True),
    sa.Column('decision_id', ID, nullable=True),
    sa.Column('stage', sa.String(10), nullable=False),
    sa.Column('known', sa.String(20), nullable=True),
    sa.Column('result', sa.String(20), nullable=True),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('settled_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('kind', 'listing_id'),
    sa.UniqueConstraint('kind', 'decision_id')
    )
    op.create_index('ix_second_look_case', 'second_look', ['case_id', 'stage'])
    op.create_index('ix_second_look_stage', 'second_look', ['stage', 'kind', 'id'])
    op.create_table('second_finding',
    sa.Column('id', ID, nullable=False),
    sa.Column('second_look_id', ID, nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('result', sa.String(20), nullable=False),
    sa.Column('code', sa.String(20), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('opened_at', UtcDateTime(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['second_look_id'], ['second_look.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('second_look_id', 'person', 'unit')
    )


def downgrade() -> None:
    """Undo."""
    for name in ('second_finding', 'second_look', 'track'):
        op.drop_table(name)
    with op.batch_alter_table('decision') as batch:
        batch.drop_column('opened_at')
        batch.drop_column('code')
    with op.batch_alter_table('case') as batch:
        batch.drop_column('leased_at')
