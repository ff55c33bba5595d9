"""The gauge as the command calls it: the classifier on labelled or ordinary text, the keyword lists alone beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adwatch.errors import UsageError
from adwatch.settings import load_settings
from adwatch.text import one_line
from classifiers import evaluate as gauge
from classifiers.judge import OfferJudge
from classifiers.keyword_judge import KeywordJudge

Cells = tuple[str, str, str]


def evaluate(file: Path) -> dict[str, Any]:
    """Figures of the classifier, with ``keyword_only`` beside them."""
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    data = load_settings().data
    report: dict[str, Any] = gauge.evaluate(OfferJudge.load(data), file).as_dict()
    beside = gauge.evaluate(KeywordJudge.load(data), file).as_dict()
    return {**report, "keyword_only": {name: value for name, value in beside.items() if name not in ("errors", "by")}}


def table(report: dict[str, Any]) -> Iterator[Cells]:
    """Rows of figures for people."""
    beside = report["keyword_only"]
    if report["lines"]:
        yield "行 lines", f"{report['lines']:,}", ""
        yield "误报 false", str(report["false_lines"]), str(beside["false_lines"])
        yield "每十万行误报 per 100,000", f"{report['false_per_100k']:.1f}", f"{beside['false_per_100k']:.1f}"
        return
    for name, label in (("f1", "F1"), ("precision", "查准率 precision"), ("recall", "查全率 recall")):
        yield label, f"{report[name]:.3f}", f"{beside[name]:.3f}"
    for name, label in (("found", "命中 found"), ("missed", "漏报 missed"), ("false", "误报 false")):
        yield label, str(report[name]), str(beside[name])
    for part in ("scope", "class", "disguise"):
        for value, figures in report["by"].get(part, {}).items():
            if figures["found"] + figures["missed"]:
                yield f"{part}: {value or '-'} recall", f"{figures['recall']:.3f}", ""


def error_lines(report: dict[str, Any], limit: int) -> Iterator[str]:
    """Errors in a line each."""
    for error in report["errors"][:limit]:
        head = f"{error['kind']} {error['id']} {error['score']:.2f} {error['reason'] or ''}"
        yield f"{head}: {one_line(error['text'], 100)}"
