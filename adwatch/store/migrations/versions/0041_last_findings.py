"""A case's last finding lies in the index of its findings: figures ask for it of tens of thousands of cases"""

from __future__ import annotations

from alembic import op

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    of_case('case_id', 'id', 'result')


def of_case(*columns: str) -> None:
    """The index of a case's findings."""
    op.drop_index('ix_decision_case', 'decision')
    op.create_index('ix_decision_case', 'decision', list(columns))


def downgrade() -> None:
    """Undo."""
    of_case('case_id')
