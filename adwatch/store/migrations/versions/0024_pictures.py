"""Pictures of listings: what is read of each, their addresses, the versions that were gone through."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.columns import DATA, ID

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('picture',
    sa.Column('id', ID, nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('word', sa.String(20), nullable=False),
    sa.Column('same_as', ID, nullable=True),
    sa.Column('capture_id', ID, nullable=False),
    sa.Column('phash', sa.String(16), nullable=True),
    *(sa.Column(f'hash_{at}', sa.Integer(), nullable=True) for at in range(4)),
    sa.Column('width', sa.Integer(), nullable=True),
    sa.Column('height', sa.Integer(), nullable=True),
    sa.Column('format', sa.String(8), nullable=True),
    sa.Column('reader', sa.String(80), nullable=True),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('spans', DATA, nullable=True),
    sa.Column('codes', DATA, nullable=True),
    sa.ForeignKeyConstraint(['same_as'], ['picture.id'], name=op.f('fk_picture_same_as_picture')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_picture')),
    sa.UniqueConstraint('sha256', name=op.f('uq_picture_sha256')),
    )
    for at in range(4):
        op.create_index(f'ix_picture_hash_{at}', 'picture', [f'hash_{at}'])
    op.create_table('picture_address',
    sa.Column('id', ID, nullable=False),
    sa.Column('key', sa.LargeBinary(16), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('platform_id', ID, nullable=False),
    sa.Column('word', sa.String(20), nullable=False),
    sa.Column('picture_id', ID, nullable=True),
    sa.Column('day', sa.String(10), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['platform_id'], ['platform.id'], name=op.f('fk_picture_address_platform_id_platform')),
    sa.ForeignKeyConstraint(['picture_id'], ['picture.id'], name=op.f('fk_picture_address_picture_id_picture')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_picture_address')),
    sa.UniqueConstraint('key', name=op.f('uq_picture_address_key')),
    )
    op.create_index('ix_picture_address_day', 'picture_address', ['day', 'platform_id'])
    op.create_table('picture_version',
    sa.Column('version_id', ID, autoincrement=False, nullable=False),
    sa.Column('day', sa.String(10), nullable=False),
    sa.Column('state', sa.String(10), nullable=False),
    sa.PrimaryKeyConstraint('version_id', name=op.f('pk_picture_version')),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table('picture_version')
    op.drop_table('picture_address')
    op.drop_table('picture')
