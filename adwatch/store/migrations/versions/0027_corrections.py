"""What a reviewer corrects of the machine's reading is part of the decision"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.columns import DATA

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

TABLES = ('decision', 'second_finding')


def upgrade() -> None:
    """Apply."""
    for table in TABLES:
        op.add_column(table, sa.Column('corrected', DATA, nullable=True))


def downgrade() -> None:
    """Undo."""
    for table in TABLES:
        op.drop_column(table, 'corrected')
