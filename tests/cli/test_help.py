"""The help reads like a manual: every verb says in a short sentence what it does, and the office's verbs show how."""

from __future__ import annotations

import re
from typing import Any

import click
import pytest
import typer
from click.testing import CliRunner

from adwatch.cli import (
    audit,
    casework,
    database,
    detect,
    kibana,
    maintain,
    reports,
    review_findings,
    review_quality,
    review_tracks,
    review_work,
    run,
    watch,
)


def _app() -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None, context_settings={"terminal_width": 80})
    review = (review_findings, review_work, review_tracks, review_quality)
    for verbs in (run, detect, casework, *review, audit, maintain, database, kibana, watch, reports):
        verbs.register(app)
    return app


def _verbs(group: click.Group, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        path = (*prefix, name)
        found += _verbs(command, path) if hasattr(command, "commands") else [path]
    return found


COMMAND: Any = typer.main.get_command(_app())
"""Drawn up once: it takes longer than any page."""
VERBS = _verbs(COMMAND)


def _help(*words: str) -> str:
    done = CliRunner().invoke(COMMAND, [*words, "--help"])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_lists_of_verbs_are_not_cut_off() -> None:
    names = {path[0] for path in VERBS if len(path) > 1}
    assert {"audit", "review", "takedown", "index", "evidence", "platforms", "db", "kibana", "report"} == names
    own = [path[-1] for path in VERBS if path != ("review", "opinions")]
    for page in (_help(), *(_help(name) for name in names)):
        for line in page.splitlines():
            verb = line.split()[0] if line.startswith("  ") and line.split() else ""
            assert not (verb in own and line.endswith("...")), line


@pytest.mark.parametrize("path", VERBS, ids=" ".join)
def test_a_verb_explains_its_options_in_words(path: tuple[str, ...]) -> None:
    page = _help(*path)
    assert re.search(r"^  \S.*\.", page, re.MULTILINE), "says what it does"
    if path == ("review", "opinions"):
        return
    options = page.partition("Options:")[2]
    assert not re.findall(r"<(?:str|int|path|list\[\w+\]|int range)>", options), "names of values, not Python types"


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in VERBS
        if path[0] in ("review", "takedown", "export", "search", "patrol", "ingest", "demo", "db", "kibana")
    ],
    ids=" ".join,
)
def test_the_verbs_of_the_day_show_how_they_are_typed(path: tuple[str, ...]) -> None:
    if path == ("review", "opinions"):
        return
    shown = re.findall(r"^ +adwatch (.+)$", _help(*path), re.MULTILINE)
    assert shown
    assert all(tuple(line.split()[: len(path)]) == path for line in shown)
