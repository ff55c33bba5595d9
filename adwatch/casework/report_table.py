"""One table of a period as it now stands: our figures, what people entered, what others handed in, and their sums.

Content: ``own`` and ``declared`` are rows by department, each cell ``{value, ...}`` by column; ``shown`` is what the
form says, by department and for the bottom rows. It holds all that the files are made of, so that what was submitted
needs neither the form's YAML nor the store to be written again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.report_calendar import Period
from adwatch.store import report_figures as figures
from adwatch.store import reports as store
from adwatch.store.report_removed import Kept, removed
from adwatch.tables.report_form import Column, Form

SCHEMA = "adwatch.report/1"
TOTAL, OWN, DECLARED = "合计", "其中：本单位", "其中：各单位申报"
DISTINCT = ("removed", "sites")
"""Figures that count listings, and sites; ``confirmed`` and ``transferred`` count leads."""
Cells = dict[str, dict[str, Any]]
_FOLDED = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
"""The blank that YAML puts where a line of Chinese is folded."""


def table(
    connection: Connection,
    form: Form,
    period: Period,
    *,
    unit: str,
    now: datetime,
    zone: tzinfo,
    most: int | None = None,
    skip: int = 0,
) -> dict[str, Any]:
    """The whole content of a table as it now stands, ready to be frozen.

    ``most``: only so many of the listings behind a cell are read, to be shown, but for the first ``skip``; ``rows``
    says how many there are.
    """
    own = _own(connection, form, period, zone, most, skip)
    sheets = latest_sheets(store.imports(connection, form.name, period.key))
    declared = _declared(form, sheets)
    shown = _shown(form, own, declared)
    given = {column.id: _text(shown[TOTAL].get(column.id)) for column in form.columns}
    span = {"first": chinese(period.first.isoformat()), "last": chinese(period.last.isoformat())}
    return {
        "schema": SCHEMA,
        "form": form.name,
        "title": form.title,
        "period": period.key,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "nominal": period.nominal.isoformat(),
        "unit": unit,
        "as_of": now.isoformat(),
        "as_of_local": now.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "columns": [
            {"id": c.id, "group": c.group, "heading": c.heading, "kind": c.kind, "computed": c.figure is not None}
            for c in form.columns
        ],
        "departments": list(form.departments),
        "own_department": form.own,
        "own": own,
        "declared": declared,
        "sheets": [
            {"unit": each["unit"], "file": each["file"], "sha256": each["sha256"], "rows": each["content"]["rows"]}
            for each in sheets
        ],
        "shown": shown,
        "narrative": _FOLDED.sub("", form.narrative).format_map({**given, **span, "unit": unit or "本单位"}),
    }


def latest_sheets(imports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sheet that holds of each unit: its last one."""
    last = {each["unit"]: each for each in imports}
    return [last[unit] for unit in sorted(last)]


def chinese(day: str) -> str:
    """2026年11月22日."""
    return "{}年{}月{}日".format(*map(int, day.split("-")))


def _text(value: object) -> str:
    return "（未填）" if value is None or value == "" else str(value)


def _own(
    connection: Connection, form: Form, period: Period, zone: tzinfo, most: int | None, skip: int
) -> dict[str, Cells]:
    """Computed cells, with the listings behind them, and entered ones, with who and when."""
    rows: dict[str, Cells] = {name: {} for name in form.departments}
    for column in form.columns:
        if column.figure is not None:
            found = _computed(connection, column, period, zone)
            rows[form.own][column.id] = _cell(connection, found, column.figure.of in DISTINCT, most, skip)
    for entry in store.values(connection, form.name, period.key):
        known = next((each for each in form.columns if each.id == entry["column"]), None)
        if known is None or entry["department"] not in rows:
            continue  # the form was changed since; the entry stays in the store
        cell = {"value": parsed(known, entry["value"])}
        cell.update(by=entry["person"], at=entry["at"].astimezone(zone).strftime("%Y-%m-%d %H:%M"))
        rows[entry["department"]][known.id] = cell
    return rows


def _computed(connection: Connection, column: Column, period: Period, zone: tzinfo) -> figures.Figure | Kept:
    """What stands behind a computed cell, before anything is read of it that only names it."""
    figure = column.figure
    if figure is None:
        raise TypeError(column.id)
    span, fits = (period.first, period.last), figures.Fits(figure.scope, figure.types)
    if figure.of == "removed":
        return removed(connection, *span, zone, figure.apart_days, figure.apart_hours, fits)
    if figure.of == "sites":
        return figures.sites(connection, *span, zone, fits)
    if figure.of == "confirmed":
        return figures.confirmed(connection, *span, zone, fits)
    return figures.transferred(connection, column.id, *span, fits)


def _cell(
    connection: Connection, found: figures.Figure | Kept, distinct: bool, most: int | None, skip: int
) -> dict[str, Any]:
    """A cell with its listings: number of the lead, stable key, platform, day on which each came to count."""
    if most == 0:
        return {"value": found.count(connection) if distinct else found.leads(connection), "listings": []}
    listed = found.read(connection, most)
    if most is None or found.fits.types:  # all was read
        many, leads = len(listed.listings), listed.leads
    else:
        many, leads = (found.count(connection), 0) if distinct else found.totals(connection)
    listings = [
        {
            "listing_id": each.listing_id,
            "platform": each.platform,
            "case_id": each.case_id,
            "lead_number": each.lead_number,
            "day": each.day,
        }
        for each in listed.rows(connection, most, skip=skip)
    ]
    cell = {"value": many if distinct else leads, "listings": listings}
    return cell if most is None else {**cell, "rows": many}


def parsed(column: Column, value: str) -> int | str:
    """A stored value as cells hold it; decimals stay text, so that sums are exact."""
    return int(value) if column.kind == "number" else value


def _sum(column: Column, values: list[tuple[str, Any]]) -> Any:
    """The sum of (unit, value); texts one after another with their unit; None where there is nothing."""
    there = [(unit, value) for unit, value in values if value is not None and value != ""]
    if not there:
        return None
    if column.kind == "number":
        return sum(value for _, value in there)
    if column.kind == "decimal":
        return str(sum((Decimal(value) for _, value in there), Decimal(0)))
    return "；".join(f"{unit}：{value}" if unit else value for unit, value in there)


def _declared(form: Form, sheets: list[dict[str, Any]]) -> dict[str, Cells]:
    """What the units' sheets say, added up by department, each cell with its parts."""
    rows: dict[str, Cells] = {name: {} for name in form.departments}
    for name in form.departments:
        for column in form.columns:
            parts = [
                (sheet["unit"], row["cells"][column.id])
                for sheet in sheets
                for row in sheet["content"]["rows"]
                if row["department"] == name and row["cells"].get(column.id) is not None
            ]
            if parts:
                rows[name][column.id] = {
                    "value": _sum(column, parts),
                    "parts": [{"unit": unit, "value": value} for unit, value in parts],
                }
    return rows


def _shown(form: Form, own: Mapping[str, Cells], declared: Mapping[str, Cells]) -> dict[str, dict[str, Any]]:
    """What the form says.

    A cell is ours and what was declared, added up; in a column that is kept ``apart``, our own row says ours only.
    The bottom rows show ours and theirs apart in every column.
    """
    shown: dict[str, dict[str, Any]] = {name: {} for name in (*form.departments, TOTAL, OWN, DECLARED)}
    for column in form.columns:
        for name in form.departments:
            ours, theirs = _value(own, name, column), _value(declared, name, column)
            if column.combine == "apart" and name == form.own:
                shown[name][column.id] = ours
            else:
                shown[name][column.id] = _sum(column, [("", ours), ("", theirs)])
        rows = {TOTAL: shown, OWN: own, DECLARED: declared}
        for bottom, source in rows.items():
            values = [
                ("", shown[name][column.id] if source is shown else _value(source, name, column))
                for name in form.departments
            ]
            shown[bottom][column.id] = _sum(column, values)
    return shown


def _value(rows: Mapping[str, Any], department: str, column: Column) -> Any:
    return rows[department].get(column.id, {}).get("value")


def differences(
    columns: list[dict[str, Any]], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Cells of two contents that say something else: department, column, before, after; ours and theirs apart."""
    found = []
    for side in ("own", "declared"):
        for department in dict.fromkeys((*before[side], *after[side])):
            for column in columns:
                old, new = (each[side].get(department, {}).get(column["id"], {}) for each in (before, after))
                if (old.get("value"), _keys(old)) != (new.get("value"), _keys(new)):
                    said = {
                        "department": department,
                        "column": column["id"],
                        "heading": column["heading"],
                        "side": side,
                    }
                    found.append({**said, "before": old.get("value"), "after": new.get("value")})
    return found


def _keys(cell: Mapping[str, Any]) -> list[str]:
    return sorted(each["listing_id"] for each in cell.get("listings", ()))
