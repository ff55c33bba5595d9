"""Listings of withdrawals and corrections that were sent, so that they are counted without reading the letters"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
EACH = {
    'sqlite': ("json_each(l.content, '$.listings') e", "json_extract(e.value, '$.listing_id')", 'lower(hex(i.key))'),
    'postgresql': ("json_array_elements(l.content -> 'listings') e", "e.value ->> 'listing_id'", "encode(i.key, 'hex')"),
}


def upgrade() -> None:
    """Apply."""
    op.create_table('takedown_mended',
    sa.Column('letter_id', ID, nullable=False),
    sa.Column('listing_id', ID, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['letter_id'], ['takedown_letter.id']),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
    sa.PrimaryKeyConstraint('letter_id', 'listing_id')
    )
    each, said, public = EACH[op.get_bind().dialect.name]
    op.execute(
        'INSERT INTO takedown_mended (letter_id, listing_id, kind)'
        f' WITH named AS (SELECT l.id, l.kind, l.takedown_id, {said} AS public_id FROM takedown_letter l, {each}'
        " WHERE l.kind IN ('withdraw', 'correct') AND l.step = 'sent' AND l.content IS NOT NULL)"
        ' SELECT DISTINCT n.id, i.id, n.kind FROM named n JOIN takedown_listing t ON t.takedown_id = n.takedown_id'
        f' JOIN listing i ON i.id = t.listing_id AND {public} = n.public_id ORDER BY n.id, i.id'
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('takedown_mended')
