"""What of letters and transfers that went out was found otherwise since."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.columns import DATA, ID
from adwatch.store.times import UtcDateTime

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('differing',
    sa.Column('id', ID, nullable=False),
    sa.Column('paper', sa.String(20), nullable=False),
    sa.Column('paper_id', ID, nullable=False),
    sa.Column('number', sa.String(40), nullable=False),
    sa.Column('case_id', ID, nullable=False),
    sa.Column('listing_id', ID, nullable=True),
    sa.Column('seq', sa.Integer(), nullable=True),
    sa.Column('said', DATA, nullable=False),
    sa.Column('holds', DATA, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('how', sa.String(20), nullable=True),
    sa.Column('person', sa.Text(), nullable=True),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_differing_case_id_case')),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_differing_listing_id_listing')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_differing')),
    )
    op.create_index('ix_differing_case', 'differing', ['case_id'])
    op.create_index('ix_differing_paper', 'differing', ['paper', 'paper_id'])
    still = sa.text('ended_at IS NULL')
    op.create_index('ix_differing_open', 'differing', ['number', 'case_id'], sqlite_where=still, postgresql_where=still)


def downgrade() -> None:
    """Undo."""
    op.drop_table('differing')
