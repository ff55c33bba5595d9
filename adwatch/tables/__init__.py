"""Tables of facts that several stages share (certificate families, law), as data with validity dates.

A file of the same name in ``ADWATCH_DATA/tables`` replaces the shipped one.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TypeVar

from adwatch.errors import SpecError

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class OfferClass:
    """One class of illegal offer; the rows themselves are the classifier's."""

    id: str
    """Identifier used in verdicts, exports and the index."""
    label: str
    """Chinese name for people."""
    lists: tuple[str, ...]
    """Keyword lists that speak of it."""
    basis: tuple[str, ...]
    """Ids in law.csv, the first being the one to cite first."""
    notice: str
    """What a takedown letter says of it, in Chinese; always 涉嫌."""
    duties: tuple[str, ...] = ()
    """Ids in law.csv of what binds the platform on which it stands."""


@dataclass(frozen=True, slots=True)
class Family:
    """One certificate family (families.csv)."""

    id: str
    """Identifier."""
    label: str
    """Chinese name."""
    scope: str
    """safety_production or other_credential."""
    owner: str
    """Authority that owns and confirms it."""
    lookup: str
    """Official look-up."""


@dataclass(frozen=True, slots=True)
class LawArticle:
    """One article as in force for a time (law.csv)."""

    id: str
    """Identifier; several rows may share it with different validity."""
    law: str
    """Title of the law, without brackets."""
    article: str
    """Article, paragraph and item in Chinese."""
    element: str
    """What the article says of the act, in our words."""
    valid_from: date
    """First day in force."""
    valid_to: date | None
    """Last day in force; None while in force."""
    note: str
    """Doubts to be checked by the office."""

    @property
    def cite(self) -> str:
        """《广告法》第二十四条第（一）项."""
        return f"《{self.law}》{self.article}"


Row = TypeVar("Row", OfferClass, Family, LawArticle)


def table_file(name: str, data: Path | None = None) -> Path:
    """The office's file of that name if there is one, else the shipped one."""
    own = data / "tables" / name if data else None
    return own if own is not None and own.is_file() else HERE / name


def _read(kind: type[Row], file: Path) -> list[Row]:
    names = [f.name for f in fields(kind)]
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != names:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(names)}")
        rows: list[Row] = []
        for record in reader:
            if None in record or None in record.values():
                raise SpecError(str(file), reader.line_num, "", f"{len(names)} columns are needed")
            values: dict[str, object] = dict(record)
            for name in ("valid_from", "valid_to"):
                if name in values:
                    values[name] = _date(str(values[name]), file, reader.line_num, name)
            rows.append(kind(**values))  # type: ignore[arg-type]
    return rows


def _date(text: str, file: Path, line: int, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise SpecError(str(file), line, field, f"{text!r} is no date; write YYYY-MM-DD") from error


def families(data: Path | None = None) -> dict[str, Family]:
    """Certificate families by id."""
    return {row.id: row for row in _read(Family, table_file("families.csv", data))}


class Law:
    """The articles, looked up as of a day."""

    def __init__(self, data: Path | None = None) -> None:
        self.articles = _read(LawArticle, table_file("law.csv", data))

    def get(self, basis: str, day: date) -> LawArticle | None:
        """The article with that id in force on that day."""
        for row in self.articles:
            if row.id == basis and row.valid_from <= day and (row.valid_to is None or day <= row.valid_to):
                return row
        return None

    def cites(self, bases: tuple[str, ...] | list[str], day: date) -> list[str]:
        """Citations of the bases in force on that day."""
        found = (self.get(basis, day) for basis in bases)
        return [row.cite for row in found if row is not None]
