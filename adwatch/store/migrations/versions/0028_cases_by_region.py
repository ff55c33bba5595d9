"""Leads of one region and state, in the order of the queue, in an index that knows their day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

ORDER: list[str | sa.TextClause] = [sa.text('scope DESC'), sa.text('score DESC'), 'id']


def upgrade() -> None:
    """Apply."""
    op.create_index('ix_case_region', 'case', ['region', 'state', *ORDER, 'opened_day'])


def downgrade() -> None:
    """Undo."""
    op.drop_index('ix_case_region', 'case')
