"""Whether a platform's searches may rest for a patrol: the last round of them found nothing beyond its other lists."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from adwatch.app.results import PlatformResult
from collectors.plan import Tally
from collectors.spec import PlatformSpec

Counts = Mapping[str, Any]


def asked_digest(spec: PlatformSpec, terms: Sequence[str], day: str) -> str:
    """16 hex digits over lists and search terms: what was found by others than today's has not vanished.

    Where the terms are shared out over days, each day is another: what its terms do not find has not vanished.
    """
    asked = [*(source.model_dump_json() for source in spec.lists), *(sorted(terms) if spec.searched else ())]
    if spec.searched and spec.terms.days > 1:
        asked.append(day)
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()[:16]


def resting(spec: PlatformSpec, earlier: Sequence[Counts], digest: str, day: str) -> Counts | None:
    """The last complete run, where its searches, the same as today's, were in vain and are not yet due again."""
    last = next((counts for counts in earlier if counts.get("complete")), None)
    if last is None or not last.get("searched_day") or last.get("beyond") != 0:
        return None
    age = (date.fromisoformat(day) - date.fromisoformat(last["searched_day"])).days
    return last if 0 <= age < spec.revisit.search_days and last.get("terms_digest") == digest else None


def remember(result: PlatformResult, tally: Tally, digest: str, rested: Counts | None) -> None:
    """Put down what a later patrol has to know of this one's searches, or of those that it let rest."""
    result.terms_digest = digest
    if tally.terms:
        result.beyond, result.searched_day = tally.beyond, result.day
    elif rested is not None:
        result.searched_day = rested["searched_day"]
