"""Markdown for the summaries of scheduled runs; what stands in a cell comes from outside and is made harmless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from adwatch.app.office import Office
from adwatch.files import write_whole
from adwatch.settings import Settings
from adwatch.text import one_line

_SPECIAL = re.compile(r"([\\`*\[\]<>|&])")
_LONGEST = 300
PATROL, CASEWORK = "adwatch-d-patrol", "adwatch-d-casework"
"""Dashboards of index_mappings/kibana/source.yml that a summary links to."""


def cell(value: object) -> str:
    """One line of text with Markdown's signs escaped: no link, no tag, no new column."""
    return _SPECIAL.sub(r"\\\1", one_line("" if value is None else str(value), _LONGEST))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a table."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return [*lines, *("| " + " | ".join(map(cell, row)) + " |" for row in rows)]


def links(settings: Settings, dashboard: str) -> list[str]:
    """Lines that lead to the console and to the search, where their addresses are set."""
    found = [f"[控制台]({settings.console_url})"] if settings.console_url else []
    if settings.kibana_url:
        board = f"{settings.kibana_url}/s/adwatch/app/dashboards#/view/{dashboard}"
        found += [f"[图表]({board})", f"[检索]({settings.kibana_url}/s/adwatch/app/discover)"]
    return ["", " · ".join(found)] if found else []


def keep(office: Office, name: str, lines: Iterable[str], dashboard: str = PATROL) -> str:
    """Write a summary to ``summaries/NAME.md`` in home and give its text, links at its end."""
    text = "\n".join([*lines, *links(office.settings, dashboard)]) + "\n"
    write_whole(office.home / "summaries" / f"{name}.md", text.encode("utf-8"))
    return text
