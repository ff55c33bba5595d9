"""Cases of a region by day, the day in the indexes that the queue walks, registered leads without an owner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

ORDER = ("scope DESC", "score DESC", "id")
INDEXES = {
    "ix_case_state": ("state", *ORDER),
    "ix_case_reach": ("region", "family", "state", *ORDER),
    "ix_case_family": ("family", "state", *ORDER),
}
"""Columns as they were; the day comes to them."""
UNOWNED = sa.text("lead_number IS NOT NULL AND owner IS NULL")


def upgrade() -> None:
    """Apply."""
    for name, columns in INDEXES.items():
        _made(name, (*columns, "opened_day"))
    op.create_index("ix_case_region_day", "case", ["region", "opened_day", "family", "state"])
    op.create_index("ix_case_unowned", "case", ["owner", "id"], sqlite_where=UNOWNED, postgresql_where=UNOWNED)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_case_unowned", table_name="case")
    op.drop_index("ix_case_region_day", table_name="case")
    for name, columns in INDEXES.items():
        _made(name, columns)


def _made(name: str, columns: tuple[str, ...]) -> None:
    op.drop_index(name, "case")
    op.create_index(name, "case", [sa.text(each) for each in columns])
