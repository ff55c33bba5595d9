"""Sites (and apps, accounts) that may imitate an official look-up: met, looked at, marked; what hangs together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.models import Evidence, Verdict
from adwatch.store import schema as s
from adwatch.store.listings import StoredVersion
from adwatch.store.opening import chunks
from adwatch.tables.site_rules import KINDS

Row = dict[str, Any]
SAYS = "· "
"""How a line of a site's listing begins that is a reason: the verdict's evidence points there."""


def _insert(connection: Connection) -> Any:
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert


def keep_site(connection: Connection, kind: str, name: str, **values: Any) -> tuple[Row, bool]:
    """The site of that name, made when new; (row, whether it was new)."""
    statement = _insert(connection)(s.site).values(kind=kind, name=name, **values).on_conflict_do_nothing()
    new = connection.scalar(statement.returning(s.site.c.id)) is not None
    found = connection.execute(select(s.site).where(s.site.c.kind == kind, s.site.c.name == name)).one()
    return dict(found._mapping), new


def keep_sighting(connection: Connection, site_id: int, listing_id: int | None, how: str, **values: Any) -> bool:
    """Where a site was met; False where that is known. ``values``: address, day, at, capture_id, detail."""
    told = f"{site_id}\0{listing_id}\0{how}\0{values['address']}"
    row = {"key": hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()[:16], "site_id": site_id}
    statement = _insert(connection)(s.site_sighting).values(**row, listing_id=listing_id, how=how, **values)
    return connection.scalar(statement.on_conflict_do_nothing().returning(s.site_sighting.c.id)) is not None


def change_site(connection: Connection, site_id: int, **values: Any) -> None:
    """Change what is known of a site."""
    connection.execute(update(s.site).where(s.site.c.id == site_id).values(**values))


def think(connection: Connection, site_id: int, band: str, **values: Any) -> bool:
    """Set what a look thinks of a site; False where it would undo what a person or another look has settled."""
    free = or_(s.site.c.band.is_(None), s.site.c.band.not_in(("flagged", "dismissed")), literal(band == "flagged"))
    statement = update(s.site).where(s.site.c.id == site_id, free).values(band=band, **values)
    return connection.execute(statement.returning(s.site.c.id)).first() is not None


def settle(connection: Connection, site_id: int, before: str | None, to: str, about: Row) -> bool:
    """Set the band that a person chose, if it is still what they saw; False where somebody else was first."""
    seen = s.site.c.band.is_(None) if before is None else s.site.c.band == before
    statement = update(s.site).where(s.site.c.id == site_id, seen).values(band=to, about=about)
    return connection.execute(statement.returning(s.site.c.id)).first() is not None


def sites(
    connection: Connection,
    *,
    ids: Iterable[int] | None = None,
    listings: Iterable[int] | None = None,
    name: str | None = None,
    limit: int | None = None,
) -> list[Row]:
    """Sites with ``case_id``, ``lead_number``, ``state`` of their case; suspected ones first, then by score."""
    link, case = s.case_listing, s.case
    query = (
        select(s.site, case.c.id.label("case_id"), case.c.lead_number, case.c.state)
        .outerjoin(link, link.c.listing_id == s.site.c.listing_id)
        .outerjoin(case, case.c.id == link.c.case_id)
        .order_by(case.c.id.is_(None), s.site.c.score.desc(), s.site.c.id)
    )
    if name is not None:
        query = query.where(s.site.c.name == name)
    if limit is not None:
        query = query.limit(limit)
    wanted = [(s.site.c.id, ids), (s.site.c.listing_id, listings)]
    given = [(column, sorted(set(values))) for column, values in wanted if values is not None]
    if not given:
        return [_plain(row) for row in connection.execute(query)]
    column, numbers = given[0]
    rows = [row for part in chunks(numbers) for row in connection.execute(query.where(column.in_(part)))]
    return [_plain(row) for row in rows]


def sites_of_cases(connection: Connection, case_ids: Iterable[int]) -> list[Row]:
    """Sites that are what some cases are about."""
    link = s.case_listing
    listings: list[int] = []
    for ids in chunks(case_ids):
        listings += connection.scalars(select(link.c.listing_id).where(link.c.case_id.in_(ids)))
    return sites(connection, listings=listings) if listings else []


def sightings_of(connection: Connection, site_ids: Iterable[int]) -> list[Row]:
    """Sightings with platform, stable key and case of the listing they were made in, oldest first."""
    seen, item, link = s.site_sighting, s.listing, s.case_listing
    query = (
        select(seen, item.c.key.label("listing_key"), s.platform.c.name.label("platform"), link.c.case_id)
        .outerjoin(item, item.c.id == seen.c.listing_id)
        .outerjoin(s.platform, s.platform.c.id == item.c.platform_id)
        .outerjoin(link, link.c.listing_id == seen.c.listing_id)
        .order_by(seen.c.id)
    )
    return [
        _plain(row) for part in chunks(site_ids) for row in connection.execute(query.where(seen.c.site_id.in_(part)))
    ]


def add_look(connection: Connection, **values: Any) -> int:
    """Append a look; gives its number."""
    return int(connection.scalar(s.site_look.insert().values(**values).returning(s.site_look.c.id)) or 0)


def looks_of(connection: Connection, site_ids: Iterable[int]) -> dict[int, list[Row]]:
    """Looks by site, oldest first."""
    found: dict[int, list[Row]] = {}
    for part in chunks(site_ids):
        query = select(s.site_look).where(s.site_look.c.site_id.in_(part)).order_by(s.site_look.c.id)
        for row in connection.execute(query):
            found.setdefault(row.site_id, []).append(_plain(row))
    return found


def add_marks(connection: Connection, site_id: int, marks: Iterable[tuple[str, str, str]], now: datetime) -> None:
    """Keep what a site shows: (kind, digest, as it may be shown)."""
    for kind, value, shown in marks:
        row = {"site_id": site_id, "kind": kind, "value": value, "shown": shown[:300], "at": now}
        connection.execute(_insert(connection)(s.site_mark).values(**row).on_conflict_do_nothing())


def marks_of(connection: Connection, site_ids: Iterable[int]) -> list[Row]:
    """Marks of sites."""
    m = s.site_mark
    order = (m.c.kind, m.c.value, m.c.site_id)
    return [
        _plain(row)
        for part in chunks(site_ids)
        for row in connection.execute(select(m).where(m.c.site_id.in_(part)).order_by(*order))
    ]


def sites_with(connection: Connection, marks: Sequence[Row], most: int) -> set[int]:
    """Sites that hold one of the marks; a value that more than ``most`` hold says nothing and is left out."""
    found: set[int] = set()
    for mark in marks:
        query = select(s.site_mark.c.site_id).where(
            s.site_mark.c.kind == mark["kind"], s.site_mark.c.value == mark["value"]
        )
        held = list(connection.scalars(query.limit(most + 1)))
        if len(held) <= most:
            found.update(held)
    return found


def add_reference(connection: Connection, **values: Any) -> None:
    """Keep what an official site looks like."""
    connection.execute(s.site_reference.insert().values(**values))


def references(connection: Connection) -> list[Row]:
    """The newest capture of each official host."""
    r = s.site_reference
    newest = select(func.max(r.c.id)).group_by(r.c.host)
    return [_plain(row) for row in connection.execute(select(r).where(r.c.id.in_(newest)).order_by(r.c.host))]


def watermark(connection: Connection) -> int:
    """Up to which version the texts of listings were read for addresses."""
    return int(connection.scalar(select(s.counter.c.value).where(s.counter.c.name == "sites:read")) or 0)


def set_watermark(connection: Connection, version: int) -> None:
    """Remember it."""
    statement = _insert(connection)(s.counter).values(name="sites:read", value=version)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": version}))


ENTRIES = "sites"
"""The source in which sites have their entries: a listing of it is one before its site points there."""


def _entries() -> Any:
    """Listings that are the entries of sites."""
    joined = s.listing.join(s.platform, s.platform.c.id == s.listing.c.platform_id)
    return select(s.listing.c.id).select_from(joined).where(s.platform.c.name == ENTRIES)


def entry_version(connection: Connection, listing_id: int) -> StoredVersion:
    """The newest version of an entry."""
    v = s.listing_version.c
    query = select(v.id, v.listing_id, v.title, v.text, v.day).where(v.listing_id == listing_id)
    return StoredVersion(*connection.execute(query.order_by(v.id.desc()).limit(1)).one())


def versions_after(connection: Connection, after: int, limit: int) -> list[Any]:
    """Versions behind a number, but for entries of sites: id, listing, day, words, links, kind, address, band."""
    v, d, item = s.listing_version, s.verdict, s.listing
    page = select(v.c.id).where(v.c.id > after, v.c.listing_id.not_in(_entries()))
    page = page.order_by(v.c.id).limit(limit)
    newest = select(func.max(d.c.classifier_id)).where(d.c.version_id == v.c.id).correlate(v).scalar_subquery()
    query = (
        select(v.c.id, v.c.listing_id, v.c.day, v.c.title, v.c.text, v.c.links, v.c.kind, item.c.url, d.c.band)
        .join(item, item.c.id == v.c.listing_id)
        .outerjoin(d, (d.c.version_id == v.c.id) & (d.c.classifier_id == newest))
        .where(v.c.id.in_(page))
        .order_by(v.c.id)
    )
    return list(connection.execute(query))


def entry_name(kind: str, name: str) -> str:
    """Native id of the entry of a site."""
    return name if kind == "site" else f"{kind}:{name}"


def verdicts_of_sites(connection: Connection, versions: Sequence[Any]) -> dict[int, Verdict]:
    """Verdicts of versions (by id) that are entries of sites: what is thought of the site, not of the words.

    Found by the entry's name, not by the site's mark: another worker may judge an entry before its site points to it.
    """
    item, listings = s.listing, {version.listing_id for version in versions}
    named: dict[str, int] = {}
    for ids in chunks(listings):
        query = select(item.c.native_id, item.c.id).join(s.platform, s.platform.c.id == item.c.platform_id)
        rows = connection.execute(query.where(item.c.id.in_(ids), s.platform.c.name == ENTRIES))
        named.update((row.native_id, row.id) for row in rows)
    found: dict[int, Row] = {}
    names = sorted({name.removeprefix(f"{kind}:") for name in named for kind in KINDS})
    for at in range(0, len(names), 500):
        for row in connection.execute(select(s.site).where(s.site.c.name.in_(names[at : at + 500]))):
            if (entry := entry_name(row.kind, row.name)) in named:
                found[named[entry]] = _plain(row)
    return {each.id: _verdict(found[each.listing_id], each) for each in versions if each.listing_id in found}


def _verdict(site: Mapping[str, Any], version: Any) -> Verdict:
    """The reasons stand as lines in the entry's text; the score is that of a person's certainty, not a probability."""
    whole = f"{version.title or ''}\n{version.text or ''}"
    evidence, at = [], 0
    for line in whole.split("\n"):
        if line.startswith(SAYS):
            start = at + len(SAYS)
            evidence.append(Evidence(start, at + len(line), line[len(SAYS) :], line[len(SAYS) :], "sites", "none"))
        at += len(line) + 1
    flagged = site["band"] == "flagged"
    return Verdict(
        band=site["band"] or "review",
        score=min(0.99, 0.5 + float(site["score"]) / 20),
        scope=site["about"].get("scope") if flagged else None,
        offer_types=(site["about"]["class"],) if flagged and site["about"].get("class") else (),
        certificate_kinds=tuple(site["families"]),
        reason="imitates_official",
        tier="exact" if flagged else None,
        evidence=tuple(evidence),
    )


def _plain(row: Any) -> Row:
    return {str(name): value for name, value in row._mapping.items()}
