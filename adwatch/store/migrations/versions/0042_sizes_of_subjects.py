"""How many cases a subject has is kept beside it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column('subject', sa.Column('cases', sa.Integer(), nullable=False, server_default=sa.text('0')))
    op.execute(
        'UPDATE subject SET cases = counted.cases FROM (SELECT subject_id, count(*) AS cases FROM "case" '
        'WHERE subject_id IS NOT NULL GROUP BY subject_id) AS counted WHERE counted.subject_id = subject.id'
    )
    op.create_index('ix_subject_cases', 'subject', [sa.text('cases DESC'), 'id'])


def downgrade() -> None:
    """Undo."""
    op.drop_index('ix_subject_cases', 'subject')
    op.drop_column('subject', 'cases')
