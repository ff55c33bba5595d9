"""Registered leads by age: what is due first is found without reading the others"""

from __future__ import annotations

from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index('ix_case_registered', 'case', ['state', 'registered_at'])


def downgrade() -> None:
    """Undo."""
    op.drop_index('ix_case_registered', 'case')
