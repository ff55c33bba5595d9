"""Search and the index as verbs call them."""

from __future__ import annotations

from itertools import islice
from typing import Any

from adwatch.app.office import Office
from adwatch.app.rows import known_platform
from adwatch.errors import UsageError
from adwatch.models import StageReport
from adwatch.ports import Progress
from adwatch.search import Query
from adwatch.search import push as push_outbox
from adwatch.search import rebuild as rebuild_index
from adwatch.search import verify as verify_index
from adwatch.search.compare import PartDifference
from adwatch.store.dead_letters import dead_letters
from adwatch.store.engine import reading
from adwatch.store.figures import outbox_figures
from adwatch.store.outbox import pending_listings
from adwatch.store.rebuilds import unfinished


def search(
    office: Office,
    query: str,
    platform: str | None = None,
    first_day: str | None = None,
    last_day: str | None = None,
    everything: bool = False,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Listings found, flagged ones only unless ``everything``; a blank query is a usage error."""
    known_platform(office, platform)
    if not query.strip():
        raise UsageError("搜什么？search for what? give words, a link or a contact, or --saved NAME")
    office.index.prepare()
    found = office.index.search(Query(query, platform, first_day, last_day, everything, limit))
    return [hit.as_dict() for hit in found.hits]


def push(office: Office, progress: Progress | None = None) -> StageReport:
    """Send what has changed to the index."""
    return push_outbox(office.engine, office.index, progress=progress)


def rebuild(office: Office, progress: Progress | None = None) -> StageReport:
    """Make the index anew from the store."""
    return rebuild_index(office.engine, office.index, progress=progress)


def status(office: Office) -> dict[str, Any]:
    """State of the index, and how many changes wait for it."""
    office.index.prepare()
    state = office.index.status()
    return {
        "index": state.name,
        "documents": state.documents,
        "flagged": state.flagged,
        "size_bytes": state.size_bytes,
        "health": state.health,
        "waiting": len(pending_listings(office.engine)),
        "waiting_seconds": round(waited(office)),
        "refused": len(dead_letters(office.engine)),
        "rebuild": _unfinished(office),
        **state.care,
    }


def waited(office: Office) -> float:
    """Seconds that the oldest change has waited for the index; 0 where none waits."""
    with reading(office.engine) as connection:
        return outbox_figures(connection).waited(office.machine_clock.now())


def _unfinished(office: Office) -> str:
    rebuild = unfinished(office.engine, office.index.name)
    if rebuild is None:
        return "none under way"
    return (
        f"generation {rebuild.generation} reached listing {rebuild.listing_id}; cut off? adwatch index rebuild goes on"
    )


def snapshot(office: Office, keep: int | None) -> dict[str, Any]:
    """Let the cluster take a snapshot of the index."""
    care = getattr(office.index, "care", None)
    if care is None:
        raise UsageError("the embedded index has no snapshots: adwatch index rebuild makes it anew from the store")
    from adwatch.search.elastic_client import errors

    with errors(office.index.name):
        done: dict[str, Any] = care.snapshot(office.clock.now().strftime("%Y%m%d-%H%M%S"), keep)
    return done


def verify(office: Office) -> dict[str, Any]:
    """Compare index and store, part by part; at most twenty names of each kind."""
    office.index.prepare()
    found = verify_index(office.engine, office.index)
    return {
        "equal": found.equal,
        "listings": found.listings,
        "documents": found.documents,
        "waiting": found.pending,
        "missing": found.missing[:20],
        "orphans": found.orphans[:20],
        "sampled": found.sampled,
        "different": dict(islice(found.different.items(), 20)),
        "parts": [_part(part) for part in found.parts],
    }


def _part(part: PartDifference) -> dict[str, Any]:
    return {
        "part": part.part,
        "listings": part.listings,
        "documents": part.documents,
        "missing": part.counts["missing"],
        "orphans": part.counts["orphans"],
        "sampled": part.sampled,
        "different": len(part.different),
        "days": len({*part.in_store, *part.in_index}),
        "uneven": [{"day": day, "store": store, "index": index} for day, (store, index) in part.uneven.items()],
    }
