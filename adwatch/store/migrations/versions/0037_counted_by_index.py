"""What is counted lies in indexes: looks by listing and by day, cases of a subject with whose they are"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

GONE_BY_CAPTURE = sa.text("word = 'gone' AND capture_id IS NOT NULL")
GONE_BY_TIME = sa.text("word = 'gone' AND capture_id IS NULL")
UNSENT = sa.text('sent_at IS NULL')


def upgrade() -> None:
    """Apply."""
    op.execute(
        'UPDATE takedown_check SET day = (SELECT c.day FROM capture c WHERE c.id = takedown_check.capture_id) '
        'WHERE day IS NULL AND capture_id IS NOT NULL'
    )
    op.drop_index('ix_takedown_check_listing', 'takedown_check')
    columns = ['listing_id', 'id', 'word', 'at', 'day', 'capture_id', 'takedown_id']
    op.create_index('ix_takedown_check_listing', 'takedown_check', columns)
    for name, column, where in (
        ('ix_takedown_check_gone_day', 'day', GONE_BY_CAPTURE),
        ('ix_takedown_check_gone_at', 'at', GONE_BY_TIME),
    ):
        op.create_index(name, 'takedown_check', [column, 'listing_id'], sqlite_where=where, postgresql_where=where)
    op.create_index('ix_takedown_unsent', 'takedown', ['id'], sqlite_where=UNSENT, postgresql_where=UNSENT)
    of_subject('region', 'family')
    of_account('account_id', 'listing_id')


def of_subject(*more: str) -> None:
    """The index of a subject's cases, with further columns."""
    op.drop_index('ix_case_subject', 'case')
    columns = ('subject_id', 'scope DESC', 'score DESC', 'state', *more)
    op.create_index('ix_case_subject', 'case', [sa.text(each) for each in columns])


def of_account(*columns: str) -> None:
    """The index of an account's listings."""
    op.drop_index('ix_subject_member_account', 'subject_member')
    op.create_index('ix_subject_member_account', 'subject_member', list(columns))


def downgrade() -> None:
    """Undo."""
    of_account('account_id')
    of_subject()
    op.drop_index('ix_takedown_unsent', 'takedown')
    op.drop_index('ix_takedown_check_gone_at', 'takedown_check')
    op.drop_index('ix_takedown_check_gone_day', 'takedown_check')
    op.drop_index('ix_takedown_check_listing', 'takedown_check')
    op.create_index('ix_takedown_check_listing', 'takedown_check', ['listing_id'])
