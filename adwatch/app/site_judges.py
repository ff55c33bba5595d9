"""The judges of hosts and pages, made once in a process: their words with all misspellings take seconds to lay out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from adwatch.app.office import Office
from classifiers.sites.lookalike import Lookalikes
from classifiers.sites.page import PageJudge

Stamp = tuple[tuple[str, int, int], ...]


def page_judge(office: Office) -> PageJudge:
    """The judge of pages for the office's tables as they are now."""
    return _made(office.settings.data, _stamp(office.settings.data))


def host_judge(office: Office) -> Lookalikes:
    """The judge of hosts, the same that pages are judged with."""
    return page_judge(office).hosts


@lru_cache(maxsize=2)
def _made(data: Path | None, _as_of: Stamp) -> PageJudge:
    return PageJudge(data)


def _stamp(data: Path | None) -> Stamp:
    """The office's own tables, so that a changed one is read again."""
    if data is None:
        return ()
    files = sorted((data / "tables").glob("*.csv"))
    return tuple((file.name, found.st_mtime_ns, found.st_size) for file in files for found in (file.stat(),))
