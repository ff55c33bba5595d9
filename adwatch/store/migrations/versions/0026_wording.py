"""Bands of wording: what is back in nearly the same words"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.columns import ID

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('offer_band',
    sa.Column('band', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('listing_id', ID, nullable=False),
    sa.Column('case_id', ID, nullable=False),
    sa.Column('opened_day', sa.String(10), nullable=False),
    sa.Column('removed_day', sa.String(10), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_offer_band_case_id_case')),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_offer_band_listing_id_listing')),
    sa.PrimaryKeyConstraint('band', 'listing_id', name=op.f('pk_offer_band')),
    )
    op.create_index('ix_band_listing', 'offer_band', ['listing_id'])
    op.create_index('ix_band_opened', 'offer_band', ['band', 'opened_day'])
    op.create_index('ix_band_removed', 'offer_band', ['band', 'removed_day'])
    op.create_index('ix_band_age', 'offer_band', ['removed_day', 'opened_day'])


def downgrade() -> None:
    """Undo."""
    op.drop_table('offer_band')
