"""Small workbooks read whole, and cells of somebody else's workbook filled."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from collectors.handover.fill import column_of, fill_cells, letters
from collectors.handover.values import ValueRefused
from collectors.handover.whole import whole_workbook

OLD = Path(__file__).parent / "data" / "old.xls"
SHEET = "xl/worksheets/sheet1.xml"


def book() -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    page = made.add_worksheet("甲")
    page.write_row(0, 0, ["a", "b"])
    page.write_formula(1, 1, "=1+1", None, 2)
    page.merge_range("C2:D3", "合")
    made.close()
    return out.getvalue()


def with_sheet(data: bytes, change: bytes, into: bytes) -> bytes:
    """The workbook with its sheet's XML changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(change, into, 1) if name == SHEET else content)
    return out.getvalue()


def test_formulas_and_merged_cells_are_marked() -> None:
    (sheet,) = whole_workbook(book(), "a.xlsx")
    assert [number for number, _ in sheet.rows] == [1, 2]
    assert sheet.formulas == {(2, 2)}
    assert sheet.merged == [(2, 3, 3, 4)]
    assert sheet.trouble(2, {2}) == "formula"
    assert sheet.trouble(3, {4}) == "merged"
    assert sheet.trouble(1, {1, 2, 3, 4}) is None
    assert sheet.trouble(2, {1}) is None


def test_an_old_workbook_is_read() -> None:
    sheets = whole_workbook(OLD.read_bytes(), "old.xls")
    assert sum(len(sheet.rows) for sheet in sheets) > 1
    assert any(isinstance(cell, str) and cell for sheet in sheets for _, row in sheet.rows for cell in row)


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(ValueRefused):
        whole_workbook(data, "a.xlsx")


def test_cells_are_filled_where_there_are_none_and_formulas_kept() -> None:
    filled = fill_cells(book(), "甲", {(1, 2): "<乙>&", (1, 28): "远"})
    (sheet,) = whole_workbook(filled, "a.xlsx")
    row = dict(sheet.rows)[1]
    assert (row[0], row[1], row[27]) == ("a", "<乙>&", "远")
    assert sheet.formulas == {(2, 2)}
    for cells, word in (({(2, 2): "x"}, "formula"), ({(9, 1): "x"}, "no row 9")):
        with pytest.raises(ValueRefused, match=word):
            fill_cells(book(), "甲", cells)
    with pytest.raises(ValueRefused, match="no sheet"):
        fill_cells(book(), "丙", {(1, 1): "x"})


def test_a_dtd_and_damage_are_refused() -> None:
    dtd = with_sheet(book(), b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet')
    cut = with_sheet(book(), b"</sheetData>", b"")
    for data in (dtd, cut):
        with pytest.raises(ValueRefused):
            fill_cells(data, "甲", {(1, 1): "x"})
        with pytest.raises(ValueRefused):
            whole_workbook(data, "a.xlsx")


def test_columns_have_names() -> None:
    for number in (1, 26, 27, 702, 703, 16384):
        assert column_of(f"{letters(number)}7") == number
    assert (letters(27), column_of("5")) == ("AA", 0)
