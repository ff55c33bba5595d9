"""ODS read whole and as a hand-over, formulas of old XLS told apart: two workbooks saved by LibreOffice, and hostile ones."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import zipfile
from contextlib import suppress
from datetime import datetime

import pytest

from adwatch.text.old_sheets import CHILD
from collectors.handover.biff import formula_cells
from collectors.handover.values import ValueRefused
from collectors.handover.whole import ROWS, whole_workbook
from tests.collectors.handover.conftest import Read
from tests.old_workbooks import DATA, aborting

KIND = b"application/vnd.oasis.opendocument.spreadsheet"
HEAD = (
    '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:draw="d"'
    " ><office:body><office:spreadsheet>"
)
END = "</office:spreadsheet></office:body></office:document-content>"


def ods(rows: str, *, head: str = HEAD, end: str = END, manifest: str = "<manifest/>", kind: bytes = KIND) -> bytes:
    """An ODS with one sheet of such rows."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", kind)
        made.writestr("META-INF/manifest.xml", manifest)
        made.writestr("content.xml", f'{head}<table:table table:name="甲">{rows}</table:table>{end}')
    return out.getvalue()


def text(words: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{words}</text:p></table:table-cell>'


def row(*cells: str, again: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{again}">{"".join(cells)}</table:table-row>'


@pytest.mark.parametrize("form", ["ods", "xls"])
def test_what_a_real_program_saved_is_read_with_its_formulas_and_merged_cells(form: str) -> None:
    first, second = whole_workbook((DATA / f"answers.{form}").read_bytes(), "a")
    assert (first.name, second.name) == ("线索清单", "说明")
    rows = {number: list(cells) for number, cells in first.rows}
    assert list(rows) == [1, 2, 3, 10], "rows keep their numbers over empty ones"
    assert rows[1] == ["序号", "线索编号", "甄别结论", "日期", "备注"]
    assert rows[2][:3] == [1, "L-1", "属实"]
    assert str(rows[2][3])[:10] == "2026-11-18"
    assert rows[10][:3] == [3, "L-3", "不属实"]
    assert (first.formulas, first.merged) == ({(3, 3)}, [(2, 5, 3, 5)])
    assert second.formulas == {(5, 2)}
    assert [first.trouble(line, {2, 3}) for line in (2, 3, 10)] == [None, "formula", None]
    assert first.trouble(3, {5}) == "merged"


def test_old_workbooks_without_formulas_have_none_and_damaged_ones_are_refused() -> None:
    assert formula_cells((DATA / "old.xls").read_bytes()) == [set()]
    data = (DATA / "answers.xls").read_bytes()
    assert formula_cells(data) == [{(3, 3)}, {(5, 2)}]
    for broken in (b"", data[:100], data[:600], data.replace(b"W\0o\0r\0k", b"X\0o\0r\0k")):
        with pytest.raises(ValueError, match=r"compound file|no workbook"):
            formula_cells(broken)
    circle = bytearray(data)
    fat = 512 * (1 + int.from_bytes(data[76:80], "little"))
    for at in range(fat, fat + 512, 4):
        circle[at : at + 4] = (0).to_bytes(4, "little")
    with pytest.raises(ValueError, match="circle"):
        formula_cells(bytes(circle))
    chance = random.Random(7)
    for at in range(200):
        spoilt = bytearray(data)
        for _ in range(8):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        if at < 190:  # most of them here in place of 190 processes
            with suppress(ValueError):
                formula_cells(bytes(spoilt))
            continue
        try:
            whole_workbook(bytes(spoilt), "a.xls")
        except ValueRefused as refused:
            assert refused.reason in ("corrupt", "encrypted", "too_large", "unknown_format")


def test_a_size_that_makes_the_library_abort_ends_a_process_of_its_own(read: Read) -> None:
    data = aborting()
    alone = subprocess.run([sys.executable, "-I", CHILD], input=data, capture_output=True, check=False)
    assert alone.returncode < 0, "the library is still one that aborts; if it is mended, so may this be"
    with pytest.raises(ValueRefused, match="save it as XLSX"):
        whole_workbook(data, "a.xls")
    assert [each.reason for each in read("a.xls", data).refused] == ["corrupt"]


@pytest.mark.parametrize("form", ["ods", "xls"])
def test_a_day_without_a_time_is_a_time_to_those_who_read_it(form: str) -> None:
    first, _ = whole_workbook((DATA / f"answers.{form}").read_bytes(), "a")
    assert first.rows[1][1][3] == datetime(2026, 11, 18)  # noqa: DTZ001 - the reader of listings refuses bare dates


def test_words_are_those_of_the_cell_alone() -> None:
    note = "<office:annotation><text:p>批注</text:p></office:annotation>"
    box = "<draw:frame><draw:text-box><text:p>框</text:p></draw:text-box></draw:frame>"
    inner = f'<table:table table:name="内">{row(text("内层"))}</table:table>'
    said = f'<table:table-cell office:value-type="string">{note}{box}<text:p>一<text:s text:c="2"/>二<text:line-break/>三</text:p><text:p>四</text:p>{inner}</table:table-cell>'
    (sheet,) = whole_workbook(ods(row(said, text("五"))), "a")
    assert sheet.rows == [(1, ["一  二\n三\n四", "五"])]


def test_values_are_taken_as_such_and_folded_cells_told_apart() -> None:
    def value(kind: str, more: str) -> str:
        return f'<table:table-cell office:value-type="{kind}" {more}><text:p>x</text:p></table:table-cell>'

    cells = (
        value("float", 'office:value="2"'),
        value("float", 'office:value="2.5"'),
        value("percentage", 'office:value="0.5"'),
        value("date", 'office:date-value="2026-11-18"'),
        value("date", 'office:date-value="nonsense"'),
        value("boolean", 'office:boolean-value="true"'),
        value("float", 'office:value="nonsense"'),
    )
    day = datetime(2026, 11, 18)  # noqa: DTZ001 - as a spreadsheet holds it
    gap = '<table:table-cell table:number-columns-repeated="3"/>'
    formula = text("属实", ' table:formula="of:=1" table:number-columns-repeated="2"')
    (sheet,) = whole_workbook(ods(row(*cells) + row(gap, again=4) + row(gap, formula, again=2)), "a")
    assert sheet.rows == [
        (1, [2, 2.5, 0.5, day, "x", True, "x"]),
        (6, [None, None, None, "属实", "属实"]),
        (7, [None, None, None, "属实", "属实"]),
    ]
    assert sheet.formulas == {(6, 4), (6, 5), (7, 4), (7, 5)}


def test_a_million_empty_rows_cost_nothing_and_full_ones_are_too_many() -> None:
    far = row('<table:table-cell table:number-columns-repeated="16384"/>', again=1_048_575) + row(text("末"))
    assert whole_workbook(ods(row(text("首")) + far), "a")[0].rows == [(1, ["首"])], "beyond what a sheet holds"
    near = row("<table:table-cell/>", again=1_000_000) + row(text("末"))
    assert whole_workbook(ods(near), "a")[0].rows == [(1_000_001, ["末"])]
    with pytest.raises(ValueRefused, match=f"{ROWS:,}"):
        whole_workbook(ods(row(text("满"), again=ROWS + 1)), "a")
    wide = whole_workbook(ods(row(text("宽", ' table:number-columns-repeated="99999999"'))), "a")
    assert len(wide[0].rows[0][1]) == 200


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (ods("", manifest="<manifest:encryption-data/>"), "encrypted"),
        (ods("", end=""), "corrupt"),
        (ods("", head="<!DOCTYPE a [<!ENTITY b 'c'>]>" + HEAD), "corrupt"),
        (ods("", kind=b"application/vnd.oasis.opendocument.text"), "unknown_format"),
        (ods(row(text("a")))[:-60], "corrupt"),
    ],
)
def test_what_is_protected_or_damaged_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        whole_workbook(data, "a.ods")
    assert refused.value.reason == reason


def test_a_text_whose_characters_were_lost_says_so() -> None:
    with pytest.raises(ValueRefused, match="UTF-8"):
        whole_workbook(b"????,????,????\r\n1,ADW-2026-000001,??\r\n", "a.csv")
    assert whole_workbook(b"a?,b\r\n", "a.csv")[0].rows == [(1, ["a?", "b"])]


def test_listings_are_read_of_it_as_of_any_sheet(read: Read) -> None:
    lines = [
        ("商品ID", "商品标题", "商品描述"),
        ("A-1", "低压电工证免考", "包过"),
        ("A-2", "绝缘梯", "两米"),
        ("", "没有编号", ""),
    ]
    result = read("清单.ods", ods("".join(row(*(text(cell) for cell in line)) for line in lines)))
    assert [(each.native_id, each.title) for each in result.listings] == [("A-1", "低压电工证免考"), ("A-2", "绝缘梯")]
    assert [each.reason for each in result.refused] == ["no_id"]
    assert [each.reason for each in read("坏.ods", ods("", end="")).refused] == ["corrupt"]
