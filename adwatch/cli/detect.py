"""Verbs of detection: the filter, the gauge, the keyword lists."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.output import JsonFlag, examples, print_json, print_table, progress_bar, safe, say


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command(
        "classify",
        epilog=examples("classify < listings.jsonl > verdicts.jsonl", "classify --jobs 4 < day.jsonl > verdicts.jsonl"),
    )(classify)
    app.command("evaluate", epilog=examples("evaluate labelled.jsonl --errors 20", "evaluate ordinary.txt.gz"))(
        evaluate
    )


def classify(
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", min=1, max=256, help="Judge in N processes; the order is kept.")
    ] = 1,
) -> None:
    """Judge texts, as a filter. JSON lines {"id","title","text"} on standard input, a verdict a line, same order."""
    import sys

    from adwatch.app.classify_filter import run_filter
    from adwatch.app.classify_jobs import run_in_processes

    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    if run_filter(stdin, stdout) if jobs == 1 else run_in_processes(stdin, stdout, jobs):
        raise typer.Exit(1)


def evaluate(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Labelled JSON lines, or plain text (.txt, .txt.gz): ordinary lines."),
    ],
    errors: Annotated[int, typer.Option("--errors", metavar="N", min=0, help="Show so many errors.")] = 0,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a readable report with plots to this file.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Measure the classifier on labelled text. The figure of keywords alone stands beside it."""
    from adwatch.app import evaluate as work

    reports = []
    for file in files:
        with progress_bar(f"测评 {safe(file.name)}"):
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
