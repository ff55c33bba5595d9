"""How checks of a listing add up to a verified removal; what a seller is known again by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    """Apply; what was checked before is looked at again, and cases that are there get their marks at the next pass."""
    op.add_column('takedown_check', sa.Column('day', sa.String(10), nullable=True))
    op.add_column('takedown_check', sa.Column('rule', sa.String(40), nullable=True))
    op.add_column('takedown_check', sa.Column('confidence', sa.Float(), nullable=True))
    op.add_column('takedown_check', sa.Column('judged', sa.String(10), nullable=True))
    op.create_table('removal',
    sa.Column('takedown_id', ID, nullable=False),
    sa.Column('listing_id', ID, nullable=False),
    sa.Column('word', sa.String(20), nullable=False),
    sa.Column('judged', sa.String(10), nullable=True),
    sa.Column('looks', sa.Integer(), nullable=False),
    sa.Column('last_at', UtcDateTime(), nullable=False),
    sa.Column('last_day', sa.String(10), nullable=False),
    sa.Column('known_at', UtcDateTime(), nullable=True),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('due_day', sa.String(10), nullable=True),
    sa.Column('gone_at', UtcDateTime(), nullable=True),
    sa.Column('gone_day', sa.String(10), nullable=True),
    sa.Column('gone_looks', sa.Integer(), nullable=False),
    sa.Column('removed_at', UtcDateTime(), nullable=True),
    sa.Column('removed_day', sa.String(10), nullable=True),
    sa.Column('verified_at', UtcDateTime(), nullable=True),
    sa.Column('verified_day', sa.String(10), nullable=True),
    sa.Column('relisted_at', UtcDateTime(), nullable=True),
    sa.Column('relisted_day', sa.String(10), nullable=True),
    sa.Column('relisted_how', sa.String(10), nullable=True),
    sa.ForeignKeyConstraint(['takedown_id'], ['takedown.id']),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
    sa.PrimaryKeyConstraint('takedown_id', 'listing_id')
    )
    op.create_index('ix_removal_due', 'removal', ['due_day'])
    op.create_index('ix_removal_listing', 'removal', ['listing_id'])
    op.create_index('ix_removal_verified', 'removal', ['verified_day'])
    op.create_table('offer_mark',
    sa.Column('kind', sa.String(10), nullable=False),
    sa.Column('value', sa.String(64), nullable=False),
    sa.Column('listing_id', ID, nullable=False),
    sa.Column('case_id', ID, nullable=False),
    sa.Column('opened_day', sa.String(10), nullable=False),
    sa.Column('removed_day', sa.String(10), nullable=True),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('kind', 'value', 'listing_id')
    )
    op.create_index('ix_mark_listing', 'offer_mark', ['listing_id'])
    op.create_index('ix_mark_opened', 'offer_mark', ['kind', 'value', 'opened_day'])
    op.create_index('ix_mark_removed', 'offer_mark', ['kind', 'value', 'removed_day'])


def downgrade() -> None:
    """Undo."""
    op.drop_table('offer_mark')
    op.drop_table('removal')
    with op.batch_alter_table('takedown_check') as batch:
        for name in ('judged', 'confidence', 'rule', 'day'):
            batch.drop_column(name)
