"""Cases and their tags name what a person corrected; what was decided on keeps the families too"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from adwatch.store.columns import DATA

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

case = sa.table('case', sa.column('id'), sa.column('state'), sa.column('scope'), sa.column('family'))
link = sa.table(
    *('case_listing', sa.column('listing_id'), sa.column('case_id'), sa.column('decided_version_id')),
    sa.column('decided_families', DATA),
)
decision = sa.table('decision', sa.column('id'), sa.column('case_id'), sa.column('corrected', DATA))
verdict = sa.table(
    *('verdict', sa.column('version_id'), sa.column('classifier_id'), sa.column('band'), sa.column('detail', DATA))
)
tag = sa.table('case_tag', sa.column('case_id'), sa.column('kind'), sa.column('value'))
outbox = sa.table('outbox', sa.column('listing_id'))
STANDING = ('confirmed', 'closed')


def upgrade() -> None:
    """Apply."""
    op.add_column('case_listing', sa.Column('decided_families', DATA, nullable=True))
    connection = op.get_bind()
    _fill(connection)
    last = sa.select(sa.func.max(decision.c.id)).group_by(decision.c.case_id)
    query = sa.select(decision.c.case_id, decision.c.corrected).join(case, case.c.id == decision.c.case_id)
    query = query.where(decision.c.id.in_(last), decision.c.corrected.is_not(None), case.c.state.in_(STANDING))
    for case_id, corrected in connection.execute(query).all():
        _hold(connection, case_id, corrected or {})


def downgrade() -> None:
    """Undo; scope and tags stay as they were corrected until a classifier speaks of the listing again."""
    op.drop_column('case_listing', 'decided_families')


def _fill(connection: sa.Connection) -> None:
    """The families of the newest verdict on the version that was decided on, in pieces: there may be many."""
    after = 0
    while True:
        some = sa.select(link.c.listing_id, link.c.decided_version_id)
        some = some.where(link.c.decided_version_id.is_not(None), link.c.listing_id > after)
        rows = connection.execute(some.order_by(link.c.listing_id).limit(500)).all()
        if not rows:
            return
        after = rows[-1].listing_id
        versions = [row.decided_version_id for row in rows]
        known = sa.select(verdict).where(verdict.c.version_id.in_(versions)).order_by(verdict.c.classifier_id)
        newest: dict[int, Any] = {row.version_id: row for row in connection.execute(known)}
        for row in rows:
            found = newest.get(row.decided_version_id)
            flagged = found is not None and found.band == 'flagged'
            families = sorted((found.detail or {}).get('families', ())) if found is not None and flagged else []
            here = sa.update(link).where(link.c.listing_id == row.listing_id)
            connection.execute(here.values(decided_families=families))


def _hold(connection: sa.Connection, case_id: int, corrected: dict[str, Any]) -> None:
    if 'scope' in corrected:
        connection.execute(sa.update(case).where(case.c.id == case_id).values(scope=corrected['scope']))
    for kind, name in (('class', 'types'), ('family', 'families')):
        if name in corrected:
            connection.execute(sa.delete(tag).where(tag.c.case_id == case_id, tag.c.kind == kind))
            rows = [{'case_id': case_id, 'kind': kind, 'value': value} for value in sorted(set(corrected[name]))]
            connection.execute(sa.insert(tag), rows)
    if 'families' in corrected:
        families = sorted(set(corrected['families']))
        value = '*' if len(families) > 1 else families[0]
        connection.execute(sa.update(case).where(case.c.id == case_id).values(family=value))
    listings = connection.scalars(sa.select(link.c.listing_id).where(link.c.case_id == case_id)).all()
    connection.execute(sa.insert(outbox), [{'listing_id': each} for each in listings])
