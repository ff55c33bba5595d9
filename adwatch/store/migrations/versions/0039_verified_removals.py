"""Verified removals of listings, kept a row each as the tables count them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    """Apply; those of requests that were sent before are made by whoever next looks at what is due."""
    op.create_table('verified_removal',
    sa.Column('listing_id', ID, nullable=False),
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('earlier', sa.String(length=10), nullable=True),
    sa.Column('turn', ID, nullable=False),
    sa.Column('case_id', ID, nullable=False),
    sa.Column('scope', sa.Text(), nullable=True),
    sa.Column('types', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
    sa.PrimaryKeyConstraint('listing_id', 'day')
    )
    columns = ['day', 'scope', 'earlier', 'case_id', 'listing_id']
    op.create_index('ix_verified_removal_day', 'verified_removal', columns)
    op.execute(
        'INSERT INTO life_line_due (takedown_id) SELECT id FROM takedown WHERE sent_at IS NOT NULL'
        ' AND id NOT IN (SELECT takedown_id FROM life_line_due) ORDER BY id'
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index('ix_verified_removal_day', 'verified_removal')
    op.drop_table('verified_removal')
