"""Leads from outside: taken in under their own numbers, answered on their own sheet, told, rewarded; inspections."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from lxml import etree

from adwatch.app import casework, sources
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.stages.classify import classify_backlog
from adwatch.store import schema as s
from adwatch.store.attachments import attachments_of
from adwatch.store.dump import canonical
from adwatch.store.engine import reading
from collectors.handover.whole import whole_workbook
from tests.app.letters_world import ACTOR, ONE, UNIT, Desk
from tests.app.test_letters import desk
from tests.store.world import listing

__all__ = ["desk"]

HEADS = ["序号", "线索编号", "线索名称", "线索链接", "线索内容", "反馈时限", "核查情况", "处置情况", "反馈日期", "备注"]
ROWS: list[list[Any]] = [
    [
        1,
        "SJ-001",
        "某店售卖低压电工证",
        "https://plaza.example/item/1",
        "不用考试包拿证",
        "2026-11-25",
        "",
        "",
        "",
        "=A1",
    ],
    [2, "SJ-002", "某号称可办焊工证", "https://bazaar.example/x", "三天出证", datetime(2026, 11, 17), "", "", "", ""],  # noqa: DTZ001
    [3, "SJ-003", "咨询类", "", "问考试时间", "下周", "", "", "", ""],
]
SHEET = "xl/worksheets/sheet1.xml"


def order(file: Path, rows: list[list[Any]] = ROWS, heads: list[str] = HEADS, formula: str | None = None) -> Path:
    """A sheet as a superior office issues it: merged title, colours, a list, protection, a note."""
    book = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False})
    look = book.add_format({"bold": True, "bg_color": "#FFCC00", "border": 2})
    day = book.add_format({"num_format": "yyyy年m月d日"})
    page = book.add_worksheet("交办")
    page.merge_range("A1:J1", "关于交办线索的通知附件", look)
    for at, head in enumerate(heads):
        page.write_string(1, at, head, look)
    for line, row in enumerate(rows, 2):
        for at, value in enumerate(row):
            if isinstance(value, datetime):
                page.write_datetime(line, at, value, day)
            elif value == "":
                page.write_blank(line, at, None, look)
            else:
                page.write(line, at, value, look)
    if formula:
        page.write_formula(formula, "=1+1", look, 2)
    page.write_comment("B3", "密")
    page.data_validation("G3:G9", {"validate": "length", "criteria": "<", "value": 500})
    page.protect("x")
    book.add_worksheet("说明").write_string(0, 0, "填报说明")
    book.close()
    return file


def take(desk: Desk, file: Path, origin: str = "superior") -> tuple[Any, dict[str, Any]]:
    return sources.take_in(desk.office, file, origin, ACTOR, document="某安办〔2026〕12号", giver="省安委办")


def test_each_row_becomes_a_case_with_its_number_origin_and_time_limit(desk: Desk, tmp_path: Path) -> None:
    there = desk.lead("1", url_norm="https://plaza.example/item/1")
    report, row = take(desk, order(tmp_path / "交办.xlsx"))
    assert row["leads"] == 3
    assert [note for note in report.notes if "下周" in note]
    listed = {each["number"]: each for each in sources.listed(desk.office)}
    assert {number: each["due_on"] for number, each in listed.items()} == {
        "SJ-001": "2026-11-25",
        "SJ-002": "2026-11-17",
        "SJ-003": None,
    }
    assert list(listed) == ["SJ-002", "SJ-001", "SJ-003"], "those due first"
    assert [each["overdue"] for each in listed.values()] == [True, False, False]
    assert listed["SJ-001"]["linked"] == 1, "the address that it names is a case already"
    link = desk.world.rows(s.case_link)[0]
    assert (link["case_id"], link["other_id"], link["kind"]) == (listed["SJ-001"]["case_id"], there, "tip")
    cases = {row["id"]: row for row in desk.world.rows(s.case)}
    for each in listed.values():
        case = cases[each["case_id"]]
        assert (case["origin"], case["state"]) == ("superior", "screening"), "a case whatever the machine thinks of it"
    again, same = take(desk, tmp_path / "交办.xlsx")
    assert (same["intake"], again.kept, again.counts["repeated"]) == (1, 0, 3)
    assert len(desk.world.rows(s.intake_lead)) == 3
    assert verify_log(desk.office.engine).fault is None


def _without(xml: bytes, names: set[str]) -> str:
    root = etree.fromstring(xml)
    for cell in list(root.iter("{*}c")):
        if cell.get("r") in names:
            cell.getparent().remove(cell)
    return etree.tostring(root).decode()


def test_a_sheet_is_answered_on_itself_and_nothing_else_in_it_changes(desk: Desk, tmp_path: Path) -> None:
    desk.lead("1")
    file = order(tmp_path / "交办.xlsx")
    take(desk, file)
    cases = {each["number"]: each["case_id"] for each in sources.listed(desk.office)}
    casework.decide(desk.office, [cases["SJ-001"]], "confirm", "李建国", "某市应急管理局", "核实")
    casework.decide(desk.office, [cases["SJ-003"]], "dismiss", "李建国", "某市应急管理局", "正常咨询")
    report, row = sources.answer(desk.office, 1, ACTOR)
    assert (row["answered"], report.dropped) == (2, {"waits": 1})
    assert "SJ-002" in report.notes[0]
    filled = {"G3", "H3", "I3", "G5", "H5", "I5"}
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(row["file"]) as new:
        assert old.namelist() == new.namelist()
        assert [name for name in old.namelist() if old.read(name) != new.read(name)] == [SHEET]
        before, after = old.read(SHEET), new.read(SHEET)
    assert _without(before, filled) == _without(after, filled)
    style = re.compile(rb'r="G3" s="(\d+)"')
    assert style.search(before)[1] == style.search(after)[1], "the cell keeps its look"
    rows = {cells[1]: cells for _, cells in whole_workbook(Path(row["file"]).read_bytes(), "a")[0].rows[2:]}
    assert rows["SJ-001"][6:9] == ["经核查属实（某市应急管理局，2026-11-18）", "正在处置", "2026-11-18"]
    assert rows["SJ-003"][6:8] == ["经核查不属实（某市应急管理局，2026-11-18）", "无需处置"]
    assert rows["SJ-002"][6:9] in ([None] * 3, [])
    told = {each["number"]: bool(each["told"]) for each in sources.listed(desk.office)}
    assert told == {"SJ-001": True, "SJ-002": False, "SJ-003": True}
    assert [each["number"] for each in sources.listed(desk.office, due=True)] == ["SJ-002"]


def test_what_cannot_be_answered_on_itself_is_said(desk: Desk, tmp_path: Path) -> None:
    bare = order(tmp_path / "a.xlsx", [row[:6] for row in ROWS[:1]], HEADS[:6])
    take(desk, bare)
    with pytest.raises(UsageError, match="没有核查情况"):
        sources.answer(desk.office, 1, ACTOR)
    (tmp_path / "b.csv").write_text("线索编号,线索内容,核查情况\nX-1,办证,\n", encoding="gb18030")
    take(desk, tmp_path / "b.csv")
    with pytest.raises(UsageError, match="另存为 XLSX"):
        sources.answer(desk.office, 2, ACTOR)
    _, row = take(desk, order(tmp_path / "c.xlsx", [["1", "F-1", "a", "", "办证", "", "", "", "", ""]], formula="G3"))
    case_id = next(each["case_id"] for each in sources.listed(desk.office) if each["number"] == "F-1")
    casework.decide(desk.office, [case_id], "confirm", "李", "某局", "核实")
    with pytest.raises(UsageError, match="G3 holds a formula"):
        sources.answer(desk.office, row["intake"], ACTOR)
    (tmp_path / "d.csv").write_text("链接,内容\nhttps://a.example/1,办证\n", encoding="utf-8")
    with pytest.raises(UsageError, match="没有线索编号"):
        take(desk, tmp_path / "d.csv")
    with pytest.raises(UsageError, match="没有来源"):
        take(desk, bare, origin="neighbour")


def test_a_tip_is_acknowledged_told_and_rewarded_in_that_order(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "12315.csv"
    lines = ["举报编号,举报内容,被举报人,是否实名,举报人电话", "T1,卖假电工证,某店,是,13800138000", "T2,问路,,否,"]
    file.write_text("\n".join(lines), encoding="utf-8")
    take(desk, file, "12315")
    listed = {each["number"]: each for each in sources.listed(desk.office)}
    assert {number: each["real_name"] for number, each in listed.items()} == {"T1": True, "T2": False}
    (text,) = sources.acknowledge(desk.office, "12315", ["T1"], ACTOR)
    assert "编号 T1" in text["text"]
    assert UNIT in text["text"]
    with pytest.raises(UsageError, match="还没有结论"):
        sources.tell(desk.office, "12315", ["T1"], ACTOR)
    casework.decide(desk.office, [listed["T1"]["case_id"]], "confirm", "李建国", "某局", "查实")
    casework.decide(desk.office, [listed["T2"]["case_id"]], "dismiss", "李建国", "某局", "无关")
    with pytest.raises(UsageError, match="尚未告知结果"):
        sources.reward(desk.office, "12315", "T1", "奖励办法第五条", ACTOR)
    told = {each["number"]: each["text"] for each in sources.tell(desk.office, "12315", ["T1", "T2"], ACTOR)}
    assert "属实" in told["T1"]
    assert "不足以认定" in told["T2"]
    sources.reward(desk.office, "12315", "T1", "奖励办法第五条", ACTOR)
    for done in (False, True):  # 不属实 stays so once it is 办结
        if done:
            assert casework.decide(desk.office, [listed["T2"]["case_id"]], "close", "李建国", "某局", "结")[0].kept == 1
        with pytest.raises(UsageError, match="未查证属实"):
            sources.reward(desk.office, "12315", "T2", "奖励办法第五条", ACTOR)
    with pytest.raises(UsageError, match="没有编号 T9"):
        sources.acknowledge(desk.office, "12315", ["T9"], ACTOR)
    rewarded = {each["number"]: bool(each["rewarded"]) for each in sources.listed(desk.office)}
    assert rewarded == {"T1": True, "T2": False}
    everything = "\n".join(canonical(desk.office.engine)) + str(desk.world.rows(s.audit_entry)) + str(told)
    assert "13800138000" not in everything, "the person's number stays in the sealed file"


CARD, CONTACT = "T140121199001011234", "abc13800138000"
ABOUT = ("某工地", "电工证", CARD, "https://cx.fake.example/q?n=1", "某店", "微信转账", CONTACT, "小店")


def inspect(desk: Desk, *photos: Path, about: tuple[str, ...] = ABOUT) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return sources.inspect(desk.office, "2026-11-17", about, photos, ACTOR)


def test_an_inspected_card_is_linked_to_the_listings_it_may_come_from(desk: Desk, tmp_path: Path) -> None:
    same = desk.lead("1", seller_name="别家", register=False)
    shop = desk.lead("2", "塔吊证免考", register=False)
    site = desk.lead("3", "仿网站免考", url="https://cx.fake.example/q?n=1", url_norm="https://cx.fake.example/q?n=1",
                     seller_name="站长", register=False)  # fmt: skip
    desk.lead("4", "架子工证免考", seller_name="另一家", register=False)
    photo = tmp_path / "证.jpg"
    photo.write_bytes(b"\xff\xd8\xff picture")
    casework.index_now(desk.office)
    row, links = inspect(desk, photo)
    assert row["number"] == "ADW-JC-2026-0001"
    assert {link["other"]: link["by"] for link in links} == {same: "contact", shop: "seller", site: "url"}
    kept = desk.world.rows(s.inspection)[0]
    assert (kept["card_number"], kept["contact"]) == (CARD, CONTACT)
    case = next(each for each in desk.world.rows(s.case) if each["id"] == row["case_id"])
    assert case["origin"] == "inspection"
    shown = str(casework.show_case(desk.office, row["case_id"]))
    dumped = "\n".join(canonical(desk.office.engine)) + str(desk.world.rows(s.audit_entry))
    dumped += str(desk.world.rows(s.event))
    for raw in (CARD, CARD[1:]):
        assert raw not in shown
        assert raw not in dumped
    assert CONTACT not in shown
    with reading(desk.office.engine) as connection:
        assert len(attachments_of(connection, "inspection", [1])[1]) == 1
    again, none = inspect(desk, photo)
    assert (again["number"], none) == (row["number"], [])
    desk.world.store(listing("5", ONE, seller_name="换了名"))
    classify_backlog(desk.office.classifier, "2026-11-18")
    casework.index_now(desk.office)
    (late,) = sources.link_back(desk.office)
    assert late["how"] == "联系方式相同", "what was put up since is found too"
    other, ties = inspect(desk, about=("某厂", "焊工证", CARD, "", "", "", "", ""))
    assert {link["other"]: link["by"] for link in ties} == {row["case_id"]: "card"}
    assert other["number"] == "ADW-JC-2026-0002"
    assert verify_log(desk.office.engine).fault is None


def test_an_inspection_with_nothing_to_go_by_is_refused(desk: Desk) -> None:
    for about, word in (
        (("某厂", "电工证", "", "", "", "微信", "", ""), "无从倒查"),
        (("", "电工证", "T1", "", "", "", "", ""), "检查地点"),
        (("某厂", "电工证", "T" * 3000, "", "", "", "", ""), "不超过"),
    ):
        with pytest.raises(UsageError, match=word):
            inspect(desk, about=about)
    with pytest.raises(UsageError, match="在将来"):
        sources.inspect(desk.office, "2026-11-19", ABOUT, [], ACTOR)
    assert desk.world.rows(s.case) == []
