"""Who may publish cases, as data: ``publication.csv``. Where no row says so, nobody may.

A row names a unit, for one campaign or (blank) for all, and the days for which it holds. A file of the same name in
ADWATCH_DATA/tables replaces the shipped one, which is empty. A campaign with ``publishers`` lets only those publish.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from adwatch.errors import SpecError, UsageError
from adwatch.tables import table_file
from adwatch.tables.campaign import Campaign

COLUMNS = ["unit", "campaign", "valid_from", "valid_to", "note"]


@dataclass(frozen=True, slots=True)
class Publisher:
    """One row."""

    unit: str
    campaign: str
    valid_from: date
    valid_to: date | None
    note: str


def publishers(data: Path | None = None) -> list[Publisher]:
    """The rows; SpecError with the line of a mistake."""
    file = table_file("publication.csv", data)
    found = []
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != COLUMNS:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            if None in row or None in row.values() or not row["unit"].strip():
                raise SpecError(str(file), reader.line_num, "unit", f"{len(COLUMNS)} columns with a unit are needed")
            try:
                first = date.fromisoformat(row["valid_from"])
                last = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
            except ValueError as error:
                raise SpecError(str(file), reader.line_num, "valid_from", "write YYYY-MM-DD") from error
            found.append(Publisher(row["unit"].strip(), row["campaign"].strip(), first, last, row["note"]))
    return found


def refusal(rows: list[Publisher], unit: str, campaign: Campaign | None, day: date) -> str | None:
    """Why a unit may not publish on a day; None where it may."""
    if campaign is not None and campaign.publishers and unit not in campaign.publishers:
        return f"{campaign.title}的案例只由 {'、'.join(campaign.publishers)} 发布，{unit} 不得发布"
    name = campaign.name if campaign else ""
    for row in rows:
        held = row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
        if row.unit == unit and row.campaign in ("", name) and held:
            return None
    return (
        f"publication.csv 中没有 {unit} 可以发布的记录；由有权单位发布，或在 ADWATCH_DATA/tables/publication.csv 中写明"
    )


def checked(rows: list[Publisher], unit: str, campaign: Campaign | None, day: date) -> None:
    """UsageError where a unit may not publish."""
    said = refusal(rows, unit, campaign, day)
    if said is not None:
        raise UsageError(said)
