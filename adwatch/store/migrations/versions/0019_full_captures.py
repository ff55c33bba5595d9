"""Full captures: pages as they were rendered, or why they were not"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
DATA = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Apply."""
    op.create_table('page_capture',
    sa.Column('id', ID, nullable=False),
    sa.Column('listing_id', ID, nullable=False),
    sa.Column('case_id', ID, nullable=False),
    sa.Column('occasion', sa.String(20), nullable=False),
    sa.Column('ref', ID, nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=False),
    sa.Column('day', sa.String(10), nullable=False),
    sa.Column('host', sa.String(260), nullable=False),
    sa.Column('state', sa.String(10), nullable=False),
    sa.Column('reason', sa.String(20), nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('retry_at', UtcDateTime(), nullable=True),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.Column('facts', DATA, nullable=False),
    sa.Column('files', DATA, nullable=False),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('listing_id', 'occasion', 'ref', 'attempt')
    )
    op.create_index('ix_page_capture_case', 'page_capture', ['case_id', 'id'])
    op.create_index('ix_page_capture_day', 'page_capture', ['day', 'host'])


def downgrade() -> None:
    """Undo."""
    op.drop_table('page_capture')
