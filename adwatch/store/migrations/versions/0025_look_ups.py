"""Look-ups by address and by seller, and leads of one platform and state, each in an index"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

ORDER: list[str | sa.TextClause] = [sa.text('scope DESC'), sa.text('score DESC'), 'id']
FLAGGED, OUTSIDE = sa.text('first_flagged_day IS NOT NULL'), sa.text("origin <> 'patrol'")
SELLERS = """SELECT c.case_id, c.listing_id, v.seller_id, v.seller_name FROM case_listing c
  JOIN listing i ON i.id = c.listing_id JOIN listing_version v ON v.id = i.version_id
  WHERE c.listing_id > :after ORDER BY c.listing_id LIMIT 5000"""


def upgrade() -> None:
    """Apply."""
    op.create_index('ix_listing_url', 'listing', ['url_norm'], sqlite_where=FLAGGED, postgresql_where=FLAGGED)
    op.create_index('ix_case_outside', 'case', ['origin'], sqlite_where=OUTSIDE, postgresql_where=OUTSIDE)
    op.drop_index('ix_case_platform', 'case')
    op.create_index('ix_case_platform', 'case', ['platform_id', 'state', *ORDER])
    tag_sellers(op.get_bind())


def tag_sellers(connection: sa.Connection) -> None:
    """Tag each case with digests of its sellers' ids and names."""
    insert = 'INSERT INTO case_tag (case_id, kind, value) VALUES (:case_id, :kind, :value) ON CONFLICT DO NOTHING'
    after = 0
    while rows := connection.execute(sa.text(SELLERS), {'after': after}).all():
        after = rows[-1].listing_id
        tags = {
            (row.case_id, each.strip()) for row in rows for each in (row.seller_id, row.seller_name) if each and each.strip()
        }
        values = [
            {'case_id': case, 'kind': 'seller', 'value': hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:32]}
            for case, name in sorted(tags)
        ]
        if values:
            connection.execute(sa.text(insert), values)


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM case_tag WHERE kind = 'seller'")
    op.drop_index('ix_case_platform', 'case')
    op.create_index('ix_case_platform', 'case', ['platform_id', *ORDER])
    op.drop_index('ix_case_outside', 'case')
    op.drop_index('ix_listing_url', 'listing')
