"""Documents that the search index refused, with its reason"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('refused_document',
    sa.Column('listing_id', number, autoincrement=False, nullable=False),
    sa.Column('version', number, nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('listing_id')
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('refused_document')
