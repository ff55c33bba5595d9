"""Cases of subjects, and verified removals in the order of their cases, are read out of an index alone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None

BEFORE = ('subject_id', 'scope DESC', 'score DESC', 'state', 'region', 'family')


def upgrade() -> None:
    """Apply."""
    _subject(*BEFORE, 'id')
    op.create_index('ix_verified_removal_case', 'verified_removal', ['case_id', 'listing_id'])


def downgrade() -> None:
    """Undo."""
    op.drop_index('ix_verified_removal_case', 'verified_removal')
    _subject(*BEFORE)


def _subject(*columns: str) -> None:
    op.drop_index('ix_case_subject', 'case')
    op.create_index('ix_case_subject', 'case', [sa.text(each) for each in columns])
