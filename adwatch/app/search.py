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
from adwatch.store.outbox import pending_listings


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
    if not query.strip():
        raise UsageError("search for what? give words, a link or a contact")
    known_platform(office, platform)
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
        "refused": len(dead_letters(office.engine)),
    }


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
