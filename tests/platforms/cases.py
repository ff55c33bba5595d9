"""The recorded cases of the shipped platform files; what a case is stands in ``collectors.cases``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from adwatch.settings import load_settings
from collectors.cases import SOURCES
from collectors.cases import Case as AnyCase


class Case(AnyCase):
    """A case that is read once: there is a test for each of its fields."""

    def read(self) -> dict[str, Any]:
        return _read(self.path)


@cache
def _read(path: Path) -> dict[str, Any]:
    return AnyCase(path, load_settings(_env_file=None)).read()


def all_cases() -> list[Case]:
    """Every case directory there is."""
    settings = load_settings(_env_file=None)
    return [Case(path.parent, settings) for path in sorted(SOURCES.glob("*/*/request.json"))]
