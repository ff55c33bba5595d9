"""What is asked of cases inside limits, and of verified removals in the order of their cases, stands in an index"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None

INDEXES = (
    ('ix_case_subject', 'case', ('subject_id', 'scope DESC', 'score DESC', 'state', 'region', 'family'), ('id',)),
    ('ix_case_listing_case', 'case_listing', ('case_id',), ('listing_id',)),
    ('ix_takedown_listing', 'takedown_listing', ('listing_id',), ('takedown_id', 'word')),
)
"""Name, table, columns as they were, columns that come to them."""


def upgrade() -> None:
    """Apply."""
    for name, table, columns, more in INDEXES:
        _made(name, table, (*columns, *more))
    op.create_index('ix_verified_removal_case', 'verified_removal', ['case_id', 'listing_id'])


def downgrade() -> None:
    """Undo."""
    op.drop_index('ix_verified_removal_case', 'verified_removal')
    for name, table, columns, _ in INDEXES:
        _made(name, table, columns)


def _made(name: str, table: str, columns: tuple[str, ...]) -> None:
    op.drop_index(name, table)
    op.create_index(name, table, [sa.text(each) for each in columns])
