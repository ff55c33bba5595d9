"""Markdown for the summaries of scheduled runs; what stands in a cell comes from outside and is made harmless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from adwatch.app.office import Office
from adwatch.casework.files import write_whole
from adwatch.text import one_line

_SPECIAL = re.compile(r"([\\`*\[\]<>|&])")
_LONGEST = 300


def cell(value: object) -> str:
    """One line of text with Markdown's signs escaped: no link, no tag, no new column."""
    return _SPECIAL.sub(r"\\\1", one_line("" if value is None else str(value), _LONGEST))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a table."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return [*lines, *("| " + " | ".join(map(cell, row)) + " |" for row in rows)]


def keep(office: Office, name: str, lines: Iterable[str]) -> str:
    """Write a summary to ``summaries/NAME.md`` in home and give its text."""
    text = "\n".join(lines) + "\n"
    write_whole(office.home / "summaries" / f"{name}.md", text.encode("utf-8"))
    return text
