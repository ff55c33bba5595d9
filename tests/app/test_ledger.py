"""A ledger screened: each conclusion with a row that gets it and one that does not. All people are invented."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from adwatch.app import ledger, ledger_clue
from adwatch.app.office import Office
from adwatch.casework.ledger import to_day
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.settings import Settings
from adwatch.store import outside
from adwatch.store.dump import canonical
from adwatch.store.engine import reading
from adwatch.store.sites import sites as store_sites
from adwatch.tables.id_numbers import check_digit
from collectors.handover.plain_rows import tables

ON = date(2026, 11, 28)
HEADING = ("序号", "姓名", "身份证号", "证书编号", "证书类别", "作业类别", "岗位", "初领日期", "有效期至", "复审日期")


def person(order: int, region: str = "140802", born: str = "19900307") -> str:
    body = f"{region}{born}{order:03d}"
    return body + check_digit(body)


def row(name: str, number: str, **more: str) -> list[str]:
    values = {
        "姓名": name,
        "证书编号": number,
        "证书类别": "特种作业操作证",
        "作业类别": "低压电工作业",
        "初领日期": "2024-03-01",
        "有效期至": "2030-02-28",
        **more,
    }
    return [values.get(heading, "") for heading in HEADING]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(Settings(home=tmp_path / "home", contact="t@t.example")) as opened:
        yield opened


def write_csv(file: Path, rows: Sequence[Sequence[str]], encoding: str = "gb18030") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    file.write_bytes(out.getvalue().encode(encoding))
    return file


def write_xlsx(file: Path, rows: Sequence[Sequence[Any]]) -> Path:
    book = xlsxwriter.Workbook(str(file), {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    for number, cells in enumerate(rows):
        sheet.write_row(number, 0, cells)
    book.close()
    return file


def results(done: dict[str, Any]) -> list[tuple[str, str]]:
    """(conclusion, reasons) of the rows under the heading."""
    cells = [cells for _, rows in tables(Path(done["file"])) for _, cells in rows]
    at = next(place for place, row in enumerate(cells) if "核对结论" in row)
    word = cells[at].index("核对结论")
    return [(row[word], row[word + 1] if len(row) > word + 1 else "") for row in cells[at + 1 :]]


GOOD = row("张三", f"T{person(1)}", 身份证号=person(1))
ROWS: tuple[tuple[list[str], str, str], ...] = (
    (GOOD, "形式无误", ""),
    (row("李四", f"T{person(2)}", 身份证号=person(3)), "有误", "与身份证号不符"),
    (row("王五", f"T{person(4)[:-1]}{(int(person(4)[-1].replace('X', '5')) + 1) % 10}"), "有误", "校验位不符"),
    (row("赵六", f"T{person(1)}", 作业类别="高处作业"), "有误", "与第4行同一编号而姓名不同"),
    (row("张三", f"T{person(1)}"), "重复", "与第4行重复"),
    (row("张三", f"T{person(1)}", 作业类别="高处作业"), "重复", "与第7行重复"),
    (row("钱七", f"T{person(5)}", 初领日期="2019.3.1", 有效期至="2025年2月28日"), "已过期", "已于2025-02-28过期"),
    (row("孙八", ""), "有误", "缺证书编号"),
    (row("周九", "某字第12号"), "编号形式未知", "编号形式未知"),
    (row("吴十", f"T{person(6)}", 初领日期="去年"), "存疑", "无法辨认"),
    (row("郑一", f"T{person(7)}", 证书类别="叉车司机", 作业类别="叉车司机N1"), "存疑", "与所称证书类别不符"),
    (row("冯二", f"T{person(8)}", 岗位="叉车司机"), "存疑", "岗位“叉车司机”一般需"),
    (row("=cmd|'/c calc'!A1", f"T{person(9)}"), "形式无误", ""),
)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_row_gets_its_conclusion_and_keeps_its_cells(office: Office, tmp_path: Path, form: str) -> None:
    sheet = [["某某建设有限公司特种作业人员台账"], [], HEADING, *(cells for cells, _, _ in ROWS)]
    file = write_csv(tmp_path / "台账.csv", sheet) if form == "csv" else write_xlsx(tmp_path / "台账.xlsx", sheet)
    before = file.read_bytes()
    done = ledger.check(office, file, on=ON)
    assert file.read_bytes() == before
    assert Path(done["file"]).name == f"台账-核对结果.{form}"
    assert stat.S_IMODE(Path(done["file"]).stat().st_mode) == 0o600
    assert done["rows"] == len(ROWS) == sum(each["rows"] for each in done["words"])
    for (cells, word, reason), (found, said) in zip(ROWS, results(done), strict=True):
        assert (found, reason in said) == (word, True), (cells, found, said)
    text = Path(done["file"]).read_bytes()
    if form == "csv":
        assert b"\"'=cmd" in text  # no formula
    stored = [file.read_bytes() for file in office.home.rglob("*") if file.is_file()]
    assert not any(person(1).encode() in content for content in stored)


def test_days_in_a_spreadsheet_are_days(office: Office, tmp_path: Path) -> None:
    cells: list[Any] = row("张三", f"T{person(1)}")
    cells[7], cells[8] = date(2019, 3, 1), date(2025, 2, 28)
    done = ledger.check(office, write_xlsx(tmp_path / "a.xlsx", [HEADING, cells]), on=ON)
    assert results(done) == [("已过期", "已于2025-02-28过期")]


def test_a_number_that_the_spreadsheet_has_rounded_is_no_wrong_number(office: Office, tmp_path: Path) -> None:
    cells: list[Any] = row("张三", "")
    cells[2] = 140802199003070433
    done = ledger.check(office, write_xlsx(tmp_path / "a.xlsx", [HEADING, cells]), on=ON)
    ((word, said),) = results(done)
    assert word == "存疑" and "存为数值" in said


def test_the_authoritys_own_records_decide_but_absence_accuses_nobody(office: Office, tmp_path: Path) -> None:
    records = [
        ["姓名", "证书编号", "作业类别", "有效期至"],
        ["张三", f"T{person(1)}", "低压电工作业", "2030-02-28"],
        ["李四", f"T{person(2)}", "低压电工作业", "2029-12-31"],
        ["王五", f"T{person(3)}", "高处作业", "2030-02-28"],
        ["赵六", f"T{person(4)}", "低压电工作业", "2026-01-31"],
    ]
    mine = [
        row("张三", f"T{person(1)}"),
        row("李四", f"T{person(2)}"),
        row("王五", f"T{person(3)}"),
        row("赵六", f"T{person(4)}", 有效期至=""),
        row("假名", f"T{person(1)}", 作业类别="高处作业"),
        row("钱七", f"T{person(9)}"),
    ]
    file = write_csv(tmp_path / "台账.csv", [HEADING, *mine])
    done = ledger.check(office, file, issued=[write_csv(tmp_path / "发证.csv", records, "utf-8-sig")], on=ON)
    assert done["issued"] == 4
    found = results(done)
    assert found[0] == ("与发证记录一致", "")
    assert [word for word, _ in found] == [
        *("与发证记录一致", "与发证记录不符", "与发证记录不符", "已过期", "与发证记录不符", "发证记录中未查到"),
    ]
    assert "有效期为2029-12-31" in found[1][1] and "没有这一作业类别" in found[2][1] and "姓名不同" in found[4][1]
    assert "未查到不等于假证" in found[5][1]


def test_headings_of_its_own_are_named_on_the_command(office: Office, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [["谁", "号"], ["张三", f"T{person(1)}"]])
    with pytest.raises(UsageError, match="no heading in the first"):
        ledger.check(office, file, on=ON)
    done = ledger.check(office, file, on=ON, columns=["谁=name", "号=number"])
    assert results(done) == [("形式无误", "")]
    with pytest.raises(UsageError, match="write HEADING=FIELD"):
        ledger.check(office, file, on=ON, columns=["谁=nobody"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", b"PK\x03\x04 broken", "no XLSX workbook"),
        ("a.csv", bytes(range(256)), "no table"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "spreadsheet"),
    ],
)
def test_what_is_no_table_is_named(office: Office, tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=message) as caught:
        ledger.check(office, tmp_path / name, on=ON)
    assert name in str(caught.value)
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [name]  # and no half result


def test_the_ledger_is_never_written_over(office: Office, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [HEADING, GOOD])
    with pytest.raises(UsageError, match="is the ledger itself"):
        ledger.check(office, file, on=ON, out=file)


@pytest.mark.parametrize(
    ("value", "day", "unread"),
    [
        ("2024-03-01", date(2024, 3, 1), ""),
        ("2024.3.1", date(2024, 3, 1), ""),
        ("２０２４年３月１日", date(2024, 3, 1), ""),
        ("20240301", date(2024, 3, 1), ""),
        ("2024-03-01至2030-02-28", date(2030, 2, 28), ""),
        (datetime(2024, 3, 1, 8, tzinfo=UTC), date(2024, 3, 1), ""),
        (45352, date(2024, 3, 1), ""),
        ("长期", None, ""),
        (None, None, ""),
        ("2024-13-01", None, "2024-13-01"),
        ("去年", None, "去年"),
    ],
)
def test_days_as_people_write_them(value: object, day: date | None, unread: str) -> None:
    assert to_day(value) == (day, unread)


def test_a_confirmed_bad_row_becomes_a_clue_without_its_number(tmp_path: Path) -> None:
    bad = f"T{person(12)}"
    bad = bad[:-1] + ("0" if bad[-1] != "0" else "1")
    good = f"T{person(13)}"
    rows = [HEADING, row("甲", bad), row("乙", good)]
    file = write_csv(tmp_path / "台账.csv", rows)
    actor, about = (
        Actor("张三", "某市应急局"),
        {"place": "某公司", "qr": "http://cx-mem-gov.cn/zs?k=1", "seller": "办证小王"},
    )
    with Office(Settings(home=tmp_path / "home", contact="t@t.example")) as office:
        with pytest.raises(UsageError, match="没有可作为线索的问题"):
            ledger_clue.clue(office, file, 3, actor, about)
        with pytest.raises(UsageError, match="没有第9行"):
            ledger_clue.clue(office, file, 9, actor, about)
        done = ledger_clue.clue(office, file, 2, actor, about)
        assert done["word"] == "wrong" and done["number"].startswith("ADW-JC-")
        assert ledger_clue.clue(office, file, 2, actor, about)["case_id"] == done["case_id"]
        with reading(office.engine) as connection:
            assert [site["name"] for site in store_sites(connection)] == ["cx-mem-gov.cn"]
            cards = outside.inspections(connection)
        assert len(cards) == 1 and bad not in repr(cards)
        assert bad not in "".join(canonical(office.engine))
    stored = b"".join(each.read_bytes() for each in (tmp_path / "home").rglob("*") if each.is_file())
    assert bad.encode() not in stored and bad[1:].encode() not in stored
