"""Verification: whether the listings of sent requests are gone, each look with its word and its capture."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine

from adwatch.casework.states import WORDS
from adwatch.errors import AdWatchError, FetchError, StageError, UsageError
from adwatch.ports import Clock, Progress, Refetch, Refetched, Save
from adwatch.store import takedowns as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import tell_index
from adwatch.store.engine import reading, writing
from adwatch.store.listings import upsert_listings
from adwatch.store.opening import add_event
from adwatch.store.views import ListingView, as_offered, versions_of

log = structlog.get_logger("adwatch")


def verify(
    engine: Engine,
    refetch: Refetch,
    save: Save,
    *,
    day: str,
    clock: Clock,
    number: str | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Fetch each listing of the sent requests again and record gone, up, changed, moved or unknown, with its capture.

    Listings that were gone are looked at again: sellers put them back. A fetch that fails is unknown, never gone. A
    listing that cannot be checked for another reason is unknown as well, its row ``failed``, and the others go on;
    only what would stop every one of them (store, archive, index) ends the work.
    """
    with reading(engine) as connection:
        wanted = store.requests(connection, state="sent", number=number)
        if number is not None and not wanted:
            raise UsageError(f"下架函 {number}: 没有这个编号，或尚未发出；先用 adwatch takedown mark-sent")
        asked = store.listings_of(connection, [request["id"] for request in wanted])
        views = versions_of(connection, [each.listing_id for each in asked])
    rows = []
    for each in asked:
        view = as_offered(views[each.listing_id], version_id=each.version_id)
        found, failed = _look(refetch, view, day, save)
        try:
            row = _record(engine, each, view, found, day, clock.now())
        except StageError:
            raise
        except Exception as error:
            log.exception("check not recorded", number=each.number, listing=view.listing.listing_id)
            found, failed = Refetched("unknown", None, found.capture, _told(error)), True
            row = _record(engine, each, view, found, day, clock.now())
        rows.append({**row, "failed": failed})
        if progress:
            progress(1)
    return rows


def _look(refetch: Refetch, view: ListingView, day: str, save: Save) -> tuple[Refetched, bool]:
    """What the address answers, and whether the check itself failed."""
    try:
        found = refetch(view.listing, day, save)
    except FetchError as error:
        return Refetched("unknown", None, None, f"{error.outcome}: {error}"), False
    except StageError:
        raise
    except AdWatchError as error:
        return Refetched("unknown", None, None, str(error)), True
    except Exception as error:
        log.exception("check failed", listing=view.listing.listing_id)
        return Refetched("unknown", None, None, _told(error)), True
    if found.word not in WORDS:
        return replace(found, word="unknown", message=f"{found.word}: no known word; {found.message}"), False
    return found, False


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}; this is a defect, please report it"


def _record(
    engine: Engine, asked: store.Requested, view: ListingView, found: Refetched, day: str, now: datetime
) -> dict[str, Any]:
    """Store the check, and what was read as the listing's new state."""
    capture_id = found.capture.id if found.capture else None
    seen = found.listing
    if seen is not None and found.word in ("up", "changed") and seen.listing_id == view.listing.listing_id:
        at = found.capture.fetched_at if found.capture else now
        fresh = replace(seen, capture_id=capture_id, captured_at=at)
        upsert_listings(engine, asked.platform, [fresh], day, now)
    with writing(engine) as connection:
        store.add_check(connection, asked, found.word, now, capture_id, found.message)
        detail = {"listing_id": view.listing.listing_id, "word": found.word, "capture_id": capture_id}
        add_event(connection, "takedown", asked.takedown_id, "checked", "machine", now, detail)
        tell_index(connection, [asked.listing_id])
        append_entries(connection, [Entry("machine", None, "takedown.verify", "takedown", asked.number, now, detail)])
    return {
        "number": asked.number,
        "platform": asked.platform,
        "listing_id": view.listing.listing_id,
        "url": view.listing.url or view.listing.native_id,
        "word": found.word,
        "word_label": WORDS[found.word],
        "before": asked.word,
        "message": found.message,
        "capture_id": capture_id,
        "checked_at": now.isoformat(),
    }
