"""Relisting: what was removed is back under another address. Its case is linked to the one that was removed.

The same seller, contact, picture or wording makes it so, each kept as a mark that one look into an index finds, and
nearly the same wording (``near_wording``): what a new listing costs does not depend on how many there are. A listing
that was there, or was put up, before the removal is not back but was found late. The same address that shows the offer
again is told by verification.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine

from adwatch.casework.link_marks import PICTURES, Picture
from adwatch.casework.near_wording import alike, bands, wording
from adwatch.casework.track_table import TRACKS
from adwatch.casework.tracks import move_track, tracks_of
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import bands as near
from adwatch.store import marks as store
from adwatch.store import removals
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import lock_cases, tell_index
from adwatch.store.engine import CASEWORK_LOCK, advisory_lock, writing
from adwatch.store.opening import add_event
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.text import normal, url_norm

KINDS = {
    "same": "同一链接",
    "seller": "同一店铺或账号",
    "contact": "同一联系方式",
    "text": "同一文字",
    "image": "同一图片",
    "near": "文字大体相同",
}
"""By what it is known again; same: the listing's own address shows the offer once more."""
ContactKey = Callable[[str], str]
"""Keyed hash of a contact's value."""
Shared = dict[tuple[int, int], list[str]]
"""(case, listing) with the kinds by which it is known again."""
BACK = "case.relisted"
"""Action in the audit log."""
BATCH = 500
"""Cases in one transaction."""
SHORTEST = 12
"""Characters, in the search fold, that a wording must have to tell a seller by."""
NOBODY = frozenset(map(normal, ("匿名", "匿名用户", "游客", "用户", "网友", "管理员", "admin", "anonymous", "guest")))
"""Names that tell nobody apart."""


def no_picture(_address: str) -> None:
    """Where no pictures are kept."""
    return


def marks_of(view: ListingView, contact_key: ContactKey, picture: Picture = no_picture) -> list[store.Mark]:
    """By what the seller of a version can be known again; ``picture``: hash of a picture that was kept, by address."""
    item = view.listing
    found: list[store.Mark] = []
    name = normal(item.seller_name or "")
    if item.seller_id is not None:
        found.append(("seller", _digest(item.platform, "id", item.seller_id)))
    elif name and name not in NOBODY:
        found.append(("seller", _digest(item.platform, "name", name)))
    if view.verdict is not None:
        found += [("contact", contact_key(each.value)) for each in view.verdict.contacts]
    wording = normal(item.text or "") or normal(item.title or "")
    if len(wording) >= SHORTEST:
        found.append(("text", _digest(wording)))
    found += [("image", _digest(url_norm(image) or image)) for image in item.images]
    looks = [picture(image) for image in item.images[:PICTURES]]
    found += [("image", _digest("picture", each)) for each in looks if each is not None]
    return list(dict.fromkeys(found))


def look_for_relisted(
    engine: Engine, contact_key: ContactKey, day: str, now: datetime, actor: Actor, picture: Picture = no_picture
) -> int:
    """Give the listings of new cases their marks and link those that are back; how many links that made.

    A batch is one transaction: what a crash undoes is done again by the next call. What a patrol has seen again at its
    own address becomes due for a look.
    """
    links = 0
    while True:
        with writing(engine) as connection:
            advisory_lock(connection, CASEWORK_LOCK)
            fresh, last = store.fresh_cases(connection, BATCH)
            views = versions_of(connection, [each.listing_id for each in fresh])
            entries: list[Entry] = []
            offered = [as_offered(views[each.listing_id]) for each in fresh]
            wordings = [wording(view) for view in offered]
            for each, view, words, found in zip(fresh, offered, wordings, bands(wordings), strict=True):
                marks = marks_of(view, contact_key, picture)
                shared = _shared(connection, each, marks, words, found)
                made = _consider(connection, each, views[each.listing_id], shared, now, actor)
                links += sum(entry.action == BACK for entry in made)
                entries += made
            if fresh:
                store.seen_to(connection, last)
            else:
                store.due_where_seen(connection, day, now)
                near.forget(connection, day)
            append_entries(connection, entries)
            failpoint("relisting.before_commit")
        failpoint("relisting.after_commit")
        if not fresh:
            return links


def _shared(
    connection: Connection, fresh: store.Fresh, marks: Sequence[store.Mark], words: str, found: Sequence[int]
) -> Shared:
    """Keep the marks and bands of a new listing; what was removed and shares some, or is worded nearly so."""
    store.add_marks(connection, fresh, marks)
    near.add(connection, fresh, found)
    shared = store.removed_with(connection, marks, fresh.opened_day, fresh.listing_id)
    return _nearly(connection, shared, words, near.removed(connection, found, fresh.opened_day, fresh.listing_id))


def _nearly(connection: Connection, shared: Shared, words: str, others: near.Found) -> Shared:
    """The same with those of others that are worded nearly so and are not known by more already."""
    asked = {listing: case for listing, case in others.items() if (case, listing) not in shared}
    views = versions_of(connection, asked)
    close = {(asked[each], each): ["near"] for each in asked if alike(words, wording(as_offered(views[each])))}
    return {**shared, **close}


def _consider(
    connection: Connection,
    fresh: store.Fresh,
    views: list[ListingView],
    shared: Shared,
    now: datetime,
    actor: Actor,
) -> list[Entry]:
    down = removals.verified(connection, [listing_id for _, listing_id in shared])
    entries: list[Entry] = []
    for (case_id, listing_id), kinds in shared.items():
        if listing_id in down and _came_later(views, down[listing_id]["removed_day"]):
            entries += _back(connection, fresh, case_id, down[listing_id], kinds, now, actor)
    return entries


def after_removal(connection: Connection, removal: Mapping[str, object], now: datetime, actor: Actor) -> list[Entry]:
    """A removal was verified (its row of ``removal``): link what has come back meanwhile; entries for the audit log."""
    listing_id, day = int(str(removal["listing_id"])), str(removal["removed_day"])
    store.mark_removed(connection, listing_id, day)
    shared = store.opened_since(connection, listing_id, day)
    own = store.case_of(connection, listing_id)
    if own is not None:
        words = wording(as_offered(versions_of(connection, [listing_id])[listing_id]))
        [found] = bands([words])
        near.add(connection, store.Fresh(listing_id, *own), found, day)
        shared = _nearly(connection, shared, words, near.opened(connection, found, day, listing_id))
    views = versions_of(connection, [other for _, other in shared])
    entries: list[Entry] = []
    for (_, other), kinds in shared.items():
        case = store.case_of(connection, other)
        if own is not None and case is not None and _came_later(views[other], day):
            entries += _back(connection, store.Fresh(other, *case), own[0], removal, kinds, now, actor)
    return entries


def _came_later(views: Sequence[ListingView], removed_day: str) -> bool:
    """Whether a listing was first seen, and put up, on the day of the removal or later."""
    posted = min((view.listing.posted_at for view in views if view.listing.posted_at is not None), default=None)
    first = min(view.day for view in views)
    return first >= removed_day and (posted is None or posted.date().isoformat() >= _day_before(removed_day))


def _day_before(day: str) -> str:
    """A day of slack: a site's times have no zone that we know, and a second copy is put up before the first goes."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _back(
    connection: Connection,
    fresh: store.Fresh,
    old_case: int,
    removal: Mapping[str, object],
    kinds: Sequence[str],
    now: datetime,
    actor: Actor,
) -> list[Entry]:
    """Link the new case to the old one, and remember of the removal that it has come back."""
    kind = min(kinds, key=list(KINDS).index)
    takedown_id, listing_id = int(str(removal["takedown_id"])), int(str(removal["listing_id"]))
    first = removals.relisted(connection, takedown_id, listing_id, now, fresh.opened_day, kind)
    by = {"by": sorted(set(kinds))}
    made = fresh.case_id != old_case and store.add_link(connection, fresh.case_id, old_case, "relisted", now, by)
    if not made and not first:
        return []
    cases = lock_cases(connection, {fresh.case_id, old_case})
    told = {**by, "case_id": fresh.case_id, "was": old_case}
    for case_id, case in cases.items():
        add_event(connection, "case", case_id, "relisted", actor.person, now, by)
        tell_index(connection, case["listings"])
    entries = [Entry.of(actor, BACK, "case", fresh.case_id, now, told)]
    return entries + step(connection, old_case, "relisted", actor, now)


def step(connection: Connection, case_id: int, to: str, actor: Actor, now: datetime) -> list[Entry]:
    """Take the case's takedown track to a step where it is opened and the table has that move; else nothing."""
    rows = tracks_of(connection, [case_id]).get(case_id, [])
    row = next((row for row in rows if row["track"] == "takedown"), None)
    if row is None or to not in TRACKS["takedown"].steps[row["step"]].to:
        return []
    return move_track(connection, case_id, "takedown", to, actor, now)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
