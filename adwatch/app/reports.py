"""Tables that fall due, as verbs call them: the office's forms, its calendar and its store are joined here."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from adwatch.app.files import read_bytes
from adwatch.app.office import Office
from adwatch.casework import report_work as work
from adwatch.casework.report_calendar import STATES, Period, due_row, period, periods
from adwatch.casework.report_files import FORMATS, rows
from adwatch.casework.report_import import read_sheet
from adwatch.casework.shown import show
from adwatch.errors import UsageError
from adwatch.files import write_whole
from adwatch.models import Actor, StageReport
from adwatch.store import reports as store
from adwatch.store.engine import reading
from adwatch.store.views import as_offered, versions_of
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.report_form import Form, report_forms
from collectors.handover.values import ValueRefused
from collectors.handover.workbook import Workbook

Row = dict[str, Any]
AHEAD = 40
"""Days that are looked ahead for what falls due."""
BACK = 400
"""Days after which what was never submitted is no longer listed."""
NEWEST = 50
"""Issues that the list of what was submitted has."""


def form_of(office: Office, name: str) -> Form:
    """A form by its name."""
    forms = report_forms(office.settings.data)
    if name not in forms:
        raise UsageError(f"没有统计表 {name!r}；可用: {'、'.join(forms)}")
    return forms[name]


def chosen(office: Office, name: str, key: str) -> tuple[Form, Period]:
    """A form and one of its periods."""
    form = form_of(office, name)
    return form, period(form, key)


def due(office: Office, everything: bool = False) -> list[Row]:
    """What is overdue and what falls due in the next weeks, the most urgent first.

    ``everything``: behind them, the newest first, what was submitted too, and what ended before the office began:
    before ``office_start`` of the calendar, failing that before the day of the first patrol, failing that before today.
    A due day in a year whose holidays are not known has ``due`` None and its ``problem``.
    """
    today = office.clock.now().astimezone(office.settings.zone).date()
    working = WorkingDays(office.settings.data)
    with reading(office.engine) as connection:
        submitted = store.submitted(connection)
        first = store.first_patrol(connection)
    waiting: list[Row] = []
    done: list[Row] = []
    for form in report_forms(office.settings.data).values():
        begun = form.calendar.office_start or first or today
        for one in periods(form, today + timedelta(AHEAD)):
            if one.nominal < today - timedelta(BACK):
                continue
            row = due_row(form, one, (form.name, one.key) in submitted, today, working, begun)
            (done if row["state"] in ("submitted", "before") else waiting).append(row)
    waiting.sort(key=_when)
    done.sort(key=_when, reverse=True)
    return [{**row, "state_label": STATES[row["state"]]} for row in (*waiting, *(done if everything else ()))]


def _when(row: Row) -> tuple[str, str]:
    return row["due"] or row["nominal"], row["form"]


def issued(office: Office, name: str | None = None, key: str | None = None) -> list[Row]:
    """What was submitted and restated, the newest first: which table and issue, by whom, when, and why anew."""
    titles = {each.name: each.title for each in report_forms(office.settings.data).values()}
    with reading(office.engine) as connection:
        found = store.issued(connection, NEWEST, name, key)
    return [{**row, "title": titles.get(row["form"], row["form"])} for row in found]


def content(office: Office, name: str, key: str, issue: int | None = None) -> Row:
    """A table: as it now stands, or as issue ``issue`` stated it."""
    form, one = chosen(office, name, key)
    if issue is not None:
        return work.issue(office.engine, form.name, one.key, issue)
    settings = office.settings
    return work.live(office.engine, form, one, unit=settings.unit, now=office.clock.now(), zone=settings.zone)


def lines(table: Row) -> list[tuple[str, Row]]:
    """(name, cells) of each row in the order of the form: a content that was frozen has its keys in another."""
    return list(rows(table))


def shown(office: Office, name: str, key: str, issue: int | None = None) -> Row:
    """A table to be looked at: as ``content``, but of what now stands without the listings behind its cells."""
    form, one = chosen(office, name, key)
    return content(office, name, key, issue) if issue is not None else _standing(office, form, one, 0)


def shown_behind(office: Office, name: str, key: str, column: str, issue: int | None, most: int, skip: int = 0) -> Row:
    """A table with what ``behind`` needs of one column; no other is computed.

    Of the listings it has so many behind ``skip``; ``rows`` of the cell says how many there are.
    """
    form, one = chosen(office, name, key)
    if issue is None:
        narrow = {"columns": (form.column(column),), "narrative": ""}
        return _standing(office, form.model_copy(update=narrow), one, skip + most, skip)
    table = content(office, name, key, issue)
    for cells in table["own"].values():
        if "listings" in (cell := cells.get(column) or {}):
            cell.update(rows=len(cell["listings"]), listings=cell["listings"][skip : skip + most])
    return table


def _standing(office: Office, form: Form, one: Period, most: int, skip: int = 0) -> Row:
    unit, now, zone = office.settings.unit, office.clock.now(), office.settings.zone
    return work.shown(office.engine, form, one, most, unit=unit, now=now, zone=zone, skip=skip)


def behind(office: Office, table: Row, column_id: str) -> list[Row]:
    """The listings behind a computed cell that the table has, as they may be shown, or who entered or declared it.

    ``count_behind`` says how many rows there are.
    """
    column = next((each for each in table["columns"] if each["id"] == column_id), None)
    if column is None:
        raise UsageError(f"没有列 {column_id!r}；可用: {'、'.join(each['id'] for each in table['columns'])}")
    found: list[Row] = []
    for department in table["departments"]:
        ours = table["own"][department].get(column_id)
        if ours is not None and "listings" in ours:
            found += _listed(office, department, ours["listings"])
        elif ours is not None:
            entered = {"value": ours["value"], "by": ours["by"], "at": ours["at"]}
            found.append({"department": department, "source": "entered", **entered})
        for part in table["declared"][department].get(column_id, {}).get("parts", ()):
            found.append({"department": department, "source": "declared", **part})
    return found


def count_behind(table: Row, column_id: str) -> int:
    """How many rows ``behind`` has without a limit."""
    count = 0
    for department in table["departments"]:
        ours = table["own"][department].get(column_id)
        count += 0 if ours is None else ours.get("rows", len(ours.get("listings", [ours])))
        count += len(table["declared"][department].get(column_id, {}).get("parts", ()))
    return count


def _listed(office: Office, department: str, listings: list[Row]) -> Iterator[Row]:
    """Rows of listings with title and link, personal data masked."""
    with reading(office.engine) as connection:
        keys = store.keys_of(connection, [item["listing_id"] for item in listings])
        views = versions_of(connection, keys.values())
    for item in listings:
        versions = views.get(keys.get(item["listing_id"], -1))
        view = as_offered(versions) if versions else None
        title = show(view).title if view else ""
        url = (view.listing.url or "") if view else ""
        yield {"department": department, "source": "computed", **item, "title": title, "url": url}


def enter(office: Office, name: str, key: str, department: str | None, column: str, value: str, by: str | Actor) -> Row:
    """Enter one cell; ``by``, here and below: a name, or who signed in."""
    form, one = chosen(office, name, key)
    who, account = _named(by)
    more: Row = {"now": office.clock.now(), "account": account}
    return work.enter(office.engine, form, one, department or form.own, column, value, who, **more)


def _named(by: str | Actor) -> tuple[str, Actor | None]:
    return (by, None) if isinstance(by, str) else (by.person, by)


def count_leads(office: Office, name: str, column: str | None, ids: Sequence[int], day: date, by: str) -> list[Row]:
    """Count leads under a column of transfers, or under none."""
    form = form_of(office, name)
    clock = {"now": office.clock.now(), "zone": office.settings.zone}
    return work.count_lead(office.engine, form, column, ids, day, by, **clock)  # type: ignore[arg-type]


def submit(office: Office, name: str, key: str, by: str | Actor, contact: str) -> Row:
    """Freeze a table."""
    form, one = chosen(office, name, key)
    who, account = _named(by)
    return work.submit(office.engine, form, one, who, contact, **_office(office), account=account)


def restate(office: Office, name: str, key: str, by: str | Actor, contact: str, reason: str) -> Row:
    """State anew what has changed."""
    form, one = chosen(office, name, key)
    who, account = _named(by)
    return work.restate(office.engine, form, one, who, contact, reason, **_office(office), account=account)


def _office(office: Office) -> Row:
    """Unit and clock of what is frozen."""
    return {"unit": office.settings.unit, "now": office.clock.now(), "zone": office.settings.zone}


def hand_in(
    office: Office, name: str, key: str, files: Sequence[Path], unit: str | None, by: str
) -> tuple[StageReport, list[Row]]:
    """Take in the sheets of counties and departments; a sheet that is none is named, and the others go on."""
    form, one = chosen(office, name, key)
    work.person(by)
    if unit is not None and len(files) > 1:
        raise UsageError("--unit 只能与一个文件同用；每个单位分别导入")
    report, taken = StageReport("report import"), []
    for file in files:
        try:
            data = read_bytes(file)
            sheet = read_sheet(form, _lines(data, file), file.name)
            named = (unit or sheet["unit"]).strip()
            digest = hashlib.sha256(data).hexdigest()
            new = work.hand_in(office.engine, form, one, named, file.name, digest, sheet, by, now=office.clock.now())
        except UsageError as error:
            report.drop("no_sheet", str(error))
            continue
        for refused in sheet["refused"]:
            report.drop("cell", f"{file.name} 第{refused['line']}行: {refused['message']}")
        report.kept += len(sheet["rows"])
        counts = {"rows": len(sheet["rows"]), "refused": len(sheet["refused"]), "new": new}
        taken.append({"file": str(file), "unit": named, "period": one.key, **counts})
    return report, taken


def _lines(data: bytes, file: Path) -> Iterator[tuple[int, Sequence[object]]]:
    """Rows of the first sheet of a workbook, with their numbers from 1."""
    try:
        with closing(Workbook(io.BytesIO(data))) as book:
            for _, rows in book.sheets():
                yield from rows
                return
    except ValueRefused as error:
        raise UsageError(f"{file}: {error}") from error


def export(office: Office, name: str, key: str, form: str, out: Path | None, issue: int | None) -> Path:
    """Write a table's file: the draft as it stands, or an issue as it was stated."""
    if form not in FORMATS:
        raise UsageError(f"--format {form}: write one of {', '.join(FORMATS)}")
    table = content(office, name, key, issue)
    safe = re.sub(r"[^\w.-]", "_", name)
    stem = f"{safe}-{key}-" + (f"issue{table['issue']}" if table["issue"] else "draft")
    file = (out or office.home / "reports").absolute() / f"{stem}.{form}"
    write_whole(file, FORMATS[form](table))
    return file
