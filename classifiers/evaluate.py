"""Figures of a classifier on labelled texts and on ordinary lines; pure functions, the command prints them.

Labelled files are JSON lines in our own format or in that of the shared development set (scope ``safety``, type
``forged_or_traded_certificate``). Rows labelled for review are not scored; near duplicates (``cluster``) count once.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adwatch.errors import InputRefused
from adwatch.models import Verdict
from adwatch.ports import Judge

UNSCORED = frozenset(("borderline", "review"))
TYPES = {"forged_or_traded_certificate": "forged_or_traded", "other": ""}
BATCH = 2000


@dataclass(slots=True)
class Tally:
    """Counts and the figures that follow."""

    found: int = 0
    """Offers flagged."""
    missed: int = 0
    """Offers not flagged."""
    false: int = 0
    """Others flagged."""
    right: int = 0
    """Others not flagged."""

    def add(self, offer: bool, flagged: bool) -> None:
        """Count one text."""
        if offer:
            self.found, self.missed = self.found + flagged, self.missed + (not flagged)
        else:
            self.false, self.right = self.false + flagged, self.right + (not flagged)

    @property
    def recall(self) -> float:
        """Share of offers flagged; 0 without offers."""
        return self.found / max(1, self.found + self.missed)

    @property
    def precision(self) -> float:
        """Share of flagged texts that offer; 1 where nothing is flagged."""
        flagged = self.found + self.false
        return self.found / flagged if flagged else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = 2 * self.found + self.missed + self.false
        return 2 * self.found / total if total else 0.0

    def as_dict(self) -> dict[str, float]:
        """Counts and figures, rounded."""
        return {
            "found": self.found, "missed": self.missed, "false": self.false, "right": self.right,
            "recall": round(self.recall, 4), "precision": round(self.precision, 4), "f1": round(self.f1, 4),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled text."""

    id: str
    title: str
    text: str
    offer: bool
    scope: str
    types: tuple[str, ...]
    genre: str
    disguise: str
    cluster: str


@dataclass(frozen=True, slots=True)
class Error:
    """One wrong verdict."""

    id: str
    kind: str
    """missed or false."""
    score: float
    reason: str | None
    text: str
    """The first 200 characters."""


@dataclass(slots=True)
class Report:
    """What a judge did on a file."""

    file: str
    total: Tally = field(default_factory=Tally)
    by: dict[str, dict[str, Tally]] = field(default_factory=dict)
    """scope, class, genre, disguise → value → counts."""
    errors: list[Error] = field(default_factory=list)
    unscored: int = 0
    lines: int = 0
    """Ordinary lines read."""
    false_lines: int = 0
    """Of these flagged."""

    @property
    def per_100k(self) -> float:
        """False alarms per 100,000 ordinary lines."""
        return 100_000 * self.false_lines / max(1, self.lines)

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "file": self.file,
            **self.total.as_dict(),
            "unscored": self.unscored,
            "by": {
                name: {key: tally.as_dict() for key, tally in sorted(part.items())} for name, part in self.by.items()
            },
            "lines": self.lines,
            "false_lines": self.false_lines,
            "false_per_100k": round(self.per_100k, 2),
            "errors": [
                {"id": item.id, "kind": item.kind, "score": item.score, "reason": item.reason, "text": item.text}
                for item in self.errors
            ],
        }


def labelled(file: Path) -> tuple[list[Labelled], int]:
    """Scored rows, one of each cluster, and the number left out."""
    rows: list[Labelled] = []
    seen: set[str] = set()
    left = 0
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            label, identity = row["label"], str(row.get("id", number))
            cluster = str(row.get("cluster") or identity)
        except (ValueError, KeyError, TypeError) as error:
            raise InputRefused(f"{file}:{number}: no labelled text; write id, title, text, label") from error
        if label in UNSCORED or cluster in seen:
            left += 1
            continue
        seen.add(cluster)
        scope = str(row.get("scope") or "none")
        known = ("safety", "safety_production", "none")
        scope = {"safety": "safety_production"}.get(scope, scope if scope in known else "other_credential")
        types = tuple(filter(None, (TYPES.get(name, name) for name in row.get("offer_types", ()))))
        genre = str(row.get("genre") or row.get("kind_of_page") or "")
        rows.append(
            Labelled(
                identity, row.get("title") or "", row.get("text") or "", label == "offer", scope, types, genre,
                str(row.get("disguise") or "none"), cluster,
            )
        )  # fmt: skip
    return rows, left


def lines(file: Path) -> Iterator[list[str]]:
    """Ordinary lines of a text file, in batches."""
    batch: list[str] = []
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as handle:
        for line in handle:
            batch.append(line.decode("utf-8", "replace").rstrip("\r\n"))
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _background(judge: Judge, file: Path) -> Report:
    report = Report(str(file))
    for batch in lines(file):
        for text, verdict in zip(batch, judge.judge([("", line) for line in batch]), strict=True):
            report.lines += 1
            if verdict.band == "flagged":
                report.false_lines += 1
                report.errors.append(_error(f"line {report.lines}", "false", verdict, text))
    return report


def _error(identity: str, kind: str, verdict: Verdict, text: str) -> Error:
    return Error(identity, kind, verdict.score, verdict.reason, text[:200])


def evaluate(judge: Judge, file: Path) -> Report:
    """Figures on a labelled file (.jsonl) or on ordinary lines (.txt, .txt.gz)."""
    if not file.name.endswith(".jsonl"):
        return _background(judge, file)
    rows, left = labelled(file)
    report = Report(str(file), unscored=left)
    tallies: dict[str, dict[str, Tally]] = {
        name: defaultdict(Tally) for name in ("scope", "class", "genre", "disguise")
    }
    for row, verdict in zip(rows, _judged(judge, rows), strict=True):
        flagged = verdict.band == "flagged"
        report.total.add(row.offer, flagged)
        for name, values in _parts(row):
            for value in values:
                tallies[name][value].add(row.offer, flagged)
        if flagged != row.offer:
            report.errors.append(
                _error(row.id, "missed" if row.offer else "false", verdict, f"{row.title}\n{row.text}")
            )
    report.by = {name: dict(part) for name, part in tallies.items()}
    return report


def _parts(row: Labelled) -> Iterable[tuple[str, Sequence[str]]]:
    return (("scope", (row.scope,)), ("class", row.types), ("genre", (row.genre,)), ("disguise", (row.disguise,)))


def _judged(judge: Judge, rows: Sequence[Labelled]) -> Iterator[Verdict]:
    for start in range(0, len(rows), BATCH):
        yield from judge.judge([(row.title, row.text) for row in rows[start : start + BATCH]])
