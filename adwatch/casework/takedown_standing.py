"""What a platform says it handled and a later look found offered still: it counts as open again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from adwatch.store.last_looks import seen_up

STANDS = "平台称已处置，核验仍在"


class Handled:
    """When a platform said last of each listing of a request that it was handled."""

    def __init__(self, replies: Iterable[Mapping[str, Any]]) -> None:
        self.whole: datetime | None = None
        self.named: dict[str, datetime] = {}
        for each in replies:
            if each["kind"] != "accepted":
                continue
            if each["listings"] is None:
                self.whole = max(each["at"], self.whole or each["at"])
                continue
            for key in each["listings"]:
                self.named[key] = max(each["at"], self.named.get(key, each["at"]))

    def __bool__(self) -> bool:
        """Whether it said so of anything."""
        return self.whole is not None or bool(self.named)

    def before(self, listing: str, at: datetime) -> bool:
        """Whether it said so of a listing, and never at a time or after it."""
        times = [each for each in (self.whole, self.named.get(listing)) if each is not None]
        return bool(times) and max(times) < at


def stand_still(connection: Connection, replies: Mapping[int, Iterable[Mapping[str, Any]]]) -> dict[int, set[str]]:
    """By request the public ids of what was answered as handled and found offered by a later look; of its replies."""
    said = {takedown_id: handled for takedown_id, rows in replies.items() if (handled := Handled(rows))}
    if not said:
        return {}
    seen = seen_up(connection, said)
    found = {each: {key for key, at in seen.get(each, {}).items() if said[each].before(key, at)} for each in said}
    return {takedown_id: keys for takedown_id, keys in found.items() if keys}
