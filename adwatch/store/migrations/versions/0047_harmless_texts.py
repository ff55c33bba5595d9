"""What was asked to be taken down and says now what is no offer, found without reading every removal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

CLEARED = sa.text("word = 'changed' AND judged = 'clear'")


def upgrade() -> None:
    """Apply."""
    columns = ["takedown_id", "listing_id"]
    op.create_index("ix_removal_cleared", "removal", columns, sqlite_where=CLEARED, postgresql_where=CLEARED)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_removal_cleared", table_name="removal")
