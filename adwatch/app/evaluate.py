"""The gauge as the command calls it: the classifier on labelled or ordinary text, the keyword lists alone beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from adwatch.app.gauge_page import page
from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.settings import SystemClock, load_settings
from adwatch.tables import families
from adwatch.text import one_line
from classifiers import evaluate as gauge
from classifiers.keyword_judge import KeywordJudge
from classifiers.offers import OFFER_CLASSES

Cells = tuple[str, str, str]
DETAILS = ("errors", "by", "named", "reliability")
"""Left out of the keyword lists' figures."""


def evaluate(file: Path) -> dict[str, Any]:
    """Figures of the classifier, with ``keyword_only`` beside them."""
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    settings = load_settings()
    report: dict[str, Any] = gauge.evaluate(Office(settings).judge, file).as_dict()
    beside = gauge.evaluate(KeywordJudge.load(settings.data), file, explained=0).as_dict()
    return {**report, "keyword_only": {name: value for name, value in beside.items() if name not in DETAILS}}


def write_page(file: Path, reports: Sequence[dict[str, Any]]) -> None:
    """All reports as one page of HTML that needs nothing else."""
    settings = load_settings()
    names = {row.id: row.label for row in OFFER_CLASSES}
    names |= {row.id: row.label for row in families(settings.data).values()}
    text = page(reports, names, SystemClock().now().astimezone(settings.zone))
    try:
        file.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"--html {file}: cannot be written: {error.strerror}") from error


def table(report: dict[str, Any]) -> Iterator[Cells]:
    """Rows of figures for people."""
    beside = report["keyword_only"]
    if report["lines"]:
        yield "行 lines", f"{report['lines']:,}", ""
        yield "误报 false", str(report["false_lines"]), str(beside["false_lines"])
        yield "每十万行误报 per 100,000", f"{report['false_per_100k']:.1f}", f"{beside['false_per_100k']:.1f}"
        return
    for name, label in (("f1", "F1"), ("precision", "查准率 precision"), ("recall", "查全率 recall")):
        low, high = report[f"{name}_ci"]
        yield label, f"{report[name]:.3f} ({low:.3f}–{high:.3f})", f"{beside[name]:.3f}"
    for name, label in (("found", "命中 found"), ("missed", "漏报 missed"), ("false", "误报 false")):
        yield label, str(report[name]), str(beside[name])
    yield "校准误差 calibration error", f"{report['expected_calibration_error']:.3f}", ""
    for part in ("scope", "class", "family", "disguise"):
        for value, figures in report["by"].get(part, {}).items():
            if figures["found"] + figures["missed"]:
                low, high = figures["recall_ci"]
                yield f"{part}: {value or '-'} recall", f"{figures['recall']:.3f} ({low:.3f}–{high:.3f})", ""
    for value, figures in report["by"].get("genre", {}).items():
        if figures["false"]:
            low, high = figures["false_rate_ci"]
            yield f"genre: {value or '-'} flagged", f"{figures['false_rate']:.3f} ({low:.3f}–{high:.3f})", ""


def error_lines(report: dict[str, Any], limit: int) -> Iterator[str]:
    """Errors in a line each."""
    for error in report["errors"][:limit]:
        why = error["why"] or {"reason": error["reason"] or "", "words": []}
        moved = " ".join(f"[{weight:+.2f} {one_line(word, 24)}]" for word, weight in why["words"])
        head = f"{error['kind']} {error['id']} {error['score']:.2f} {why['reason']}"
        yield f"{head}: {one_line(error['text'], 100)} {moved}".rstrip()
