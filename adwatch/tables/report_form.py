"""Forms of the tables that fall due: one YAML each, an office's own laid over from ADWATCH_DATA/tables/reports."""

from __future__ import annotations

import string
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from adwatch.errors import SpecError, UsageError

HERE = Path(__file__).parent / "reports"
GIVEN = ("first", "last", "unit")
"""Names that a narrative may use besides the columns."""


Model = TypeVar("Model", bound=BaseModel)


class Part(BaseModel):
    """Nothing but what is known may be written."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Due(Part):
    """Days on which a table is due."""

    day: int = Field(ge=1, le=28)
    """Day of the month."""
    months: tuple[int, ...] = tuple(range(1, 13))
    """Months."""

    @model_validator(mode="after")
    def _months(self) -> Due:
        if not self.months or not set(self.months) <= set(range(1, 13)):
            raise ValueError("months are numbers from 1 to 12")
        return self


class Covers(Part):
    """The days that a table speaks of; exactly one field is written."""

    months_before: int | None = Field(None, ge=1, le=12)
    """So many whole months before the month in which it is due."""
    from_day: int | None = Field(None, ge=2, le=28)
    """From this day of the month before to the day before it in the month in which it is due."""
    month_to_date: Literal[True] | None = None
    """From the first of the month to the day on which it is due."""
    year_before: Literal[True] | None = None
    """The whole year before."""

    @model_validator(mode="after")
    def _one(self) -> Covers:
        if len(self.model_fields_set) != 1:
            raise ValueError("write one of months_before, from_day, month_to_date, year_before")
        return self


class Calendar(Part):
    """When a table is due, and for what."""

    due: Due
    covers: Covers
    shift: Literal["after", "before", "none"]
    """Where a due day that is no working day goes."""
    start: date
    """The campaign's first day: no earlier due day is owed (one document was issued after its first)."""
    office_start: date | None = None
    """First day on which this office works with AdWatch: what ended before it is not overdue here. None: the day of its
    first patrol."""


class Figure(Part):
    """How a cell is computed from the store."""

    of: Literal["confirmed", "removed", "transferred", "sites"]
    """Leads confirmed · listings verified removed · leads entered as transferred · sites confirmed, in the period."""
    scope: Literal["safety_production", "other_credential"] | None = None
    """Only what was decided on in this scope."""
    types: tuple[str, ...] = ()
    """Only what was decided on as one of these classes."""
    apart_days: int = Field(1, ge=0)
    """Days between two checks that both say gone, before a listing counts as removed."""
    apart_hours: int = Field(20, ge=0)
    """Hours between them besides, so that two checks before and after midnight are not two."""


class Column(Part):
    """One column of the form."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    heading: str
    """As issued."""
    group: str = ""
    """Heading over several columns."""
    kind: Literal["number", "decimal", "text"]
    figure: Figure | None = None
    """None where people enter it."""
    combine: Literal["add", "apart"] = "add"
    """Whether what others declare for our own row is added to our figure, or only shown beside it."""
    leads: bool = False
    """Whether leads are entered under it; a lead counts only in the last column under which it was."""


class Form(Part):
    """One table."""

    name: str = Field(pattern=r"^[\w-]+$", max_length=60)
    """Name of the file."""
    title: str
    calendar: Calendar
    departments: tuple[str, ...] = Field(min_length=1)
    """Rows, in their order."""
    own: str
    """The row of our own figures."""
    columns: tuple[Column, ...] = Field(min_length=1)
    narrative: str = ""
    """小结: text with {column} and {first}, {last}, {unit}."""

    @model_validator(mode="after")
    def _whole(self) -> Form:
        ids = [column.id for column in self.columns]
        if len(set(ids)) != len(ids) or len(set(self.departments)) != len(self.departments):
            raise ValueError("columns and departments must each have a name of their own")
        if self.own not in self.departments:
            raise ValueError(f"own: {self.own!r} is none of the departments")
        for column in self.columns:
            if column.figure is not None and column.kind != "number":
                raise ValueError(f"{column.id}: a computed column is a number")
            if column.figure is not None and column.figure.of == "transferred" and not column.leads:
                raise ValueError(f"{column.id}: figure of transferred counts leads; write leads: true")
        for _, name, spec, conversion in string.Formatter().parse(self.narrative):
            if name is not None and (name not in (*ids, *GIVEN) or spec or conversion):
                raise ValueError(f"narrative: {{{name}}} is no column; write one of {', '.join((*ids, *GIVEN))}")
        return self

    def column(self, name: str) -> Column:
        """A column by its id."""
        for column in self.columns:
            if column.id == name:
                return column
        known = "、".join(f"{each.id}（{each.heading}）" for each in self.columns)
        raise UsageError(f"{self.name}: 没有列 {name!r}；可用: {known}")


def report_forms(data: Path | None = None) -> dict[str, Form]:
    """All forms by name: the shipped ones, then those of the office, which replace one of the same name."""
    files = {file.stem: file for file in sorted(HERE.glob("*.yml"))}
    if data is not None:
        files.update((file.stem, file) for file in sorted((data / "tables" / "reports").glob("*.yml")))
    return {name: _read(file) for name, file in sorted(files.items())}


def _read(file: Path) -> Form:
    try:
        stat = file.stat()
    except OSError as error:
        raise SpecError(str(file), None, "", f"cannot be read: {error}") from error
    return _read_as(file, (stat.st_mtime_ns, stat.st_size, stat.st_ino))


@lru_cache(maxsize=64)
def _read_as(file: Path, _stands: tuple[int, ...]) -> Form:
    """A form is read again only where its file has changed: each look at 今日 asks for all of them."""
    return read_model(file, Form, "title, calendar, departments, own, columns")


def read_model(file: Path, kind: type[Model], fields: str) -> Model:
    """A YAML file as a model whose ``name`` is the file's; SpecError with line and field. ``fields`` are needed."""
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError(str(file), None, "", f"cannot be read as UTF-8: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SpecError(str(file), mark.line + 1 if mark else None, "", f"is no YAML: {error}") from error
    if not isinstance(values, dict):
        raise SpecError(str(file), 1, "", f"must be a mapping with {fields}")
    try:
        return kind.model_validate({**values, "name": file.stem})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SpecError(
            str(file), _line(file, first["loc"]), place, first["msg"].removeprefix("Value error, ")
        ) from error


def _line(file: Path, place: tuple[int | str, ...]) -> int:
    """Line of the nearest node that is written down."""
    node = yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader)
    line = 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == part]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line
