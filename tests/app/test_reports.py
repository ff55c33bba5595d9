"""Tables that fall due by the command: files in the layout of the form, sheets taken in, killed anywhere."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from adwatch.app import reports
from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.settings import load_settings
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.store.reports import imports
from adwatch.tables.report_form import HERE
from tests.app.conftest import Command
from tests.conftest import FixedClock
from tests.store.databases import with_store

FORM, PERIOD = "monthly_2", "2026-10"
HOSTILE = '=HYPERLINK("http://x.example","点")\x07<script>'
HEADS = [
    "部门",
    "甄别属实的违法违规信息数量（项）",
    "查出假冒政府网站平台数量(个)",
    "清理涉安全生产资质证书 违法违规信息数量(项)",
]
HEADS += ["涉嫌犯罪的问题线索移交数量(项)", "工作开展情况"]


def office(folder: Path) -> Office:
    return Office(load_settings(home=with_store(folder / "home"), unit="某市市场监管局", _env_file=None))


def command(folder: Path) -> Command:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
    return Command({**clean, "ADWATCH_HOME": str(folder / "home"), "ADWATCH_UNIT": "某市市场监管局", "COLUMNS": "200"})


def workbook(file: Path, lines: list[list[Any]], unit: str = "甲县应急管理局") -> Path:
    book = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False})
    page = book.add_worksheet()
    for number, line in enumerate([[f"填报单位： {unit}" if unit else "", "填报人：某"], *lines]):
        for at, value in enumerate(line):
            page.write(number, at, value)
    book.close()
    return file


def overdue(here: Office) -> set[str]:
    return {row["period"] for row in reports.due(here) if (row["form"], row["state"]) == (FORM, "overdue")}


def test_an_office_owes_nothing_that_ended_before_it_began(tmp_path: Path) -> None:
    """The calendar's own day, failing that the first patrol's, failing that today."""
    with office(tmp_path) as here:
        here.clock = FixedClock(datetime(2026, 11, 18, 4, tzinfo=UTC))

        assert overdue(here) == set()
        assert {row["state"] for row in reports.due(here, everything=True) if row["period"] == PERIOD} >= {"before"}
        patrol = {"kind": "patrol", "day": "2026-09-30", "started_at": here.clock.now(), "counts": {}, "cursors": {}}
        with writing(here.engine) as connection:
            connection.execute(s.platform.insert().values(id=1, name="plaza", kind="html"))
            connection.execute(s.run.insert().values(platform_id=1, **patrol))
        assert overdue(here) == {"2026-09", "2026-10"}
        shipped = (HERE / f"{FORM}.yml").read_text(encoding="utf-8")
        own = tmp_path / "data" / "tables" / "reports" / f"{FORM}.yml"
        own.parent.mkdir(parents=True)
        own.write_text(shipped.replace("  start:", "  office_start: 2026-10-31\n  start:"), encoding="utf-8")
    settings = load_settings(home=tmp_path / "home", data=tmp_path / "data", unit="某局", _env_file=None)
    with Office(settings, FixedClock(datetime(2026, 11, 18, 4, tzinfo=UTC))) as here:
        assert overdue(here) == {"2026-10"}


def test_a_sheet_is_taken_in_row_by_row_and_nothing_is_lost(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        HEADS,
        ["应急管理", 3, "", 2, "", HOSTILE],
        ["教育", 1],
        ["住房城乡建设", "三", -1, 4],
        ["应急管理", 9],
        ["合计", 99],
    ]
    file = workbook(tmp_path / "甲县.xlsx", rows)
    with office(tmp_path) as here:
        report, [row] = reports.hand_in(here, FORM, PERIOD, [file], None, "王芳")
        table = reports.content(here, FORM, PERIOD)
        with reading(here.engine) as connection:
            raw = imports(connection, FORM, PERIOD)[0]["content"]["raw"]
    assert (row["unit"], row["rows"], row["refused"], row["new"]) == ("甲县应急管理局", 2, 4, True)
    notes = "\n".join(report.notes)
    assert all(f"第{line}行" in notes for line in (4, 5, 6))
    assert "教育" in notes and "重复" in notes and "非负整数" in notes
    assert table["declared"]["应急管理"]["found"]["value"] == 3
    assert table["declared"]["住房城乡建设"] == {
        "removed": {"value": 4, "parts": [{"unit": "甲县应急管理局", "value": 4}]}
    }
    assert [line[1][0] for line in raw][-4:] == ["教育", "住房城乡建设", "应急管理", "合计"], "kept as it came"


def test_what_is_no_such_sheet_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    good = workbook(tmp_path / "good.xlsx", [HEADS, ["应急管理", 3]])
    short = workbook(tmp_path / "short.xlsx", [HEADS[:4], ["应急管理", 3], ["住房城乡建设", 3]])
    nobody = workbook(tmp_path / "nobody.xlsx", [HEADS, ["应急管理", 3]], unit="")
    other = workbook(tmp_path / "other.xlsx", [["随便", 1]])
    text = tmp_path / "text.xlsx"
    text.write_text("no workbook", encoding="utf-8")
    with office(tmp_path) as here:
        files = [short, nobody, other, text, tmp_path / "none.xlsx", good]
        report, rows = reports.hand_in(here, FORM, PERIOD, files, None, "王芳")
        assert [Path(row["file"]).name for row in rows] == ["good.xlsx"]
        assert report.dropped == {"no_sheet": 5}
        for note, said in zip(report.notes, ("工作开展情况", "--unit", "部门", "text.xlsx", "none.xlsx"), strict=True):
            assert said in note
        _, [row] = reports.hand_in(here, FORM, PERIOD, [nobody], "乙县", "王芳")
        assert row["unit"] == "乙县"


def test_the_file_of_a_county_is_what_export_gives(tmp_path: Path) -> None:
    """A county fills in its own office's table and sends it on: every cell comes back."""
    with office(tmp_path / "county") as county:
        reports.enter(county, "two_monthly", "2026-11", "应急管理", "inspected", "12", "李四")
        reports.enter(county, "two_monthly", "2026-11", "应急管理", "transferred", "2", "李四")
        reports.enter(county, "two_monthly", "2026-11", "公安", "fined", "1.25", "李四")
        reports.enter(county, "two_monthly", "2026-11", "公安", "exposed", HOSTILE, "李四")
        file = reports.export(county, "two_monthly", "2026-11", "xlsx", tmp_path, None)
        again = file.read_bytes()
        assert zipfile.is_zipfile(file)
        sheet = reports.export(county, "two_monthly", "2026-11", "csv", tmp_path, None)
    with office(tmp_path / "city") as city:
        _, [row] = reports.hand_in(city, "two_monthly", "2026-11", [file], None, "王芳")
        assert (row["unit"], row["refused"]) == ("某市市场监管局", 0)
        declared = reports.content(city, "two_monthly", "2026-11")["declared"]
    assert declared["应急管理"]["inspected"]["value"] == 12
    assert declared["应急管理"]["transferred"]["value"] == 2, "two headings are the same: told apart by their order"
    assert declared["公安"]["fined"]["value"] == "1.25"
    assert declared["市场监管"]["online_transferred"]["value"] == 0
    book = CalamineWorkbook.from_filelike(io.BytesIO(again))
    assert book.sheet_names == ["统计表", "分列", "明细", "小结"]
    lines = book.get_sheet_by_name("统计表").to_python()
    assert lines[0][0] == "打击假冒安全生产资质证书专项行动情况统计表"
    assert next(str(cell) for cell in lines[1] if cell).startswith("填报单位：某市市场监管局")
    assert lines[3][9] == "网络空间治理"
    assert lines[4][9:12] == [
        "查出假冒政府网站平台数量(个)",
        "清理涉安全生产资质证书违法违规信息数量(项)",
        "涉嫌犯罪的问题线索移交数量(项)",
    ]
    with zipfile.ZipFile(io.BytesIO(again)) as parts:
        xml = "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    assert "<f>" not in xml and "<hyperlink" not in xml and "<script>" not in xml and "\x07" not in xml
    cells = [cell for line in csv.reader(io.StringIO(sheet.read_bytes().decode("utf-8-sig"))) for cell in line]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not [cell for cell in cells if cell.startswith("=")]


def test_submitted_files_are_written_again_byte_for_byte(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        reports.enter(here, FORM, PERIOD, None, "measures", "检查", "李四")
        reports.submit(here, FORM, PERIOD, "李四", "0000")
        files = {fmt: reports.export(here, FORM, PERIOD, fmt, None, 1).read_bytes() for fmt in ("xlsx", "csv", "json")}
        reports.enter(here, FORM, PERIOD, None, "measures", "又检查", "李四")
        reports.restate(here, FORM, PERIOD, "李四", "", "补报")
        for fmt, content in files.items():
            assert reports.export(here, FORM, PERIOD, fmt, tmp_path / "again", 1).read_bytes() == content
        second = CalamineWorkbook.from_path(reports.export(here, FORM, PERIOD, "xlsx", None, 2))
        assert second.get_sheet_by_name("更正").to_python()[1][3:] == ["检查", "又检查"]
        assert any("原因：补报" in str(cell) for cell in second.get_sheet_by_name("统计表").to_python()[2])
        with pytest.raises(UsageError, match="--format"):
            reports.export(here, FORM, PERIOD, "docx", None, None)
        with pytest.raises(UsageError, match="monthly_2"):
            reports.content(here, "nothing", PERIOD)


@pytest.mark.slow
def test_the_verbs(tmp_path: Path) -> None:
    run = command(tmp_path)
    done = run.run("report", "due", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    every = [json.loads(line) for line in run.run("report", "due", "--all", "--json").stdout.splitlines()]
    assert {row["form"] for row in every} >= {"two_monthly", "monthly_25", "monthly_2", "yearly"}
    assert rows == [row for row in every if row["state"] not in ("submitted", "before")]
    assert done.returncode == (1 if any(row["problem"] for row in rows) else 0)
    [entered] = run.rows("report", "enter", FORM, PERIOD, "measures", "检查", "--by", "王芳")
    assert entered["department"] == "市场监管"
    assert run.run("report", "enter", FORM, PERIOD, "measures", "--by", "王芳").returncode == 2
    assert run.run("report", "enter", FORM, PERIOD, "online_transferred", "--lead", "7", "--by", "王芳").returncode == 2
    run.ok("report", "submit", FORM, PERIOD, "--by", "王芳")
    [table] = run.rows("report", "show", FORM, PERIOD, "--issue", "1")
    assert table["shown"]["市场监管"]["removed"] == 0
    assert "小结" in run.ok("report", "show", FORM, PERIOD)
    assert "王芳" in run.ok("report", "show", FORM, PERIOD, "--cell", "measures")
    [written] = run.rows("report", "export", FORM, PERIOD, "--issue", "1")
    assert Path(written["file"]).is_file()
    again = run.run("report", "submit", FORM, PERIOD, "--by", "王芳")
    assert (again.returncode, again.stderr.decode().count("\n")) == (2, 1)


VERBS = {
    "enter": ("measures", "又检查", "--by", "王芳"),
    "import": ("SHEET", "--by", "王芳"),
    "submit": ("--by", "王芳"),
    "restate": ("--reason", "补报", "--by", "王芳"),
}


@pytest.mark.slow
@pytest.mark.parametrize("point", ["report.before_commit", "report.after_commit"])
@pytest.mark.parametrize("verb", VERBS)
def test_killed_anywhere_it_is_done_whole_or_not_at_all(tmp_path: Path, verb: str, point: str) -> None:
    run = command(tmp_path)
    sheet = workbook(tmp_path / "甲县.xlsx", [HEADS, ["应急管理", 3]])
    with office(tmp_path) as here:
        reports.enter(here, FORM, PERIOD, None, "measures", "检查", "李四")
        if verb == "restate":
            reports.submit(here, FORM, PERIOD, "李四", "")
            reports.enter(here, FORM, PERIOD, None, "measures", "再检查", "李四")
    before = run.dump()
    words = [str(sheet) if word == "SHEET" else word for word in VERBS[verb]]
    arguments = ("report", verb, FORM, PERIOD, *words)
    died = run.run(*arguments, ADWATCH_FAILPOINT=point)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    after = run.dump()
    assert (after == before) is (point == "report.before_commit")
    again = run.run(*arguments)
    whole = run.dump()
    if point == "report.before_commit":
        assert again.returncode == 0, again.stderr.decode()
        assert whole != before
    elif verb in ("submit", "restate", "import"):
        assert whole == after, "done once, not twice"
        assert again.returncode == (0 if verb == "import" else 2)
