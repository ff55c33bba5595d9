"""What platforms answered, by listing: the answer that holds of each, and how many have which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adwatch.casework.takedown_kinds import REPLIES

Row = Mapping[str, Any]
RECEIPT = "acknowledged"


class Answers:
    """Replies to one request, the oldest first: a later one holds, but a receipt undoes no answer.

    A reply that names listings is about these alone; one that names none is about all of the request.
    """

    def __init__(self, replies: Iterable[Row] = ()) -> None:
        self.whole: str | None = None
        """Kind of the answer to what no reply names since; None where there is none."""
        self.named: dict[str, str] = {}
        """By public id of a listing the kind of the answer that names it."""
        for each in replies:
            self._take(each["kind"], each["listings"])

    def _take(self, kind: str, listings: Iterable[str] | None) -> None:
        receipt = kind == RECEIPT
        if listings is None:
            self.named = self.named if receipt else {}
            self.whole = self.whole if receipt and self.whole else kind
            return
        for each in listings:
            if not (receipt and self.of(each)):
                self.named[each] = kind

    def of(self, listing: str) -> str | None:
        """Kind of the answer that holds of a listing."""
        return self.named.get(listing, self.whole)

    def label(self, listing: str) -> str | None:
        """That in words."""
        kind = self.of(listing)
        return REPLIES[kind] if kind else None

    def all_refused(self, listings: Iterable[str]) -> bool:
        """Whether each of some listings was refused."""
        return all(self.of(each) == "refused" for each in listings)

    def counts(self, count: int) -> dict[str, int]:
        """Of a request over so many listings how many have which answer."""
        found = Counter(self.named.values())
        if self.whole is not None:
            found[self.whole] += count - len(self.named)
        return {kind: found[kind] for kind in REPLIES if found[kind]}

    def told(self, count: int) -> str | None:
        """Those in words: one answer to all by itself, several with their numbers; None where there is none."""
        found = self.counts(count)
        if list(found.values()) == [count]:
            return REPLIES[next(iter(found))]
        return "，".join(f"{REPLIES[kind]} {each} 条" for kind, each in found.items()) or None


def of_cases(content: Row, cases: Sequence[str]) -> list[Row]:
    """Rows of a request's list of some cases, by id or lead number; ValueError names one that has none there."""
    rows = content["listings"]
    known = {str(row["case_id"]) for row in rows} | {row["lead_number"] for row in rows}
    unknown = [each for each in cases if each not in known]
    if unknown:
        raise ValueError(unknown[0])
    wanted = set(cases)
    return [row for row in rows if str(row["case_id"]) in wanted or row["lead_number"] in wanted]
