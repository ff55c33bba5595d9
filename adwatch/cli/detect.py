"""Verbs of detection: the filter, the gauge, the keyword lists."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.output import JsonFlag, print_json, print_table, say


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("classify")(classify)
    app.command("evaluate")(evaluate)


def classify() -> None:
    """A filter: JSON lines {"id","title","text"} on standard input, a verdict a line on standard output, same order."""
    import sys

    from adwatch.app.classify_filter import run_filter

    if run_filter(sys.stdin.buffer, sys.stdout.buffer):
        raise typer.Exit(1)


def evaluate(
    files: Annotated[
        list[Path], typer.Argument(help="Labelled JSON lines, or plain text (.txt, .txt.gz): ordinary lines.")
    ],
    errors: Annotated[int, typer.Option("--errors", help="Show so many errors.")] = 0,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a readable report with plots to this file.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Measure the classifier on labelled text, the keyword-only figure beside it."""
    from adwatch.app import evaluate as work

    reports = []
    for file in files:
        report = work.evaluate(file)
        reports.append(report)
        if as_json:
            print_json([report])
            continue
        say(f"{file.name}")
        print_table("", ("量 measure", "证巡 AdWatch", "仅关键词 keyword list"), work.table(report))
        for line in work.error_lines(report, errors):
            say(line)
    if html:
        work.write_page(html, reports)
        if not as_json:
            say(f"报告 report: {html}")
