"""Budgets of a day: requests taken, by name and day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('budget_use',
    sa.Column('name', sa.String(120), nullable=False),
    sa.Column('day', sa.String(10), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', 'day', name=op.f('pk_budget_use')),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('budget_use')
