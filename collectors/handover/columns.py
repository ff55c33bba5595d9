"""Which column of a handed-over table holds which field: ``columns.csv``; an office adds names without code.

``columns.csv`` in ADWATCH_DATA/tables replaces the shipped table; the rows of ``columns-*.csv`` beside it are laid over
it name by name. Columns of the file: name, field, source, kind, note.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from adwatch.errors import SpecError
from adwatch.models import LISTING_KINDS, Listing
from adwatch.text import normal

SHIPPED = Path(__file__).with_name("columns.csv")
LABELLED = "text+"
"""Field of a column that becomes a line of the text, its heading before it: what must be seen and has no field."""
LEFT_OUT = "-"
"""Field of a column that is known and has no place in a listing."""
FIELDS = frozenset(f.name for f in fields(Listing)) - {"platform", "url_norm", "capture_id", "capture_row"}
PLACES = FIELDS | {LABELLED, LEFT_OUT}
"""What a column may be."""
REGION_SOURCES = ("亮照", "发货地", "IP属地", "自述", "协查回复", "unknown")

_BRACKETS = re.compile(r"[(（\[【<〈](.*?)[)）\]】>〉]")
_OTHER_UNIT = re.compile(r"分|角|百|千|万|亿|美|港|欧|日元|usd|hkd|eur|jpy", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """One row of columns.csv."""

    name: str
    """Heading as platforms write it; width, case, blanks and punctuation do not matter."""
    field: str
    """Listing field, or - for a column that is left out on purpose."""
    source: str
    """For seller_region: where the statement comes from (亮照, 发货地, IP属地 ...)."""
    kind: str
    """Listing kind that this heading shows the whole table to be of (tip, video ...); mostly empty."""
    note: str
    """Where the heading occurs; what to know."""


class ColumnTable:
    """Looks columns up by heading."""

    def __init__(self, columns: list[Column]) -> None:
        self.columns = columns
        self._by_name = {key(column.name): column for column in columns}
        self._seen: dict[str, Column | None] = {}
        for name in sorted(FIELDS):
            self._by_name.setdefault(key(name), Column(name, name, "", "", "our own field name"))

    @classmethod
    def load(cls, data: Path | None = None) -> ColumnTable:
        """The shipped table, or the office's, with the office's additions; a wrong row is a SpecError."""
        own = data / "tables" if data else None
        replaced = own is not None and (own / "columns.csv").is_file()
        found = _read(own / "columns.csv" if own is not None and replaced else SHIPPED)
        for file in sorted(own.glob("columns-*.csv")) if own is not None else ():
            found.update(_read(file))
        return cls(list(found.values()))

    def with_names(self, names: Mapping[str, str]) -> ColumnTable:
        """The table with a platform file's own headings (``handover.columns``) laid over it."""
        own = {}
        for name, place in names.items():
            known = self._by_name.get(key(name))
            kind = known.kind if known is not None else ""
            source = "unknown" if place == "seller_region" else ""
            own[key(name)] = Column(name, place, source, kind, "platform file")
        return ColumnTable([*(column for column in self.columns if key(column.name) not in own), *own.values()])

    def get(self, heading: object) -> Column | None:
        """The column of that heading; （元） and the like behind it are ignored, another unit makes it unknown."""
        if not isinstance(heading, str) or len(heading) > 200:
            return None
        if heading not in self._seen:
            if len(self._seen) >= 5000:
                self._seen.clear()
            self._seen[heading] = self._find(heading)
        return self._seen[heading]

    def _find(self, heading: str) -> Column | None:
        exact = self._by_name.get(key(heading))
        if exact is not None or any(_OTHER_UNIT.search(inside) for inside in _BRACKETS.findall(heading)):
            return exact
        return self._by_name.get(key(_BRACKETS.sub("", heading)))


def unknown_place(place: str) -> str:
    """What to write instead of a field that there is not."""
    return f"{place!r} is no field; write one of {', '.join(sorted(FIELDS))}, {LABELLED} or {LEFT_OUT}"


def key(heading: str) -> str:
    """What two headings must share to be the same: letters and digits, width, case and traditional forms folded."""
    return normal(heading)


def _read(file: Path) -> dict[str, Column]:
    names = [f.name for f in fields(Column)]
    out: dict[str, Column] = {}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle)
        if next(reader, None) != names:
            raise SpecError(str(file), 1, "", f"the columns must be {','.join(names)}")
        for row in reader:
            if len(row) != len(names):
                raise SpecError(str(file), reader.line_num, "", f"{len(names)} columns are needed")
            column = Column(*(cell.strip() for cell in row))
            _check(column, file, reader.line_num)
            if key(column.name) in out:
                raise SpecError(str(file), reader.line_num, "name", f"{column.name!r} stands here twice")
            out[key(column.name)] = column
    return out


def _check(column: Column, file: Path, line: int) -> None:
    if not key(column.name):
        raise SpecError(str(file), line, "name", "a heading with letters is needed")
    if column.field not in PLACES:
        raise SpecError(str(file), line, "field", unknown_place(column.field))
    if column.source and (column.field != "seller_region" or column.source not in REGION_SOURCES):
        allowed = ", ".join(REGION_SOURCES)
        raise SpecError(str(file), line, "source", f"only for seller_region, and one of {allowed}")
    if column.kind and column.kind not in LISTING_KINDS:
        raise SpecError(str(file), line, "kind", f"{column.kind!r} is no kind; write one of {', '.join(LISTING_KINDS)}")
