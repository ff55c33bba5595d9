"""What a judge does on labelled texts and on ordinary lines; pure functions, the command prints them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adwatch.models import Verdict
from adwatch.ports import Judge
from adwatch.text import mask
from classifiers.explain import Why, explain
from classifiers.figures import Bin, Tally, reliability
from classifiers.labelled import BATCH, Labelled, labelled, lines

__all__ = ["Error", "Labelled", "Report", "Tally", "evaluate", "labelled", "lines"]

EXPLAINED = 400
"""Errors of one file that are explained."""
PARTS = ("scope", "class", "family", "genre", "disguise")
NAMED = ("scope", "class", "family")


@dataclass(frozen=True, slots=True)
class Error:
    """One wrong verdict."""

    id: str
    """As the file has it."""
    kind: str
    """missed or false."""
    score: float
    """The verdict's."""
    reason: str | None
    """The verdict's."""
    text: str
    """The first 200 characters, contacts masked."""
    genre: str = ""
    """As labelled."""
    disguise: str = "none"
    """As labelled."""
    types: tuple[str, ...] = ()
    """Classes: as labelled of one that was missed, as thought of a false one."""
    band: str = ""
    """The verdict's: a missed offer may stand in the review band."""
    why: Why | None = None
    """What moved the score; of the first EXPLAINED errors."""

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "id": self.id, "kind": self.kind, "score": self.score, "reason": self.reason, "text": self.text,
            "genre": self.genre, "disguise": self.disguise, "types": list(self.types), "band": self.band,
            "why": self.why.as_dict() if self.why else None,
        }  # fmt: skip


@dataclass(slots=True)
class Report:
    """What a judge did on a file."""

    file: str
    total: Tally = field(default_factory=Tally)
    by: dict[str, dict[str, Tally]] = field(default_factory=dict)
    """scope, class, family, genre, disguise, each as labelled → value → flagged or not."""
    named: dict[str, dict[str, Tally]] = field(default_factory=dict)
    """scope, class, family → value → named by the verdict of a flagged text or not: this has a precision."""
    errors: list[Error] = field(default_factory=list)
    bins: list[Bin] = field(default_factory=list)
    """Reliability curve."""
    calibration_error: float = 0.0
    """Expected calibration error."""
    unscored: int = 0
    lines: int = 0
    """Ordinary lines read."""
    false_lines: int = 0
    """Of these flagged."""
    versions: tuple[str, str] = ("", "")
    """Of the classifier and of the lists."""

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
            "by": _tables(self.by),
            "named": _tables(self.named),
            "reliability": [item.as_dict() for item in self.bins],
            "expected_calibration_error": round(self.calibration_error, 4),
            "lines": self.lines,
            "false_lines": self.false_lines,
            "false_per_100k": round(self.per_100k, 2),
            "errors": [item.as_dict() for item in self.errors],
            "classifier_version": self.versions[0],
            "keyword_versions": self.versions[1],
        }


def _tables(parts: dict[str, dict[str, Tally]]) -> dict[str, dict[str, object]]:
    return {name: {key: tally.as_dict() for key, tally in sorted(part.items())} for name, part in parts.items()}


def evaluate(judge: Judge, file: Path, explained: int = EXPLAINED) -> Report:
    """Figures on a labelled file (.jsonl) or on ordinary lines (.txt, .txt.gz)."""
    if not file.name.endswith(".jsonl"):
        return _background(judge, file, explained)
    rows, left = labelled(file)
    report = score(judge, rows, explained)
    report.file, report.unscored = str(file), left
    return report


def score(judge: Judge, rows: Sequence[Labelled], explained: int = EXPLAINED) -> Report:
    """Figures on labelled rows; the first ``explained`` errors say what moved their score."""
    report = Report("", versions=(judge.version, judge.keyword_versions))
    by: dict[str, dict[str, Tally]] = {name: defaultdict(Tally) for name in PARTS}
    named: dict[str, dict[str, Tally]] = {name: defaultdict(Tally) for name in NAMED}
    verdicts = list(_judged(judge, rows))
    values = {name: _values(name, rows, verdicts) for name in NAMED}
    for row, verdict in zip(rows, verdicts, strict=True):
        flagged = verdict.band == "flagged"
        report.total.add(row.offer, flagged)
        for name, own in _parts(row):
            for value in own:
                by[name][value].add(row.offer, flagged)
        for name in NAMED:
            true, thought = _true(name, row), _thought(name, verdict)
            for value in values[name]:
                named[name][value].add(value in true, value in thought)
        if flagged != row.offer:
            why = explain(judge, row.title, row.text, verdict) if len(report.errors) < explained else None
            report.errors.append(_error(row, verdict, why))
    report.by = {name: dict(part) for name, part in by.items()}
    report.named = {name: dict(part) for name, part in named.items()}
    report.bins, report.calibration_error = reliability([v.score for v in verdicts], [row.offer for row in rows])
    return report


def _background(judge: Judge, file: Path, explained: int) -> Report:
    report = Report(str(file), versions=(judge.version, judge.keyword_versions))
    for batch in lines(file):
        for text, verdict in zip(batch, judge.judge([("", line) for line in batch]), strict=True):
            report.lines += 1
            if verdict.band == "flagged":
                report.false_lines += 1
                why = explain(judge, "", text, verdict) if len(report.errors) < explained else None
                name = f"line {report.lines}"
                report.errors.append(
                    _error(Labelled(name, "", text, False, "none", (), "", "none", name), verdict, why)
                )
    return report


def _error(row: Labelled, verdict: Verdict, why: Why | None) -> Error:
    shown = mask(f"{row.title}\n{row.text}", verdict.contacts)
    return Error(
        row.id, "missed" if row.offer else "false", verdict.score, verdict.reason, shown.strip("\n")[:200], row.genre,
        row.disguise, row.types if row.offer else verdict.offer_types, verdict.band, why,
    )  # fmt: skip


def _parts(row: Labelled) -> Iterable[tuple[str, Sequence[str]]]:
    return (
        ("scope", (row.scope,)),
        ("class", row.types),
        ("family", row.families),
        ("genre", (row.genre,)),
        ("disguise", (row.disguise,)),
    )


def _true(name: str, row: Labelled) -> Sequence[str]:
    if not row.offer:
        return ()
    return {"scope": (row.scope,), "class": row.types, "family": row.families}[name]


def _thought(name: str, verdict: Verdict) -> Sequence[str]:
    if verdict.band != "flagged":
        return ()
    scope = (verdict.scope or "",)
    return {"scope": scope, "class": verdict.offer_types, "family": verdict.certificate_kinds}[name]


def _values(name: str, rows: Sequence[Labelled], verdicts: Sequence[Verdict]) -> list[str]:
    """Every value that is labelled or thought, but of a part that the file does not label: nothing."""
    true = {value for row in rows for value in _true(name, row)}
    return sorted(true | {value for verdict in verdicts for value in _thought(name, verdict)}) if true else []


def _judged(judge: Judge, rows: Sequence[Labelled]) -> Iterator[Verdict]:
    for start in range(0, len(rows), BATCH):
        yield from judge.judge([(row.title, row.text) for row in rows[start : start + BATCH]])
