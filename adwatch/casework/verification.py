"""Verification: whether the listings of sent requests are gone, each look with its word, its rule and its capture.

A listing is removed once two looks at distance both say gone (``verification_state``); the classifier judges what a
changed text says now, and what is back is linked to what was removed (``relisting``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

import structlog
from sqlalchemy import Connection, Engine

from adwatch.casework import relisting
from adwatch.casework.life_lines import bring_up_to_date
from adwatch.casework.states import WORDS
from adwatch.casework.verification_state import OFFERED, Look, advance, up_again
from adwatch.errors import AdWatchError, FetchError, StageError, UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor, Listing
from adwatch.ports import Clock, Progress, Refetch, Refetched, Save
from adwatch.store import removals
from adwatch.store import takedowns as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import tell_index
from adwatch.store.engine import CASEWORK_LOCK, advisory_lock, reading, writing
from adwatch.store.listings import upsert_listings
from adwatch.store.marks import case_of
from adwatch.store.opening import add_event
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.tables.rechecks import CheckRule, Rechecks, check_rules, rechecks

log = structlog.get_logger("adwatch")
MACHINE = Actor("machine", "AdWatch")
"""Where no office is named in whose name it acts."""
REFRESHED = 500
"""Looks after which what is kept of their times is made anew: who asks for the clocks meanwhile need not read all."""

Judged = Callable[[str | None, str | None, str], str]
"""Band of (title, text) by the classifier of a day."""


@dataclass(frozen=True, slots=True)
class Looking:
    """By what a round of looks goes."""

    zone: tzinfo = UTC
    """The office's."""
    rules: Rechecks = field(default_factory=rechecks)
    """When to look again, and how far apart."""
    sure: dict[str, CheckRule] = field(default_factory=check_rules)
    """How sure each rule is."""
    judge: Judged | None = None
    """Without it a changed text counts as an offer still."""
    actor: Actor = MACHINE
    """In whose name the machine acts."""


def verify(
    engine: Engine,
    refetch: Refetch,
    save: Save,
    *,
    day: str,
    clock: Clock,
    number: str | None = None,
    everything: bool = True,
    looking: Looking | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Fetch listings of the sent requests again and record gone, up, changed, moved or unknown, with its capture.

    ``everything``: also those that are not due yet; those of a named request always are. Listings that were gone are
    looked at again: sellers put them back. A fetch that fails is unknown, never gone. A listing that cannot be checked
    for another reason is unknown as well, its row ``failed``, and the others go on; only what would stop every one of
    them (store, archive, index) ends the work. Each look is a transaction: one that was cut off is made again.
    """
    looking = looking or Looking()
    with reading(engine) as connection:
        if number is not None and not store.requests(connection, state="sent", number=number):
            raise UsageError(f"下架函 {number}: 没有这个编号，或尚未发出；先用 adwatch takedown mark-sent")
        whole = everything or number is not None
        asked = removals.to_look(connection, day, clock.now(), number, whole)
        views = versions_of(connection, [each.listing_id for each in asked])
    rows = []
    for each in asked:
        view = as_offered(views[each.listing_id], version_id=each.version_id)
        found, failed = _look(refetch, view, day, save)
        try:
            row = _record(engine, each, view, found, day, clock.now(), looking)
        except StageError:
            raise
        except Exception as error:
            log.exception("check not recorded", number=each.number, listing=view.listing.listing_id)
            found, failed = Refetched("unknown", None, found.capture, _told(error), "failed"), True
            row = _record(engine, each, view, found, day, clock.now(), looking)
        rows.append({**row, "failed": failed})
        if len(rows) % REFRESHED == 0:
            bring_up_to_date(engine, looking.zone)
        if progress:
            progress(1)
    return rows


def _look(refetch: Refetch, view: ListingView, day: str, save: Save) -> tuple[Refetched, bool]:
    """What the address answers, and whether the check itself failed."""
    try:
        found = refetch(view.listing, day, save)
    except FetchError as error:
        return Refetched("unknown", None, None, f"{error.outcome}: {error}", "refused"), False
    except StageError:
        raise
    except AdWatchError as error:
        return Refetched("unknown", None, None, str(error), "failed"), True
    except Exception as error:
        log.exception("check failed", listing=view.listing.listing_id)
        return Refetched("unknown", None, None, _told(error), "failed"), True
    if found.word not in WORDS:
        return replace(found, word="unknown", message=f"{found.word}: no known word; {found.message}"), False
    return found, False


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}; this is a defect, please report it"


def _record(
    engine: Engine,
    asked: removals.ToLook,
    view: ListingView,
    found: Refetched,
    day: str,
    now: datetime,
    looking: Looking,
) -> dict[str, Any]:
    """Store the check, what was read as the listing's new state, and what follows of all looks together."""
    capture_id = found.capture.id if found.capture else None
    seen = found.listing
    judged = None
    if seen is not None and found.word in ("up", "changed") and seen.listing_id == view.listing.listing_id:
        at = found.capture.fetched_at if found.capture else now
        fresh = replace(seen, capture_id=capture_id, captured_at=at)
        upsert_listings(engine, asked.platform, [fresh], day, now)
        judged = _judged(found.word, fresh, day, looking)
    rule = looking.sure.get(found.rule)
    sure = rule.confidence if rule is not None and rule.word == found.word else None
    with writing(engine) as connection:
        advisory_lock(connection, CASEWORK_LOCK)
        more = {"day": day, "rule": found.rule or None, "confidence": sure, "judged": judged}
        store.add_check(connection, asked, found.word, now, capture_id, found.message, **more)
        was = removals.standing(connection, asked.takedown_id, asked.listing_id)
        stands = advance(was, Look(found.word, judged, now, day), asked.deadline_at, looking.rules, looking.zone)
        removals.keep(connection, asked.takedown_id, asked.listing_id, stands)
        detail = {"listing_id": view.listing.listing_id, "word": found.word, "capture_id": capture_id}
        detail |= {"rule": found.rule, "judged": judged} if found.rule else {}
        add_event(connection, "takedown", asked.takedown_id, "checked", "machine", now, detail)
        tell_index(connection, [asked.listing_id])
        entries = _follow(connection, asked, view.listing.listing_id, was or {}, stands, now, looking.actor)
        first = Entry("machine", None, "takedown.verify", "takedown", asked.number, now, detail)
        append_entries(connection, [first, *entries])
        failpoint("verify.before_commit")
    failpoint("verify.after_commit")
    return {
        "number": asked.number,
        "platform": asked.platform,
        "listing_id": view.listing.listing_id,
        "url": view.listing.url or view.listing.native_id,
        "word": found.word,
        "word_label": word_label(found.word, judged),
        "judged": judged,
        "before": asked.word,
        "rule": found.rule or None,
        "confidence": sure,
        "message": found.message,
        "capture_id": capture_id,
        "checked_at": now.isoformat(),
        "verified": stands["verified_at"] is not None,
        "relisted": stands["relisted_at"] is not None,
        "due_day": stands["due_day"],
    }


def word_label(word: str, judged: str | None) -> str:
    """Chinese: what was found, of a changed text also whether it still is an offer."""
    return f"{WORDS[word]}，{OFFERED[judged]}" if word == "changed" and judged in OFFERED else WORDS[word]


def _judged(word: str, fresh: Listing, day: str, looking: Looking) -> str | None:
    if word != "changed" or looking.judge is None:
        return None
    return looking.judge(fresh.title, fresh.text, day)


def _follow(
    connection: Connection,
    asked: removals.ToLook,
    public_id: str,
    was: dict[str, Any],
    stands: dict[str, Any],
    now: datetime,
    actor: Actor,
) -> list[Entry]:
    """What a look changes beyond itself: the removal verified, the listing back, the case's takedown track."""
    entries: list[Entry] = []
    case = case_of(connection, asked.listing_id)
    told = {"number": asked.number, "listing_id": public_id}
    if stands["verified_at"] is not None and was.get("verified_at") is None:
        detail = {"removed_day": stands["removed_day"], "verified_day": stands["verified_day"]}
        add_event(connection, "takedown", asked.takedown_id, "verified", "machine", now, {**told, **detail})
        entries.append(Entry.of(actor, "takedown.verified", "takedown", asked.number, now, {**told, **detail}))
    if case is not None:
        many, down, sure = removals.steps_of_case(connection, case[0])
        if many and sure == many:
            entries += relisting.step(connection, case[0], "verified_once", actor, now)
            entries += relisting.step(connection, case[0], "verified", actor, now)
        elif many and down == many:
            entries += relisting.step(connection, case[0], "verified_once", actor, now)
    if stands["relisted_at"] is not None and was.get("relisted_at") is None:
        add_event(connection, "takedown", asked.takedown_id, "relisted", "machine", now, {**told, "by": ["same"]})
        entries.append(Entry.of(actor, "takedown.relisted", "takedown", asked.number, now, {**told, "by": ["same"]}))
    if case is not None and up_again(was, stands):
        entries += relisting.step(connection, case[0], "relisted", actor, now)
    if stands["verified_at"] is not None and was.get("verified_at") is None:
        removal = {"takedown_id": asked.takedown_id, "listing_id": asked.listing_id, **stands}
        entries += relisting.after_removal(connection, removal, now, actor)
    return entries
