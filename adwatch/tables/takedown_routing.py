"""Which letter a platform gets, and from whom it is asked: ``takedown_routing.csv``, the office's or the shipped one.

The first row in force that fits holds. ``platform``: name of a platform file; ``domicile``: how the domicile of its
company begins, or ``@area`` (within the office's area), ``@elsewhere`` (known, not within), ``@unknown``; ``way``: the
way of its master data (platform, bureau). An empty cell fits all. ``kind``: urge 督促清理函, assist 协查函, refer
移送函. ``to``: platform (its company), bureau (the market regulation of its domicile: fits only where the master data
names one), or an authority by its full name, with ``email``. Dates are days of the office, ``valid_to`` the last.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from adwatch.errors import SpecError
from adwatch.tables import table_file

COLUMNS = ("platform", "domicile", "way", "kind", "to", "email", "valid_from", "valid_to", "note")
KINDS = ("urge", "assist", "refer")
WAYS = ("", "platform", "bureau")
PLACES = ("@area", "@elsewhere", "@unknown")


class Asked(Protocol):
    """What is known of a platform."""

    @property
    def domicile(self) -> str | None:
        """Where its company is registered."""

    @property
    def way(self) -> str:
        """platform or bureau."""

    @property
    def bureau(self) -> str | None:
        """Market regulation of its domicile."""

    @property
    def bureau_email(self) -> str | None:
        """Its address."""

    @property
    def email(self) -> str | None:
        """The platform's address."""

    @property
    def addressee(self) -> str:
        """The company's name."""

    def is_local(self, area: Sequence[str]) -> bool:
        """Whether it lies within an area."""


@dataclass(frozen=True, slots=True)
class Routed:
    """The letter that a platform gets."""

    kind: str
    addressee: str
    email: str | None
    line: int
    """Of the table."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table."""

    line: int
    platform: str
    domicile: str
    way: str
    kind: str
    to: str
    email: str
    valid_from: date
    valid_to: date | None

    def fits(self, platform: str, info: Asked, area: Sequence[str], day: date) -> bool:
        """Whether it is in force on a day and speaks of a platform."""
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            return False
        if self.platform not in ("", platform) or self.way not in ("", info.way):
            return False
        if self.to == "bureau" and not info.bureau:
            return False
        if self.domicile in PLACES:
            local = info.is_local(area)
            return {"@area": local, "@elsewhere": bool(info.domicile) and not local, "@unknown": not info.domicile}[
                self.domicile
            ]
        return (info.domicile or "").startswith(self.domicile)


@dataclass(frozen=True, slots=True)
class TakedownRoutes:
    """The table."""

    file: str
    rows: tuple[Row, ...]

    @classmethod
    def load(cls, data: Path | None = None) -> TakedownRoutes:
        """The office's table, else the shipped one; SpecError names file, line and column."""
        file = table_file("takedown_routing.csv", data)
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
            return cls(str(file), tuple(_row(file, reader.line_num, each) for each in reader))

    def route(self, platform: str, info: Asked, area: Sequence[str], day: date) -> Routed | None:
        """The letter of a platform on a day; None where no row fits, which is to be said."""
        for row in self.rows:
            if row.fits(platform, info, area, day):
                named = {"platform": info.addressee, "bureau": info.bureau or ""}.get(row.to, row.to)
                email = {"platform": info.email, "bureau": info.bureau_email}.get(row.to)
                return Routed(row.kind, named, row.email or email, row.line)
        return None


def _row(file: Path, line: int, cells: dict[str, str]) -> Row:
    if None in cells or None in cells.values():
        raise SpecError(str(file), line, "", f"{len(COLUMNS)} columns are needed")
    said = {name: value.strip() for name, value in cells.items()}
    for name, known in (("kind", KINDS), ("way", WAYS)):
        if said[name] not in known:
            raise SpecError(str(file), line, name, f"{said[name]!r}: write one of {', '.join(filter(None, known))}")
    if said["domicile"].startswith("@") and said["domicile"] not in PLACES:
        raise SpecError(str(file), line, "domicile", f"{said['domicile']!r}: write one of {', '.join(PLACES)}")
    if not said["to"]:
        raise SpecError(str(file), line, "to", "write platform, bureau, or the full name of an authority")
    if said["email"] and said["to"] in ("platform", "bureau"):
        raise SpecError(str(file), line, "email", "the address of platform and bureau stands in platform_contacts.csv")
    first, last = _day(file, line, said, "valid_from"), _day(file, line, said, "valid_to")
    if first is None or (last is not None and last < first):
        raise SpecError(str(file), line, "valid_from", "write the first day as YYYY-MM-DD, not after valid_to")
    names = ("platform", "domicile", "way", "kind", "to", "email")
    return Row(line, **{name: said[name] for name in names}, valid_from=first, valid_to=last)


def _day(file: Path, line: int, said: dict[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(said[name]) if said[name] else None
    except ValueError as error:
        raise SpecError(str(file), line, name, f"{said[name]!r}: write the day as YYYY-MM-DD") from error
