"""Sites that imitate official look-ups: subjects, sightings, looks, marks, what official ones look like"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adwatch.store.columns import DATA, ID, WHEN

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('site',
    sa.Column('id', ID, nullable=False),
    sa.Column('kind', sa.String(15), nullable=False),
    sa.Column('name', sa.String(260), nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('first_seen_at', WHEN, nullable=False),
    sa.Column('first_day', sa.String(10), nullable=False),
    sa.Column('verdict', sa.String(20), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('why', DATA, nullable=False),
    sa.Column('families', DATA, nullable=False),
    sa.Column('about', DATA, nullable=False),
    sa.Column('word', sa.String(20), nullable=True),
    sa.Column('band', sa.String(10), nullable=True),
    sa.Column('looked_at', WHEN, nullable=True),
    sa.Column('listing_id', ID, nullable=True),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_site_listing_id_listing')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site')),
    sa.UniqueConstraint('kind', 'name', name=op.f('uq_site_kind')),
    )
    op.create_index('ix_site_listing', 'site', ['listing_id'])
    op.create_index('ix_site_looked', 'site', ['looked_at'])
    op.create_table('site_sighting',
    sa.Column('id', ID, nullable=False),
    sa.Column('key', sa.LargeBinary(16), nullable=False),
    sa.Column('site_id', ID, nullable=False),
    sa.Column('listing_id', ID, nullable=True),
    sa.Column('how', sa.String(12), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('day', sa.String(10), nullable=False),
    sa.Column('at', WHEN, nullable=False),
    sa.Column('capture_id', ID, nullable=True),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], name=op.f('fk_site_sighting_listing_id_listing')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_site_sighting_site_id_site')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_sighting')),
    sa.UniqueConstraint('key', name=op.f('uq_site_sighting_key')),
    )
    op.create_index('ix_site_sighting_site', 'site_sighting', ['site_id', 'id'])
    op.create_index('ix_site_sighting_listing', 'site_sighting', ['listing_id'])
    op.create_table('site_look',
    sa.Column('id', ID, nullable=False),
    sa.Column('site_id', ID, nullable=False),
    sa.Column('at', WHEN, nullable=False),
    sa.Column('day', sa.String(10), nullable=False),
    sa.Column('word', sa.String(20), nullable=False),
    sa.Column('gone', sa.Boolean(), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('points', DATA, nullable=False),
    sa.Column('facts', DATA, nullable=False),
    sa.Column('page_capture_id', ID, nullable=True),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_site_look_site_id_site')),
    sa.ForeignKeyConstraint(
        ['page_capture_id'], ['page_capture.id'], name=op.f('fk_site_look_page_capture_id_page_capture')
    ),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_look')),
    )
    op.create_index('ix_site_look_site', 'site_look', ['site_id', 'id'])
    op.create_table('site_mark',
    sa.Column('site_id', ID, nullable=False),
    sa.Column('kind', sa.String(12), nullable=False),
    sa.Column('value', sa.String(64), nullable=False),
    sa.Column('shown', sa.Text(), nullable=False),
    sa.Column('at', WHEN, nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_site_mark_site_id_site')),
    sa.PrimaryKeyConstraint('site_id', 'kind', 'value', name=op.f('pk_site_mark')),
    )
    op.create_index('ix_site_mark_value', 'site_mark', ['kind', 'value'])
    op.create_table('site_reference',
    sa.Column('id', ID, nullable=False),
    sa.Column('host', sa.String(260), nullable=False),
    sa.Column('at', WHEN, nullable=False),
    sa.Column('day', sa.String(10), nullable=False),
    sa.Column('prints', DATA, nullable=False),
    sa.Column('facts', DATA, nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_reference')),
    )
    op.create_index('ix_site_reference_host', 'site_reference', ['host', 'id'])


def downgrade() -> None:
    """Undo."""
    for name in ('site_reference', 'site_mark', 'site_look', 'site_sighting', 'site'):
        op.drop_table(name)
