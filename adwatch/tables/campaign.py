"""Campaigns (专项行动): one YAML each in ADWATCH_DATA/campaigns; every case can belong to one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from adwatch.errors import UsageError
from adwatch.tables.report_form import Figure, Part, read_model

FOLDER = "campaigns"


class Member(Part):
    """A department or a county that takes part."""

    unit: str = Field(min_length=1)
    """Its name, as its sheets bear it."""
    department: str
    """Row of the tables that it belongs to (应急管理)."""
    county: str = ""
    """Empty for the office of the prefecture itself."""
    officer: str = ""
    """联络员."""


class Due(Part):
    """Something that falls due besides the tables."""

    what: str = Field(min_length=1)
    day: date


class Column(Part):
    """A column of a table, added up over the periods of the campaign."""

    form: str
    column: str


class Indicator(Part):
    """One figure that the campaign is measured by; without ``figure`` and ``column`` it is entered by hand."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    label: str
    unit: str = "个"
    figure: Figure | None = None
    """Computed from the cases of the campaign."""
    column: Column | None = None
    """Taken from a table: ours and what departments and counties declared."""
    bulletins: Literal[True] | None = None
    """Bulletins of the campaign that were published."""
    target: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _one(self) -> Indicator:
        if sum(each is not None for each in (self.figure, self.column, self.bulletins)) > 1:
            raise ValueError("write one of figure, column, bulletins, or none of them for what is entered by hand")
        if self.figure is not None and self.figure.of == "transferred":
            raise ValueError("transferred leads stand under a column of a table; write column")
        return self

    @property
    def entered(self) -> bool:
        """Whether people enter it."""
        return self.figure is None and self.column is None and self.bulletins is None


class Campaign(Part):
    """One campaign."""

    name: str = Field(pattern=r"^[\w-]+$", max_length=60)
    """Name of the file: what ``case.campaign`` holds."""
    title: str
    document: str
    """文号 of the document that ordered it."""
    first: date
    last: date
    members: tuple[Member, ...] = ()
    keyword_lists: tuple[str, ...] = ()
    """Names of the lists that were supplied for it."""
    tables: tuple[str, ...] = ()
    """Names of the tables that are due for it."""
    due: tuple[Due, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    publishers: tuple[str, ...] = ()
    """Units that alone may publish its cases; none named: whoever may publish at all."""

    @model_validator(mode="after")
    def _whole(self) -> Campaign:
        if self.last < self.first:
            raise ValueError("last lies before first")
        ids = [each.id for each in self.indicators]
        units = [each.unit for each in self.members]
        if len(set(ids)) < len(ids) or len(set(units)) < len(units):
            raise ValueError("indicators and members must each have a name of their own")
        return self

    def indicator(self, name: str) -> Indicator:
        """An indicator by its id."""
        for each in self.indicators:
            if each.id == name:
                return each
        known = "、".join(f"{each.id}（{each.label}）" for each in self.indicators)
        raise UsageError(f"{self.name}: 没有指标 {name!r}；可用: {known}")


def campaigns(data: Path | None) -> dict[str, Campaign]:
    """The office's campaigns by name."""
    if data is None:
        return {}
    files = sorted((data / FOLDER).glob("*.yml"))
    return {file.stem: read_model(file, Campaign, "title, document, first, last") for file in files}


def campaign_of(name: str, data: Path | None) -> Campaign:
    """One campaign; UsageError that says which there are."""
    found = campaigns(data)
    if name not in found:
        where = f"{data / FOLDER}" if data else "ADWATCH_DATA/campaigns（ADWATCH_DATA 未设）"
        raise UsageError(f"没有专项行动 {name[:40]!r}；可用: {'、'.join(found) or '无'}；见 {where}")
    return found[name]
