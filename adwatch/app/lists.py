"""Which lists that hold the listings themselves may rest in a patrol where all on a page is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from collectors.plan import Tally, Whole
from collectors.spec import PlatformSpec


def may_rest(spec: PlatformSpec, last: Mapping[str, Any], day: str, searching: bool) -> dict[str, Whole]:
    """Lists by key that were read to their end less than ``revisit.list_days`` ago.

    None where the run before (``last``) broke off, could not store all it read, or never ended: what it had seen of a
    list is stored, and what stood further down is not. None where searches are due, since nobody could say then what
    they find beyond the lists.
    """
    lost = (last.get("outcomes") or {}).get("error") or (last.get("dropped") or {}).get("unreadable")
    if searching or lost:
        return {}
    found = {key: Whole(**values) for key, values in (last.get("whole") or {}).items()}
    today = date.fromisoformat(day)
    ages = {key: (today - date.fromisoformat(one.day)).days for key, one in found.items()}
    return {key: one for key, one in found.items() if 0 <= ages[key] < spec.revisit.list_days}


def kept(tally: Tally) -> dict[str, dict[str, Any]]:
    """What the run's counts keep of the lists."""
    return {key: asdict(one) for key, one in tally.whole.items()}
