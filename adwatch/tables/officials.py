"""The register of official look-ups (officials.csv): hosts, public accounts and mini programs, each for a time.

An official site need not end in gov.cn, and what was official once may be anybody's today: everything is looked up as
of a day.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.tables import families, table_file

FILE = "officials.csv"
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
KINDS = {"host": "网站", "account": "公众号", "mini_program": "小程序"}
NAMES = ("kind", "name", "families", "region", "valid_from", "valid_to", "source", "note")


@dataclass(frozen=True, slots=True)
class Official:
    """One official look-up."""

    kind: str
    """host | account | mini_program."""
    name: str
    """Host name, or the account's or program's name."""
    families: tuple[str, ...]
    """Certificate families that it may confirm."""
    region: str
    """Where it is competent."""
    valid_from: date | None
    """First day."""
    valid_to: date | None
    """Last day; None while it is in use."""
    source: str
    """Authority that runs it."""
    note: str
    """What an office should know or check."""

    def valid(self, day: date) -> bool:
        """Whether it was official on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Officials:
    """The register, the office's own file in the place of the shipped one."""

    def __init__(self, data: Path | None = None) -> None:
        self.file = table_file(FILE, data)
        self.entries = read_register(self.file)
        self._hosts: dict[str, list[Official]] = {}
        for entry in self.entries:
            if entry.kind == "host":
                self._hosts.setdefault(entry.name, []).append(entry)

    def host(self, host: str, day: date) -> tuple[str | None, Official | None]:
        """(official | official_once | None, the entry) of a host or a host below it; www. makes no difference."""
        labels = host.split(".")
        for start in range(len(labels) - 1):
            name = ".".join(labels[start:])
            found = self._hosts.get(name, []) or (self._hosts.get(f"www.{name}", []) if start == 0 else [])
            if found:
                now = next((entry for entry in found if entry.valid(day)), None)
                return ("official", now) if now is not None else ("official_once", found[-1])
        return None, None

    def named(self, kind: str, name: str, day: date) -> Official | None:
        """The public account or mini program of that name, if it was official on that day."""
        return next((e for e in self.entries if e.kind == kind and e.name == name and e.valid(day)), None)


def read_register(file: Path) -> list[Official]:
    """Entries of a file; SpecError naming line and column where one is wrong."""
    known = set(families())
    found: list[Official] = []
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames is None or tuple(reader.fieldnames) != NAMES:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(NAMES)}")
        for row in reader:
            if None in row or None in row.values():
                raise SpecError(str(file), reader.line_num, "", f"{len(NAMES)} columns are needed")
            found.append(_entry(row, file, reader.line_num, known))
            _no_overlap(found, file, reader.line_num)
    return found


def _entry(row: dict[str, str], file: Path, line: int, known: set[str]) -> Official:
    if row["kind"] not in KINDS:
        raise SpecError(str(file), line, "kind", f"{row['kind']!r}: write one of {', '.join(KINDS)}")
    if not row["name"] or (row["kind"] == "host" and not _HOST.fullmatch(row["name"])):
        raise SpecError(str(file), line, "name", f"{row['name']!r} is no host name; write it without http:// and path")
    kinds = tuple(row["families"].split())
    if not kinds or not set(kinds) <= known:
        raise SpecError(str(file), line, "families", f"write one or more of {', '.join(sorted(known))}, with blanks")
    if not row["source"]:
        raise SpecError(str(file), line, "source", "who says so? name the authority or document")
    first, last = (_day(row[name], file, line, name) for name in ("valid_from", "valid_to"))
    if first is not None and last is not None and last < first:
        raise SpecError(str(file), line, "valid_to", "is before valid_from")
    return Official(row["kind"], row["name"], kinds, row["region"], first, last, row["source"], row["note"])


def _no_overlap(found: list[Official], file: Path, line: int) -> None:
    *before, last = found
    begin = last.valid_from or date.min
    for other in before:
        if (other.kind, other.name) != (last.kind, last.name):
            continue
        if begin <= (other.valid_to or date.max) and (other.valid_from or date.min) <= (last.valid_to or date.max):
            raise SpecError(str(file), line, "valid_from", f"{last.name} stands in an earlier line for the same time")


def _day(text: str, file: Path, line: int, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise SpecError(str(file), line, name, f"{text!r} is no date; write YYYY-MM-DD") from error
