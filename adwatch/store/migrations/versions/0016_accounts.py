"""Accounts of the console with their sessions, one-time links, wrong passwords and saved views"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
DATA = sa.JSON(none_as_null=True)
TABLES = ('account', 'account_session', 'account_link', 'sign_in', 'saved_view')


def upgrade() -> None:
    """Apply."""
    op.create_table('account',
    sa.Column('id', ID, nullable=False),
    sa.Column('name', sa.String(60), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('role', sa.String(20), nullable=False),
    sa.Column('regions', DATA, nullable=False),
    sa.Column('families', DATA, nullable=False),
    sa.Column('password', sa.Text(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('signed_in_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('name')
    )
    op.create_table('account_session',
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('account_id', ID, nullable=False),
    sa.Column('csrf', sa.String(64), nullable=False),
    sa.Column('opened_at', UtcDateTime(), nullable=False),
    sa.Column('seen_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id']),
    sa.PrimaryKeyConstraint('sha256')
    )
    op.create_index('ix_account_session_account', 'account_session', ['account_id'])
    op.create_table('account_link',
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('account_id', ID, nullable=True),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('ends_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id']),
    sa.PrimaryKeyConstraint('sha256')
    )
    op.create_table('sign_in',
    sa.Column('name_sha256', sa.String(64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('failed_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('name_sha256')
    )
    op.create_table('saved_view',
    sa.Column('id', ID, nullable=False),
    sa.Column('account_id', ID, nullable=False),
    sa.Column('name', sa.String(40), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('account_id', 'name')
    )


def downgrade() -> None:
    """Undo."""
    for name in reversed(TABLES):
        op.drop_table(name)
