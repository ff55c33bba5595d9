"""Sites by what is shown of them, newest first; those not looked at and those without a case in indexes of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

UNSEEN, FREE = sa.text('looked_at IS NULL'), sa.text('listing_id IS NULL')


def upgrade() -> None:
    """Apply."""
    op.create_index('ix_site_band', 'site', ['band', 'id'])
    op.create_index('ix_site_unseen', 'site', ['id'], sqlite_where=UNSEEN, postgresql_where=UNSEEN)
    op.create_index('ix_site_free', 'site', ['band', 'id'], sqlite_where=FREE, postgresql_where=FREE)


def downgrade() -> None:
    """Undo."""
    for name in ('ix_site_free', 'ix_site_unseen', 'ix_site_band'):
        op.drop_index(name, 'site')
