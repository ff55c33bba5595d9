"""Reads a sheet that a county or department filled in: rows by department, every refused cell named, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from adwatch.casework.report_files import FIRST
from adwatch.casework.report_table import DECLARED, OWN, TOTAL, parsed
from adwatch.casework.report_values import checked_value
from adwatch.casework.shown import without_controls
from adwatch.errors import UsageError
from adwatch.tables.report_form import Form

ROW_LIMIT, CELL_LIMIT = 2000, 4000
"""Rows of a sheet that are read, characters of a cell that are kept."""
BOTTOM = (TOTAL, OWN, DECLARED)
_SPACE = re.compile(r"\s+")


def read_sheet(form: Form, lines: Iterable[tuple[int, Sequence[object]]], file: str) -> dict[str, Any]:
    """The content of a sheet: ``unit`` of its head, ``rows`` (line, department, cells), ``refused`` (line, message),
    ``raw`` (every line with a filled cell, as it came). UsageError where it is not this form at all.
    """
    unit, places = "", dict[int, str]()
    found: dict[str, Any] = {"unit": "", "rows": [], "refused": [], "raw": []}
    seen: set[str] = set()
    for number, cells in lines:
        texts = [_text(value) for value in cells]
        if not any(texts):
            continue
        if len(found["raw"]) >= ROW_LIMIT:
            raise UsageError(f"{file}: 超过 {ROW_LIMIT} 行，不是{form.title}")
        found["raw"].append([number, texts])
        if not places:
            unit = unit or _unit(texts)
            places = _places(form, found["raw"], file)
        elif texts[0] not in BOTTOM:
            _row(form, number, texts, places, seen, found)
    if not places:
        raise UsageError(
            f"{file}: 没有“{FIRST}”一行表头，不是{form.title}；用 adwatch report export {form.name} 取得空表"
        )
    return {**found, "unit": unit}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return without_controls(str(value)).strip()[:CELL_LIMIT]


def _bare(text: str) -> str:
    """A heading without what re-typing changes: spaces and the width of brackets."""
    return _SPACE.sub("", text).replace("（", "(").replace("）", ")")


def _unit(texts: list[str]) -> str:
    for at, text in enumerate(texts):
        bare = _SPACE.sub("", text)
        if bare.startswith("填报单位"):
            named = re.sub(r"^填报单位[：:]?", "", bare)
            return named or next((after for after in texts[at + 1 :] if after), "")
    return ""


def _places(form: Form, raw: list[list[Any]], file: str) -> dict[int, str]:
    """Column ids by their place, once the row of headings has come; the group row may carry those without a group.

    Headings that occur twice are told apart by their order, which is the form's.
    """
    upper = next((at for at, (_, texts) in enumerate(raw) if _bare(texts[0]) == FIRST), None)
    if upper is None:
        return {}
    wanted = [(column.id, _bare(column.heading)) for column in form.columns]
    merged: dict[int, list[str]] = {}
    for _, texts in raw[upper : upper + 2]:
        for at, text in enumerate(texts[1:], 1):
            merged.setdefault(at, []).append(_bare(text))
    places: dict[int, str] = {}
    left = list(wanted)
    for at in sorted(merged):
        hit = next((pair for pair in left if pair[1] in merged[at]), None)
        if hit is not None:
            places[at] = hit[0]
            left.remove(hit)
    if not left:
        return places
    if len(raw) > upper + 1:
        missing = "、".join(form.column(name).heading for name, _ in left)
        raise UsageError(f"{file}: 表头缺少列：{missing}")
    return {}


def _row(
    form: Form, number: int, texts: list[str], places: dict[int, str], seen: set[str], found: dict[str, Any]
) -> None:
    name = texts[0]
    if name not in form.departments:
        said = f"没有部门 {name[:40]!r}；可用: {'、'.join(form.departments)}" if name else "没有写部门"
        found["refused"].append({"line": number, "message": said})
        return
    if name in seen:
        found["refused"].append({"line": number, "message": f"部门 {name} 重复；以前一行为准"})
        return
    seen.add(name)
    values: dict[str, Any] = {}
    for at, column_id in places.items():
        if at >= len(texts) or not texts[at]:
            continue
        column = form.column(column_id)
        try:
            values[column_id] = parsed(column, checked_value(column, texts[at]))
        except UsageError as error:
            found["refused"].append({"line": number, "message": f"{name}: {error}"})
    found["rows"].append({"line": number, "department": name, "cells": values})
