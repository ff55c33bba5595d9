"""How an office asks platforms, as data: its rules, whom it escalates to, and each platform's master data.

``takedown_rules.csv`` (name, value, note), ``takedown_escalations.csv`` and ``platform_contacts.csv`` in
``ADWATCH_DATA/tables`` replace the shipped ones. A row of the contacts overlays what the platform's file says: a cell
that is filled in holds, an empty one leaves the file's fact. Each row is of the days from ``valid_from`` to
``valid_to``, the last (empty: without end); a platform may have several that do not overlap. A file from before there
were these two columns is read as if they were empty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import NamedTuple

from adwatch.errors import SpecError
from adwatch.tables import table_file
from adwatch.tables.uscc import uscc_mistake

NEEDED = {
    "checked": "审核",
    "signed": "签发用印",
    "document_number": "文号",
    "signatory": "签发人",
    "document_date": "成文日期",
    "scan": "用印扫描件",
}
"""What an office may ask for before a letter counts as sent."""
LETTERHEADS = ("letter", "red", "none")
WAYS = ("platform", "bureau")
"""By which way a platform elsewhere is asked: its own channel, or the bureau of its domicile."""
UNITS = ("hours", "working_days")
_LISTS = ("area", "before_mark_sent", "before_mail", "xarf_impersonation")
_NUMBERS = ("remind_every_days", "remind_without_deadline_days", "escalate_after_reminders")


@dataclass(frozen=True, slots=True)
class TakedownRules:
    """The rows of takedown_rules.csv; the note of a row says what it is."""

    area: tuple[str, ...] = ()
    before_mark_sent: tuple[str, ...] = ()
    before_mail: tuple[str, ...] = ("checked", "signed", "document_number", "signatory")
    letterhead: str = "letter"
    copies: str = ""
    printed_by: str = ""
    contact_person: str = ""
    contact_phone: str = ""
    remind_every_days: int = 3
    remind_without_deadline_days: int = 5
    escalate_after_reminders: int = 2
    xarf_contact: str = ""
    xarf_impersonation: tuple[str, ...] = ()

    @classmethod
    def load(cls, data: Path | None = None) -> TakedownRules:
        """The office's rules, else the shipped ones; a rule that is left out keeps its default."""
        file = table_file("takedown_rules.csv", data)
        values: dict[str, object] = {}
        known = {each.name for each in fields(cls)}
        for line, row in _rows(file, ("name", "value", "note")):
            name, value = row["name"], row["value"]
            if name not in known:
                raise SpecError(str(file), line, name, f"no such rule; write one of {', '.join(sorted(known))}")
            values[name] = _value(file, line, name, value)
        return cls(**values)  # type: ignore[arg-type]


def _value(file: Path, line: int, name: str, value: str) -> object:
    if name in _LISTS:
        parts = tuple(part.strip() for part in value.split("|") if part.strip())
        wrong = [part for part in parts if name.startswith("before_") and part not in NEEDED]
        if wrong:
            raise SpecError(str(file), line, name, f"{wrong[0]!r}: write some of {', '.join(NEEDED)}")
        return parts
    if name in _NUMBERS:
        if not value.isascii() or not value.isdecimal() or int(value) < 1:
            raise SpecError(str(file), line, name, f"{value!r}: write a number from 1")
        return int(value)
    if name == "letterhead" and value not in LETTERHEADS:
        raise SpecError(str(file), line, name, f"{value!r}: write one of {', '.join(LETTERHEADS)}")
    return value


@dataclass(frozen=True, slots=True)
class Escalation:
    """To whom a request goes that a platform does not follow."""

    id: str
    label: str
    addressee: str
    """Whole name as a letter addresses it; the label where the office has not written it."""
    email: str
    note: str

    @property
    def named(self) -> str:
        """As a letter addresses it."""
        return self.addressee or self.label


def escalations(data: Path | None = None) -> dict[str, Escalation]:
    """By id."""
    file = table_file("takedown_escalations.csv", data)
    names = tuple(each.name for each in fields(Escalation))
    return {row["id"]: Escalation(**row) for _, row in _rows(file, names)}


@dataclass(frozen=True, slots=True)
class Contact:
    """Master data of one platform (a row of platform_contacts.csv); empty cells are None."""

    line: int
    platform: str
    company: str | None
    uscc: str | None
    domicile: str | None
    bureau: str | None
    """Market regulation of the domicile: who is asked where ``way`` is bureau."""
    bureau_email: str | None
    way: str | None
    channel: str | None
    """How the platform takes requests, in words: a portal, a fax."""
    email: str | None
    contact: str | None
    deadline: int | None
    deadline_unit: str | None
    deadline_source: str | None
    """Where the deadline comes from: needed where there is one."""
    valid_from: date | None
    valid_to: date | None
    note: str | None

    def in_force(self, day: date) -> bool:
        """Whether it holds on a day of the office."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


class Mistake(NamedTuple):
    """What is wrong with a row."""

    line: int
    column: str
    said: str


VALIDITY = ("valid_from", "valid_to")
COLUMNS = tuple(each.name for each in fields(Contact) if each.name != "line")
WITHOUT_VALIDITY = tuple(name for name in COLUMNS if name not in VALIDITY)
"""The columns of a file from before there were days."""


def contacts(data: Path | None = None) -> tuple[Path, list[Contact], list[Mistake]]:
    """(the file, its rows, mistakes). A cell that is mistaken is left out of its row and the rest of it holds; a row
    whose days cannot be read, or overlap those of an earlier row of the platform, holds on no day."""
    file = table_file("platform_contacts.csv", data)
    found: list[Contact] = []
    problems: list[Mistake] = []
    for line, row in _rows(file, COLUMNS, WITHOUT_VALIDITY):
        cells: dict[str, str | None] = {name: (row.get(name) or "").strip() or None for name in COLUMNS}
        if not cells["platform"]:
            problems.append(Mistake(line, "platform", "应为平台文件名"))
            continue
        for name, said in _mistakes(cells):
            problems.append(Mistake(line, name, said))
            cells[name] = None
        days, wrong = _days(line, cells)
        if wrong is None:
            values = {**cells, **days, "deadline": int(cells["deadline"]) if cells["deadline"] else None}
            contact = Contact(line=line, **values)  # type: ignore[arg-type]
            wrong = _overlap(contact, found)
        if wrong is None:
            found.append(contact)
        else:
            problems.append(wrong)
    return file, found, problems


def contacts_on(data: Path | None, day: date) -> dict[str, Contact]:
    """The rows in force on a day, by platform. SpecError with file and line where the days of a row are mistaken: a
    letter must not go by another company's facts."""
    file, rows, problems = contacts(data)
    for each in problems:
        if each.column in VALIDITY:
            raise SpecError(str(file), *each)
    return {row.platform: row for row in rows if row.in_force(day)}


def _days(line: int, cells: dict[str, str | None]) -> tuple[dict[str, date | None], Mistake | None]:
    days: dict[str, date | None] = {}
    for name in VALIDITY:
        try:
            days[name] = date.fromisoformat(cells[name] or "") if cells[name] else None
        except ValueError:
            return {}, Mistake(line, name, f"{cells[name]}: 应为日期 YYYY-MM-DD")
    if (days["valid_from"] or date.min) > (days["valid_to"] or date.max):
        return {}, Mistake(line, "valid_to", "早于 valid_from")
    return days, None


def _overlap(one: Contact, others: Iterable[Contact]) -> Mistake | None:
    begin, end = one.valid_from or date.min, one.valid_to or date.max
    for other in others:
        apart = (other.valid_to or date.max) < begin or end < (other.valid_from or date.min)
        if other.platform == one.platform and not apart:
            return Mistake(one.line, "valid_from", f"{one.platform} 的有效期与第 {other.line} 行重叠")
    return None


def _mistakes(cells: dict[str, str | None]) -> Iterator[tuple[str, str]]:
    code, deadline, unit = cells["uscc"], cells["deadline"], cells["deadline_unit"]
    if code and (said := uscc_mistake(code)):
        yield "uscc", f"{code}: {said}"
    if cells["way"] and cells["way"] not in WAYS:
        yield "way", f"{cells['way']}: 只能为 {' 或 '.join(WAYS)}"
    elif cells["way"] == "bureau" and not cells["bureau"]:
        yield "way", "写 bureau 的，应填写 bureau（平台住所地监管部门）"
    for name in ("email", "bureau_email"):
        address = cells[name]
        if address and not _is_address(address):
            yield name, f"{address}: 不是邮箱地址"
    if deadline and not (deadline.isascii() and deadline.isdecimal() and 0 < int(deadline) <= 8760):
        yield "deadline", f"{deadline}: 应为正整数"
    elif deadline and (unit not in UNITS or not cells["deadline_source"]):
        yield "deadline", f"应写明单位（{' 或 '.join(UNITS)}）和期限的来源（deadline_source）"


def _is_address(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(" ,;:<>\"'()[]\\")
    return bool(local and at and "." in domain.strip(".") and plain)


def _rows(
    file: Path, columns: tuple[str, ...], older: tuple[str, ...] | None = None
) -> Iterator[tuple[int, dict[str, str]]]:
    """Lines with their cells; ``older``: what the columns may be as well."""
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        head = tuple(reader.fieldnames or ())
        if head not in (columns, older):
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(columns)}")
        for row in reader:
            if None in row or None in row.values():
                raise SpecError(str(file), reader.line_num, "", f"{len(head)} columns are needed")
            yield reader.line_num, row
