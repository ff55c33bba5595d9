"""Keyword lists as verdicts were made with them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('keyword_list',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('effective_from', sa.String(length=10), nullable=False),
    sa.Column('effective_to', sa.String(length=10), nullable=True),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approved_on', sa.String(length=10), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('sha256')
    )
    op.create_table('keyword_set',
    sa.Column('keyword_versions', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['sha256'], ['keyword_list.sha256'], ),
    sa.PrimaryKeyConstraint('keyword_versions', 'name')
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('keyword_set')
    op.drop_table('keyword_list')
