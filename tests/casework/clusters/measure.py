"""How well listings are linked: pairs of listings by one true seller, found or not, and pairs linked that are not.

``python -m bench clusters`` prints the figures of both files and of the demo world, beside linking by the wording alone
and by contacts alone.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adwatch.casework.clusters import link_due
from adwatch.casework.link_marks import marks
from adwatch.models import Listing, Verdict
from adwatch.store import schema as s
from adwatch.store.engine import migrate, open_engine, reading
from adwatch.store.subject_due import Said
from adwatch.store.subject_links import Groups
from adwatch.tables.links import Links
from adwatch_demo.world import load_rows
from classifiers.lexicon import Lexicon
from classifiers.lists.trial import judge_with
from tests.store.world import DAY, World

HERE = Path(__file__).parent
SECRET = b"k" * 32
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs of listings."""

    right: int
    wrong: int
    missed: int
    wrong_for: Counter[str]
    missed_for: Counter[str]

    @property
    def precision(self) -> float:
        """Share of the linked pairs that are one seller."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the pairs of one seller that are linked."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def rows(name: str) -> list[Row]:
    """Rows of known.jsonl or held.jsonl."""
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def item(row: Row) -> Listing:
    """The listing of a row."""
    fields = {name: row.get(name) for name in ("title", "text", "seller_id", "uscc")}
    return Listing(row["platform"], row["id"], **fields, images=tuple(row.get("images") or ()))


def verdicts(items: Sequence[Listing]) -> list[Verdict]:
    """What the shipped classifier finds, contacts above all; whatever its band, the case is that it was flagged."""
    found = judge_with(Lexicon.load()).judge([(each.title, each.text) for each in items])
    return [replace(each, band="flagged", score=0.9) for each in found]


def stored(world: World, items: Sequence[Listing], found: Sequence[Verdict], size: int = 100) -> None:
    """Store, flag and link, in batches."""
    for at in range(0, len(items), size):
        world.store(*items[at : at + size])
        world.judge(*found[at : at + size], day=DAY)
        link_due(world.engine, Links(), SECRET, no_picture, world.now)


def no_picture(_address: str) -> None:
    """No picture's bytes were kept."""
    return


def partition(world: World) -> dict[str, int]:
    """Subject by native id."""
    query = select(s.listing.c.native_id, s.subject_account.c.subject_id)
    query = query.join(s.subject_member, s.subject_member.c.listing_id == s.listing.c.id)
    query = query.join(s.subject_account, s.subject_account.c.id == s.subject_member.c.account_id)
    with reading(world.engine) as connection:
        return {str(native): int(subject) for native, subject in connection.execute(query)}


def score(listed: Sequence[Row], group_of: Mapping[str, int], *, across: bool = False) -> Score:
    """Pairs of listings; ``across``: only those of different accounts, which is what linking adds."""
    right = wrong = missed = 0
    wrong_for, missed_for = Counter[str](), Counter[str]()
    for one, other in combinations(listed, 2):
        same_account = one["seller_id"] is not None and (one["platform"], one["seller_id"]) == (
            other["platform"],
            other["seller_id"],
        )
        if across and same_account:
            continue
        linked = group_of[one["id"]] == group_of[other["id"]]
        if one["seller"] == other["seller"]:
            right += linked
            missed += not linked
            missed_for[one["why"]] += not linked
        elif linked:
            wrong += 1
            wrong_for[" / ".join(sorted({one["why"], other["why"]}))] += 1
    return Score(right, wrong, missed, +wrong_for, +missed_for)


def only(items: Sequence[Listing], found: Sequence[Verdict], kinds: Sequence[str]) -> dict[str, int]:
    """Groups by any shared value of some kinds, however many share it: the plain ways to compare with."""
    versions = [_said(number, each, verdict) for number, (each, verdict) in enumerate(zip(items, found, strict=True))]
    groups, holder = Groups(), dict[int, int]()
    for number, each in enumerate(marks(versions, Links(), SECRET, no_picture)):
        groups.find(number)
        for mark in each:
            if mark.kind in kinds:
                groups.join(number, holder.setdefault(mark.value, number))
    return {each.native_id: groups.find(number) for number, each in enumerate(items)}


def _said(number: int, item: Listing, verdict: Verdict) -> Said:
    contacts = tuple((c.kind, c.value, c.start, c.end, c.masked) for c in verdict.contacts)
    about = (number, number, number.to_bytes(16, "big"), 1, item.platform, item.seller_id, item.uscc)
    return Said(*about, item.title or "", item.text or "", item.images, contacts)


def measured(listed: Sequence[Row]) -> dict[str, Score]:
    """Our way, by the wording alone, by contacts alone."""
    items = [item(row) for row in listed]
    found = verdicts(items)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/store.db")
        migrate(engine)
        world = World(engine)
        stored(world, items, found)
        ours = partition(world)
        engine.dispose()
    return {
        "ours": score(listed, ours),
        "ours, other accounts": score(listed, ours, across=True),
        "wording alone": score(listed, only(items, found, ["text"])),
        "contacts alone": score(listed, only(items, found, ["contact", "hotline"])),
    }


def demo_rows() -> list[Row]:
    """Offers of the demo world with the sellers that demo_sellers.json says they are of."""
    truth = json.loads((HERE / "demo_sellers.json").read_text(encoding="utf-8"))
    one = {account: same[0] for same in truth["same"] for account in same}
    offers = {row["id"] for row in load_rows("truth.jsonl") if row["label"] == "offer"}
    return [
        {"platform": row["site"], **{name: row[name] for name in ("id", "title", "text", "seller_id")}}
        | {"seller": one.get(row["seller_id"], row["seller_id"]), "why": row["site"]}
        for row in load_rows("listings.jsonl")
        if row["id"] in offers and row["seller_id"] not in truth["left_out"]
    ]


def given(name: str) -> list[Row]:
    """Rows of known, held or demo."""
    return demo_rows() if name == "demo" else rows(name)
