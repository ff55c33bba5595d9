"""Listings that are back by when they came back, few among all removed; findings by their time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

BACK = sa.text('relisted_at IS NOT NULL')


def upgrade() -> None:
    """Apply."""
    newest = [sa.text('relisted_at DESC'), sa.text('listing_id')]
    op.create_index('ix_removal_back', 'removal', newest, sqlite_where=BACK, postgresql_where=BACK)
    op.create_index('ix_decision_at', 'decision', ['at', 'case_id'])


def downgrade() -> None:
    """Undo."""
    op.drop_index('ix_decision_at', 'decision')
    op.drop_index('ix_removal_back', 'removal')
