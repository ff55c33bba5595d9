"""An office with leads that wait for a finding, and sheets as authorities send them back."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from adwatch.app import casework
from adwatch.app.office import Office
from adwatch.models import Actor
from adwatch.settings import load_settings
from collectors.handover.whole import whole_workbook
from tests.app.conftest import Command
from tests.store.databases import with_store
from tests.store.world import NOON, World, listing, verdict

UNIT = "某市市场监管局"
ACTOR = Actor("王芳", UNIT)
ONE = "低压电工证免考，不用到场，加微 信 abc13800138000"
"""One owner: emergency."""
TWO = "塔吊证免考直接出证"
"""Two owners: housing and special_equipment."""
HOSTILE = '=HYPERLINK("http://x.example","点")'


@dataclass
class FixedClock:
    """The office's clock; ``tick`` moves it."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def tick(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Desk:
    """An office, its clock and its world."""

    folder: Path
    clock: FixedClock = field(default_factory=FixedClock)

    def __post_init__(self) -> None:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        settings = load_settings(
            home=with_store(self.folder / "home"), unit=UNIT, data=self.folder / "data", _env_file=None
        )
        self.office = Office(settings, self.clock)
        self.world = World(self.office.engine)

    def lead(self, name: str, text: str = ONE, register: bool = True, **more: Any) -> int:
        """A flagged, registered and routed lead; the number of its case."""
        item = listing(name, text, **more)
        contact = "abc13800138000" if "abc13800138000" in text else None
        values = {"offer_types": ("exam_exemption",), "certificate_kinds": ("special_operations",)}
        found = verdict(item, words=("免考",), contact=contact, **values)
        self.world.now = self.clock.at
        case_id = self.world.flag(item, found)
        if register:
            casework.register(self.office, [case_id], "王芳", None)
        return case_id

    def command(self) -> Command:
        """The command with this home."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
        own = {"ADWATCH_HOME": str(self.folder / "home"), "ADWATCH_DATA": str(self.folder / "data")}
        return Command({**clean, **own, "ADWATCH_UNIT": UNIT, "COLUMNS": "200"})


def filled(sheet: str | Path, answers: dict[str, Any], **change: Any) -> list[list[Any]]:
    """Rows of a sheet as a person fills it in: answers by lead number as (答, 理由, 人, 日期)."""
    rows: list[list[Any]] = []
    for number, cells in whole_workbook(Path(sheet).read_bytes(), "a.xlsx")[0].rows:
        while len(rows) < number - 1:
            rows.append([])
        rows.append(list(cells))
    for cells in rows[4:]:
        cells.extend([None] * (17 - len(cells)))
        cells[13:17] = answers.get(str(cells[1]), (None, None, None, None))
    return rows


def saved(file: Path, rows: list[list[Any]], *, merge: str | None = None, formula: str | None = None) -> Path:
    """The rows as a spreadsheet program saves them: without protection, dates as dates."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("线索清单")
    for line, cells in enumerate(rows):
        for at, value in enumerate(cells):
            if isinstance(value, datetime):
                sheet.write_datetime(line, at, value, day)
            elif value is not None:
                sheet.write(line, at, value)
    if merge is not None:
        sheet.merge_range(merge, "属实")
    if formula is not None:
        sheet.write_formula(formula, '=IF(1,"属实","")', None, "属实")
    book.close()
    file.write_bytes(out.getvalue())
    return file
