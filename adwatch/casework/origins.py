"""Where leads come from, as data: ``origins.csv``; a file of the same name in ADWATCH_DATA/tables replaces it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from adwatch.errors import SpecError, UsageError
from adwatch.tables import table_file

COLUMNS = ["id", "label", "platform", "real_name", "note"]


@dataclass(frozen=True, slots=True)
class Origin:
    """One row: the id is ``case.origin``."""

    id: str
    label: str
    platform: str
    """Name of the source under which its sheets are kept."""
    real_name: bool
    """Whether people report under their name, who are told the result."""
    note: str


def origins(data: Path | None = None) -> dict[str, Origin]:
    """Origins by id."""
    file = table_file("origins.csv", data)
    found: dict[str, Origin] = {}
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != COLUMNS:
            raise SpecError(str(file), 1, "", f"the columns must be {', '.join(COLUMNS)}")
        for row in reader:
            if None in row.values() or row["real_name"] not in ("yes", "no") or not 0 < len(row["id"]) <= 20:
                raise SpecError(str(file), reader.line_num, "", "write id,label,platform,yes or no,note")
            real_name = row["real_name"] == "yes"
            found[row["id"]] = Origin(row["id"], row["label"], row["platform"], real_name, row["note"])
    return found


def origin_of(name: str, data: Path | None = None) -> Origin:
    """One origin; UsageError that says which there are."""
    found = origins(data)
    if name not in found or not found[name].platform:
        known = "、".join(f"{each.id}（{each.label}）" for each in found.values() if each.platform)
        raise UsageError(f"没有来源 {name[:40]!r}；可用: {known}")
    return found[name]
