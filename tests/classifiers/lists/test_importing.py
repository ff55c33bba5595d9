"""Tables as authorities send them → entries; each row that gives none is named with sheet and row."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import xlsxwriter
from docx import Document

from adwatch.errors import InputRefused, UsageError
from classifiers.lexicon import KINDS, read_text
from classifiers.lists.edit import head_text
from classifiers.lists.importing import HERE, Imported, Importer
from classifiers.lists.sheets import read_tables
from tests.old_workbooks import DATA, aborting

ROWS: list[list[object]] = [
    ["某市应急管理局监测关键词表"],
    ["序号", "关键词（必填）", "违法类型", "权 重", "是否检索", "备注"],
    [1, "绿本直出", "免考", 3, "是", "工地群常用 #新"],
    [2, "包拿本、保拿本", "保证通过", "中", "否", ""],
    [3, "高空本", "特种作业", None, "", ""],
    [4, "", "包过", 3, "", "没有词"],
    [5, "长" * 41, "包过", 3, "", ""],
    [6, "快出", "不知道", 3, "", ""],
    [7, "绿本 直出", "速成", 3, "", ""],
    [8, "社保本", "", 3, "", ""],
    [9, "套装本", "免考", 9, "", ""],
    [10, "证", "免考", 3, "", ""],
    [11, "～～", "免考", 3, "", ""],
    [12, "随便", "免考", 3, "也许", ""],
]
WANTED = [
    "promise\t3\t绿本直出\tsearch\tas=exam_exemption\t# 工地群常用 ＃新",
    "promise\t2\t包拿本\tas=guaranteed_pass",
    "promise\t2\t保拿本\tas=guaranteed_pass",
    "certificate\t3\t高空本\tas=special_operations",
]
REFUSED = [
    (6, "no_word"),
    (7, "bad_word"),
    (8, "bad_class"),
    (9, "duplicate"),
    (10, "bad_class"),
    (11, "bad_weight"),
    (12, "bad_word"),
    (13, "bad_word"),
    (14, "bad_search"),
]


def workbook(file: Path) -> Path:
    book = xlsxwriter.Workbook(str(file))
    sheet = book.add_worksheet("词库")
    for number, row in enumerate(ROWS):
        for place, cell in enumerate(row):
            if cell is not None:
                sheet.write(number, place, cell)
    book.add_worksheet("说明").write(0, 0, "本表由某局提供")
    book.close()
    return file


def comma_separated(file: Path, encoding: str) -> Path:
    with file.open("w", encoding=encoding, newline="") as handle:
        csv.writer(handle).writerows([["" if cell is None else cell for cell in row] for row in ROWS])
    return file


def word_table(file: Path) -> Path:
    document = Document()
    document.add_paragraph("附件1")
    table = document.add_table(rows=0, cols=6)
    for row in ROWS:
        cells = table.add_row().cells
        for place in range(6):
            cells[place].text = str(row[place]) if place < len(row) and row[place] is not None else ""
    document.save(str(file))
    return file


def imported(file: Path, name: str = "yj", kind: str = "promise", speaks_for: str | None = None) -> Imported:
    return Importer(name, kind, 3, speaks_for).read(read_tables(file))


@pytest.mark.parametrize("form", ["xlsx", "csv", "gb18030", "docx"])
def test_every_form_gives_the_same(tmp_path: Path, form: str) -> None:
    file = {
        "xlsx": lambda: workbook(tmp_path / "a.xlsx"),
        "csv": lambda: comma_separated(tmp_path / "a.csv", "utf-8-sig"),
        "gb18030": lambda: comma_separated(tmp_path / "a.csv", "gb18030"),
        "docx": lambda: word_table(tmp_path / "a.docx"),
    }[form]()
    done = imported(file)
    assert done.lines == WANTED
    rows = [(refused.row, refused.reason) for refused in done.rejects if refused.row]
    assert rows == REFUSED
    sheet = {"xlsx": "词库", "docx": "表1"}.get(form, "a.csv")
    assert {refused.sheet for refused in done.rejects if refused.row} == {sheet}
    assert [(refused.sheet, refused.reason) for refused in done.rejects if not refused.row] == (
        [("说明", "no_heading")] if form == "xlsx" else []
    )


def test_what_is_written_is_a_list(tmp_path: Path) -> None:
    head = {"owner": "某 局", "document": "一号", "version": "1", "effective_from": "2026-01-01"}
    text = head_text(head) + "\n".join(imported(workbook(tmp_path / "a.xlsx")).lines)
    found = read_text(text, tmp_path / "yj.txt")
    assert [(e.word, e.kind, e.weight, e.list, e.search) for e in found.entries] == [
        ("绿本直出", "promise", 3, "exam_exemption", True),
        ("包拿本", "promise", 2, "guaranteed_pass", False),
        ("保拿本", "promise", 2, "guaranteed_pass", False),
        ("高空本", "certificate", 3, "special_operations", False),
    ]
    assert found.entries[0].note == "工地群常用 ＃新"


def test_defaults_stand_in_for_columns(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("词语\n咕本直送\n咕本秒送\n词语\n", encoding="utf-8")
    assert imported(file, speaks_for="fast_track").lines == [
        "promise\t3\t咕本直送\tas=fast_track",
        "promise\t3\t咕本秒送\tas=fast_track",
    ]
    assert imported(file, name="fast_track").lines[0] == "promise\t3\t咕本直送"
    assert imported(file, kind="goods").lines[0] == "goods\t3\t咕本直送"
    assert {refused.reason for refused in imported(file).rejects} == {"bad_class"}


def test_an_old_workbook_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes((DATA / "answers.xls").read_bytes())
    [(_, rows), *_] = read_tables(tmp_path / "a.xls")
    assert len(rows) > 3
    (tmp_path / "b.xls").write_bytes(aborting())
    with pytest.raises(InputRefused, match=r"b\.xls: .*save it as XLSX"):
        read_tables(tmp_path / "b.xls")


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    for name, data in (("a.xlsx", b"no zip"), ("a.docx", b"PK\x03\x04 broken"), ("a.csv", b"\xff\xfe\x81")):
        file = tmp_path / name
        file.write_bytes(data)
        with pytest.raises(InputRefused, match=name):
            read_tables(file)
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(UsageError, match="save it as"):
        read_tables(tmp_path / "a.pdf")
    with pytest.raises(UsageError, match="no such file"):
        read_tables(tmp_path / "gone.xlsx")
    empty = tmp_path / "empty.docx"
    Document().save(str(empty))
    assert imported(empty) == Imported()


def test_the_tables_of_meanings_mean_something() -> None:
    importer = Importer("yj", "promise", 3, None)
    with (HERE / "cells.csv").open(encoding="utf-8", newline="") as handle:
        cells = list(csv.DictReader(handle))
    for row in cells:
        known = {
            "kind": set(KINDS),
            "weight": {"1", "2", "3"},
            "search": {"yes", "no"},
            "class": {*importer.classes, *importer.families},
        }[row["field"]]
        assert row["value"] in known, row
    assert set(importer.columns.values()) == {"word", "class", "kind", "weight", "search", "note"}
    assert len({(row["field"], row["cell"]) for row in cells}) == len(cells)
