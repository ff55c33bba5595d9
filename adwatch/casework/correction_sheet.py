"""The attachment table of a 更正函 about a paper that went out, as XLSX: rows that differ, what was said and holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adwatch.casework.annex_sheet import A4, annex_sheet
from adwatch.casework.correction_paper import COLUMNS, TITLES, table

SHEET = "更正内容清单"
WIDTHS = (6, 20, 60, 34, 34)


def correction_sheet(content: Mapping[str, Any]) -> bytes:
    """The list of a letter."""
    columns = [(name, width) for (name, _), width in zip(COLUMNS, WIDTHS, strict=True)]
    return annex_sheet(content, TITLES[content["paper"]], SHEET, columns, table(content), A4)
