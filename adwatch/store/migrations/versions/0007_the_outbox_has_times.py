"""Rows of the outbox say since when they wait; how far a rebuild of the search index has come"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

SQLITE_NOW = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
"""To the millisecond, as the store writes times."""


def upgrade() -> None:
    """Apply; a row that waits already waits since now."""
    if op.get_bind().dialect.name == 'sqlite':
        _new_table_on_sqlite()
    else:
        op.execute('ALTER TABLE outbox ADD COLUMN enqueued_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL')
    number = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
    op.create_table('index_rebuild',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('form', sa.String(length=40), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('version', number, nullable=False),
    sa.Column('listing_id', number, nullable=False),
    sa.PrimaryKeyConstraint('name')
    )


def _new_table_on_sqlite() -> None:
    """SQLite adds no column whose default is a clock; the numbers go on where they stood."""
    op.execute(
        'CREATE TABLE outbox_new (seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, listing_id INTEGER NOT NULL,'
        f' enqueued_at DATETIME DEFAULT ({SQLITE_NOW}) NOT NULL)'
    )
    op.execute('INSERT INTO outbox_new (seq, listing_id) SELECT seq, listing_id FROM outbox')
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'outbox_new'")
    op.execute("INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox_new', seq FROM sqlite_sequence WHERE name = 'outbox'")
    op.execute('DROP TABLE outbox')
    op.execute('ALTER TABLE outbox_new RENAME TO outbox')


def downgrade() -> None:
    """Undo."""
    op.drop_table('index_rebuild')
    op.execute('ALTER TABLE outbox DROP COLUMN enqueued_at')
