"""Cases repeat what a queue is chosen by; tags and links of cases; files that belong to something"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from adwatch.store.times import UtcDateTime

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
COLUMNS: dict[str, Any] = {
    'platform_id': ID,
    'band': sa.String(10),
    'tier': sa.String(10),
    'region': sa.Text(),
    'owner': sa.String(60),
    'campaign': sa.String(60),
    'subject_id': ID,
    'leased_by': sa.Text(),
    'leased_until': UtcDateTime(),
    'updated_at': UtcDateTime(),
}
INDEXES = (
    *('ix_case_queue', 'ix_case_state', 'ix_case_platform', 'ix_case_owner', 'ix_case_campaign', 'ix_case_subject'),
    *('ix_case_region', 'ix_case_day'),
)
PAGE = 2000


def upgrade() -> None:
    """Apply; the columns and tags of cases that are there are filled from the newest verdict on each listing."""
    op.drop_index('ix_case_state', 'case')
    with op.batch_alter_table('case') as batch:
        for name, kind in COLUMNS.items():
            batch.add_column(sa.Column(name, kind, nullable=True))
        batch.add_column(sa.Column('origin', sa.String(20), nullable=False, server_default='patrol'))
        batch.create_foreign_key('fk_case_platform', 'platform', ['platform_id'], ['id'])
    order: list[Any] = [sa.text('scope DESC'), sa.text('score DESC'), 'id']
    op.create_index('ix_case_queue', 'case', order)
    op.create_index('ix_case_state', 'case', ['state', *order])
    op.create_index('ix_case_platform', 'case', ['platform_id', *order])
    op.create_index('ix_case_owner', 'case', ['owner', 'state'])
    op.create_index('ix_case_campaign', 'case', ['campaign'])
    op.create_index('ix_case_region', 'case', ['region'])
    op.create_index('ix_case_day', 'case', ['opened_day'])
    op.create_index('ix_case_subject', 'case', ['subject_id'])
    op.create_table('case_tag',
    sa.Column('case_id', ID, nullable=False),
    sa.Column('kind', sa.String(10), nullable=False),
    sa.Column('value', sa.String(64), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.PrimaryKeyConstraint('case_id', 'kind', 'value')
    )
    op.create_table('case_link',
    sa.Column('case_id', ID, nullable=False),
    sa.Column('other_id', ID, nullable=False),
    sa.Column('kind', sa.String(20), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('detail', sa.JSON(none_as_null=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id']),
    sa.ForeignKeyConstraint(['other_id'], ['case.id']),
    sa.PrimaryKeyConstraint('case_id', 'other_id', 'kind')
    )
    op.create_index('ix_case_link_other', 'case_link', ['other_id'])
    op.create_table('attachment',
    sa.Column('id', ID, nullable=False),
    sa.Column('sha256', sa.String(64), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.String(120), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('subject', sa.String(20), nullable=False),
    sa.Column('subject_id', ID, nullable=False),
    sa.Column('kind', sa.String(30), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_attachment_subject', 'attachment', ['subject', 'subject_id'])
    op.create_index('ix_attachment_sha256', 'attachment', ['sha256'])
    for rows, tags in _known():
        op.get_bind().execute(
            sa.text(
                'UPDATE "case" SET platform_id = :platform_id, band = :band, tier = :tier, region = :region'
                ' WHERE id = :case_id'
            ),
            rows,
        )
        if tags:
            op.get_bind().execute(sa.text('INSERT INTO case_tag VALUES (:case_id, :kind, :value)'), tags)
    op.create_index('ix_case_tag_value', 'case_tag', ['kind', 'value', 'case_id'])


def _known() -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """(columns, tags) of the cases, page by page: of the current version where it has a verdict, else the last that has."""
    bind = op.get_bind()
    query = sa.text(
        'SELECT l.case_id, i.platform_id, v.seller_region AS region, d.band, d.tier, d.detail'
        ' FROM case_listing l JOIN listing i ON i.id = l.listing_id JOIN listing_version v ON v.listing_id = i.id'
        ' LEFT JOIN verdict d ON d.version_id = v.id'
        ' WHERE l.case_id > :after AND l.case_id <= :to'
        ' ORDER BY l.case_id, (d.band IS NOT NULL), (v.id = i.version_id), v.id, d.classifier_id'
    )
    newest = bind.scalar(sa.text('SELECT max(id) FROM "case"')) or 0
    for after in range(0, newest, PAGE):
        last: dict[int, Any] = {}
        for row in bind.execute(query, {'after': after, 'to': after + PAGE}):
            last[row.case_id] = row
        if not last:
            continue
        names = ('case_id', 'platform_id', 'band', 'tier', 'region')
        tags: set[tuple[int, str, str]] = set()
        for row in last.values():
            detail = json.loads(row.detail) if isinstance(row.detail, str) else row.detail or {}
            tags |= {(row.case_id, 'class', each) for each in detail.get('types', ())}
            tags |= {(row.case_id, 'family', each) for each in detail.get('families', ())}
        yield (
            [{name: getattr(row, name) for name in names} for row in last.values()],
            [dict(zip(('case_id', 'kind', 'value'), tag, strict=True)) for tag in sorted(tags)],
        )


def downgrade() -> None:
    """Undo."""
    for name in ('attachment', 'case_link', 'case_tag'):
        op.drop_table(name)
    for name in INDEXES:
        op.drop_index(name, 'case')
    with op.batch_alter_table('case') as batch:
        batch.drop_constraint('fk_case_platform', type_='foreignkey')
        for name in (*COLUMNS, 'origin'):
            batch.drop_column(name)
    op.create_index('ix_case_state', 'case', ['state', 'score'])
