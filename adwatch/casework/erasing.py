"""The policy for all but WARC files: words of listings, what was read of pictures, files, cells that repeat either.

What is over goes in batches, each one transaction with its tombstones and its entry in the audit log: killed anywhere,
a batch is whole or was never begun. Files are noted first and deleted behind it, by the next run where this one died.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework import opinions
from adwatch.casework.retention import Term, terms
from adwatch.casework.transaction import work
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import erase_texts as texts
from adwatch.store import erasures, holdings
from adwatch.store import opinions as asked
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import UPSERT_LOCK, VERDICT_LOCK, advisory_lock, reading
from adwatch.store.erasures import ATTACHMENT, INSPECTION, ISSUE, OPINION, PACKAGE, PICTURE, TEXT, TRANSFER, Gone, Rule
from adwatch.store.holdings import Holding
from adwatch.store.retention import open_holds
from adwatch.tables.retention import Keeping

KINDS = {
    TEXT: "商品文字",
    PICTURE: "图片文字",
    INSPECTION: "检查登记的证件号码、联系方式",
    ISSUE: "周报清单的原文",
    OPINION: "第二意见的引文和理由",
    ATTACHMENT: "附件",
    TRANSFER: "移送材料包",
    PACKAGE: "证据包",
}
"""Kinds of what is deleted, in Chinese."""
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Policy:
    """The office's rules at a time."""

    rules: Mapping[str, Keeping]
    now: datetime
    zone: tzinfo

    def ended(self, rule: str) -> datetime:
        """What is older has outlived the rule."""
        return self.now - timedelta(self.rules[rule].days)

    def named(self, rule: str) -> Rule:
        """The rule as tombstones name it."""
        return Rule(rule, self.rules[rule].label, self.now.astimezone(self.zone).date().isoformat(), self.now)


@dataclass(slots=True)
class Tally:
    """How many of one kind may go, by rule, and how many stay, by word."""

    go: Counter[str] = field(default_factory=Counter)
    stays: Counter[str] = field(default_factory=Counter)

    def add(self, term: Term, count: int) -> None:
        """Count so many that stand so."""
        if term.word == "over":
            self.go[term.rule] += count
        else:
            self.stays[term.word] += count


@dataclass(frozen=True, slots=True)
class Standing:
    """How the cases stand."""

    cases: Mapping[int, Term]
    held: bool
    """Whether everything is held."""

    def says(self, one: Holding, policy: Policy) -> Term:
        """Whether a thing stays, and the rule that it has outlived: that of its cases, or of the office's papers."""
        mine = [self.cases[each] for each in sorted(one.cases) if each in self.cases]
        words = [each.word for each in mine if each.word != "over"]
        if self.held or not one.known or words:
            return Term("hold" if self.held else "unknown" if not one.known else words[0])
        if one.paper or not mine:
            return Term("term" if one.at > policy.ended("paper") else "over", "paper")
        return Term("over", "confirmed" if any(each.rule == "confirmed" for each in mine) else "dismissed")


def standing(connection: Connection, policy: Policy) -> Standing:
    """How the cases stand; one that is linked to a case which is not over stays as long as that."""
    found = terms(connection, policy.rules, policy.now)
    lasting = {case_id for case_id, term in found.items() if term.word != "over"}
    for pair in holdings.linked_cases(connection):
        for one, other in (pair, pair[::-1]):
            if one not in lasting and other in lasting:
                found[one] = replace(found[one], word="refers")
    return Standing(found, any(row["case_id"] is None for row in open_holds(connection)))


def plan(connection: Connection, policy: Policy) -> dict[str, Tally]:
    """What a run would delete, and why the rest stays; nothing is changed."""
    now, found = standing(connection, policy), {kind: Tally() for kind in KINDS if kind != PACKAGE}
    for word, count in texts.lone_words(connection, policy.ended("text")).items():
        found[TEXT].add(Term("hold" if now.held else word or "over", "text"), count)
    for case_id, count in texts.counted_by_case(connection).items():
        found[TEXT].add(now.cases[case_id], count)
    for one in holdings.holdings(connection):
        found[one.kind].add(now.says(one, policy), 1)
    found[PICTURE] = _left(len(texts.unneeded_pictures(connection)), now.held)
    found[OPINION] = _left(len(opinions.unneeded(connection).opinions), now.held)
    return found


def _left(left: int, held: bool) -> Tally:
    """Pictures and opinions go when the last version that needs them has: how many follow is known only then."""
    return Tally(stays=Counter(hold=left)) if held else Tally(go=Counter(text=left))


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction beside which nobody stores listings, verdicts or casework; SQLite overwrites what it deletes."""
    with work(engine) as connection:
        advisory_lock(connection, UPSERT_LOCK)
        advisory_lock(connection, VERDICT_LOCK)
        texts.scrub(connection)
        yield connection


def erase(engine: Engine, policy: Policy, actor: Actor) -> Counter[str]:
    """Delete what is over; how many of each kind. Files are only noted: ``remove_files`` deletes them."""
    done: Counter[str] = Counter()
    for batch in (_lone_texts, _case_texts, _things, _left_pictures):
        while gone := _batch(engine, policy, actor, batch):
            done += gone
    with reading(engine) as connection:
        left = opinions.unneeded(connection)  # a walk through all texts: nobody waits for it
    if left.opinions:
        done += _batch(engine, policy, actor, partial(_left_opinions, left=left))
    return done


Batch = Callable[[Connection, Policy], Iterator[tuple[str, str, list[Gone]]]]
"""Deletes the next of some kinds: (kind, rule, what went)."""


def _batch(engine: Engine, policy: Policy, actor: Actor, batch: Batch) -> Counter[str]:
    done: Counter[str] = Counter()
    with _alone(engine) as connection:
        entries = []
        for kind, rule, gone in batch(connection, policy):
            number, sha256 = erasures.bury(connection, kind, policy.named(rule), gone, actor)
            told = {"kind": kind, "rule": rule, "count": len(gone), "sha256": sha256}
            entries.append(Entry.of(actor, "retention.erase", "erasure", number, policy.now, told))
            done[kind] += len(gone)
        append_entries(connection, entries)
    return done


def _lone_texts(connection: Connection, policy: Policy) -> Iterator[tuple[str, str, list[Gone]]]:
    if any(row["case_id"] is None for row in open_holds(connection)):
        return
    if gone := texts.lone_due(connection, policy.ended("text"), BATCH):
        texts.wipe(connection, [key for key, _ in gone])
        yield TEXT, "text", gone


def _case_texts(connection: Connection, policy: Policy) -> Iterator[tuple[str, str, list[Gone]]]:
    now = standing(connection, policy)
    over = {case_id: term.rule for case_id, term in now.cases.items() if term.word == "over"}
    found: dict[str, list[Gone]] = {}
    for case_id, each in islice(texts.of_cases(connection, sorted(over)), BATCH):
        found.setdefault(over[case_id], []).append(each)
    for rule, gone in sorted(found.items()):
        texts.wipe(connection, [key for key, _ in gone])
        yield TEXT, rule, gone


def _things(connection: Connection, policy: Policy) -> Iterator[tuple[str, str, list[Gone]]]:
    now = standing(connection, policy)
    found: dict[tuple[str, str], list[Holding]] = {}
    standings = ((one, now.says(one, policy)) for one in holdings.holdings(connection))
    for one, term in islice((pair for pair in standings if pair[1].word == "over"), BATCH):
        found.setdefault((one.kind, term.rule), []).append(one)
    for (kind, rule), things in sorted(found.items()):
        for one in things:
            holdings.empty(connection, kind, one.id)
        yield kind, rule, [(one.id, one.digest) for one in things]


def _left_pictures(connection: Connection, policy: Policy) -> Iterator[tuple[str, str, list[Gone]]]:
    if any(row["case_id"] is None for row in open_holds(connection)):
        return
    if gone := texts.unneeded_pictures(connection)[:BATCH]:
        texts.wipe_pictures(connection, [key for key, _ in gone])
        yield PICTURE, "text", gone


def _left_opinions(
    connection: Connection, policy: Policy, left: opinions.Left
) -> Iterator[tuple[str, str, list[Gone]]]:
    if any(row["case_id"] is None for row in open_holds(connection)):
        return
    if gone := opinions.still_unneeded(connection, left):
        asked.wipe(connection, [key for key, _ in gone])
        yield OPINION, "text", gone


def remove_files(engine: Engine, home: Path, now: datetime) -> list[str]:
    """Delete the attachments and packages that are noted, also those of a run that died behind its note."""
    gone = []
    for kind in (ATTACHMENT, TRANSFER):
        with work(engine) as connection:
            rows = erasures.waiting(connection, kind)
        for key, digest in rows:
            failpoint("retention.before_delete")
            with work(engine) as connection:  # whoever keeps the same bytes anew waits, and then writes them again
                if name := holdings.file_of(connection, kind, key, digest):
                    (home / name).unlink(missing_ok=True)
                    failpoint("retention.after_delete")
                    gone.append(name)
                erasures.set_gone(connection, kind, [key], now)
    return gone


def packages_gone(engine: Engine, now: datetime) -> None:
    """Note that the files of dropped packages are gone, once all that no row names were deleted."""
    with work(engine) as connection:
        erasures.set_gone(connection, PACKAGE, [key for key, _ in erasures.waiting(connection, PACKAGE)], now)


def shown(tallies: Mapping[str, Tally], rules: Mapping[str, Keeping], why: Mapping[str, str]) -> list[dict[str, Any]]:
    """The plan as rows: kind, how many may go by rule, how many stay by reason."""
    return [
        {
            "kind": kind,
            "label": KINDS[kind],
            "may_go": {rules[rule].label: count for rule, count in sorted(tally.go.items()) if count},
            "stays": {why[word]: count for word, count in sorted(tally.stays.items()) if count},
        }
        for kind, tally in tallies.items()
    ]
