"""Listings repeat the digest of their version, and on PostgreSQL their pages keep room for rows that are seen again"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

FILLED = 70
"""Per cent of a page that rows fill when they come to it; in the rest a changed row is written without its indexes."""


def upgrade() -> None:
    """Apply; pages that are full stay so until their rows are written again, which filling the column does once."""
    op.add_column('listing', sa.Column('shown_sha256', sa.LargeBinary(length=32), nullable=True))
    bind = op.get_bind()
    if bind.dialect.name == 'sqlite':
        driver: Any = bind.connection.driver_connection
        driver.create_function('bytes_of_hex', 1, bytes.fromhex)
        digest = 'bytes_of_hex(content_sha256)'
    else:
        op.execute(f'ALTER TABLE listing SET (fillfactor = {FILLED})')
        digest = "decode(content_sha256, 'hex')"
    op.execute(
        f'UPDATE listing SET shown_sha256 = (SELECT {digest} FROM listing_version v WHERE v.id = listing.version_id)'
    )


def downgrade() -> None:
    """Undo."""
    op.execute('ALTER TABLE listing DROP COLUMN shown_sha256')
    if op.get_bind().dialect.name != 'sqlite':
        op.execute('ALTER TABLE listing RESET (fillfactor)')
