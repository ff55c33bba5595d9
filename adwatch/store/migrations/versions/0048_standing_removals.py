"""When what was asked to be taken down was last known to stand, by request, for what was answered as handled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

STANDING = sa.text("gone_at IS NULL")


def upgrade() -> None:
    """Apply."""
    columns = ["takedown_id", "known_at"]
    op.create_index("ix_removal_standing", "removal", columns, sqlite_where=STANDING, postgresql_where=STANDING)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_removal_standing", table_name="removal")
