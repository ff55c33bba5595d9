"""Cases of a subject in the order of the queue, with their states: its first and its number without reading cases"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_index('ix_case_subject', 'case')
    columns = ('subject_id', 'scope DESC', 'score DESC', 'state')
    op.create_index('ix_case_subject', 'case', [sa.text(each) for each in columns])


def downgrade() -> None:
    """Undo."""
    op.drop_index('ix_case_subject', 'case')
    op.create_index('ix_case_subject', 'case', ['subject_id'])
