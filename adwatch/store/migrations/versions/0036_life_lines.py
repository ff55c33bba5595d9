"""Life lines of what was asked to be removed, kept for each request as the clocks and the stay-down count them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    """Apply; those of requests that were sent before are made by whoever next looks at what is due."""
    op.create_table('life_line',
    sa.Column('takedown_id', ID, nullable=False),
    sa.Column('platform_id', ID, nullable=False),
    sa.Column('made', sa.String(length=80), nullable=False),
    sa.Column('lines', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id']),
    sa.ForeignKeyConstraint(['takedown_id'], ['takedown.id']),
    sa.PrimaryKeyConstraint('takedown_id')
    )
    op.create_index('ix_life_line_made', 'life_line', ['made'])
    op.create_table('life_line_due',
    sa.Column('seq', ID, nullable=False),
    sa.Column('takedown_id', ID, nullable=False),
    sa.PrimaryKeyConstraint('seq'),
    sqlite_autoincrement=True
    )
    op.create_table('life_line_reach',
    sa.Column('id', ID, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('region', sa.Text(), nullable=True),
    sa.Column('families', sa.JSON(none_as_null=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.execute('INSERT INTO life_line_due (takedown_id) SELECT id FROM takedown WHERE sent_at IS NOT NULL ORDER BY id')


def downgrade() -> None:
    """Undo."""
    op.drop_table('life_line_reach')
    op.drop_table('life_line_due')
    op.drop_index('ix_life_line_made', 'life_line')
    op.drop_table('life_line')
