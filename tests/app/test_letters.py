"""Confirmation by letter: batches, what goes out, what comes back, and the decisions it ends in."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adwatch.app import casework, confirmation, routing
from adwatch.casework.confirmation_sheet import ANSWERS
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store.attachments import attachments_of, read_attachment
from adwatch.store.engine import reading
from tests.app.letters_world import ACTOR, HOSTILE, TWO, Desk, filled, saved
from tests.casework.office import words

NUMBER = "ADW-ZB-2026-0001"
LEADS = [f"ADW-2026-{number:06d}" for number in range(1, 9)]
YES = ("属实", "页面承诺免考", "李建国", datetime(2026, 11, 18))  # noqa: DTZ001 - as a spreadsheet holds it


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    made = Desk(tmp_path)
    yield made
    made.office.__exit__(None, None, None)


def drafted(desk: Desk, count: int = 3, **more: Any) -> dict[str, Any]:
    for number in range(count):
        desk.lead(str(number), **more)
    return confirmation.draft(desk.office, ACTOR)[0]


def sent(desk: Desk, count: int = 3, **more: Any) -> dict[str, Any]:
    row = drafted(desk, count, **more)
    confirmation.mark_sent(desk.office, row["number"], ACTOR, None)
    return row


def states(desk: Desk) -> list[str]:
    return [row["state"] for row in desk.world.rows(s.case)]


def take(desk: Desk, file: Path, **more: Any) -> tuple[Any, dict[str, Any]]:
    return confirmation.take_reply(desk.office, file, ACTOR, **more)


def test_what_goes_out(desk: Desk) -> None:
    row = drafted(desk, 2, title=HOSTILE)
    assert (row["number"], row["authority"], row["leads"]) == (NUMBER, "应急管理", 2)
    said = words(row["letter"])
    assert "应急管理：" in said
    assert "2条涉嫌" in said
    assert "5个工作日内" in said
    rows = filled(row["sheet"], {})
    assert [cells[1] for cells in rows[4:]] == LEADS[:2]
    assert HOSTILE in str(rows[4][6])
    assert "abc138" not in str(rows), "contacts are masked"
    with zipfile.ZipFile(row["sheet"]) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<sheetProtection" in sheet
    assert "<f>" not in sheet
    assert f'"{",".join(ANSWERS)}"' in sheet.replace("&quot;", '"')
    assert re.search(r'sqref="N5:N6"', sheet), "the list stands on the cells of the answer"
    assert styles.count('locked="0"') == 2
    again = confirmation.draft(desk.office, ACTOR)
    assert again == [], "nothing is asked twice"
    before = Path(row["letter"]).read_bytes(), Path(row["sheet"]).read_bytes()
    Path(row["sheet"]).unlink()
    confirmation.draft(desk.office, ACTOR)
    assert (Path(row["letter"]).read_bytes(), Path(row["sheet"]).read_bytes()) == before


def test_each_authority_gets_its_own_and_one_with_an_account_none(desk: Desk, tmp_path: Path) -> None:
    desk.lead("1")
    desk.lead("2", TWO)
    rows = confirmation.draft(desk.office, ACTOR)
    assert [(row["authority"], row["leads"]) for row in rows] == [
        ("应急管理", 1),
        ("住房城乡建设", 1),
        ("市场监管（特种设备）", 1),
    ]
    assert [row["number"] for row in rows] == [f"ADW-ZB-2026-{n:04d}" for n in (1, 2, 3)]
    assert "请只就本部门主管的证书作出结论" in words(rows[1]["letter"])
    (tmp_path / "data" / "routing").mkdir(parents=True)
    shipped = routing.routing_of(desk.office).file.with_name("authorities.csv").read_text(encoding="utf-8")
    changed = shipped.replace("emergency,应急管理,,letter", "emergency,应急管理,,account")
    (tmp_path / "data" / "routing" / "authorities.csv").write_text(changed, encoding="utf-8")
    desk.lead("3")
    assert confirmation.draft(desk.office, ACTOR) == []


def test_answers_become_decisions_of_person_and_unit(desk: Desk, tmp_path: Path) -> None:
    row = sent(desk, 5)
    day = datetime(2026, 11, 18)  # noqa: DTZ001 - as a spreadsheet holds it
    answers = {
        LEADS[0]: YES,
        LEADS[1]: ("不属实", "转载警示", "李建国", "2026年11月18日"),
        LEADS[2]: ("无法认定", "页面已失效", "李建国", 46344),
        LEADS[3]: ("非本部门", "属住建", "李建国", day),
    }
    back = saved(tmp_path / "回复.xlsx", filled(row["sheet"], answers))
    scan = tmp_path / "复函.pdf"
    scan.write_bytes(b"%PDF-1.4 scan")
    report, batch = take(desk, back, reply_number="某应急函〔2026〕8号", scan=scan)
    assert report.dropped == {}, report.notes
    assert (report.kept, report.counts["decided"]) == (4, 4)
    assert states(desk) == ["confirmed", "dismissed", "doubtful", "referred", "registered"]
    assert (batch["state"], batch["missing_numbers"]) == ("partly", [LEADS[4]])
    decision = desk.world.rows(s.decision)[1]
    assert (decision["person"], decision["unit"], decision["result"]) == ("李建国", "应急管理", "dismiss")
    assert "转载警示" in decision["reason"]
    assert NUMBER in decision["reason"]
    with reading(desk.office.engine) as connection:
        kept = attachments_of(connection, "confirmation", [1])[1]
        linked = connection.scalars(select(s.confirmation_row.c.decision_id)).all()
    assert {each["kind"]: read_attachment(desk.office.home, each["sha256"]) for each in kept} == {
        "reply_sheet": back.read_bytes(),
        "reply_scan": scan.read_bytes(),
    }
    assert linked == [1, 2, 3, 4, None]
    assert verify_log(desk.office.engine).fault is None
    again, _ = take(desk, back)
    assert (again.kept, again.counts["unchanged"], len(desk.world.rows(s.decision))) == (0, 4, 4)
    last = saved(tmp_path / "补.xlsx", filled(row["sheet"], {LEADS[4]: YES}))
    assert take(desk, last)[1]["state"] == "answered"


FAULTS: dict[str, tuple[Any, str]] = {
    "not in the list": (lambda rows: rows[4].__setitem__(13, "基本属实"), "不在表内"),
    "no reason": (lambda rows: rows[4].__setitem__(slice(13, 15), ["不属实", None]), "须写理由"),
    "no person": (lambda rows: rows[4].__setitem__(15, None), "甄别人"),
    "no day": (lambda rows: rows[4].__setitem__(16, None), "甄别日期"),
    "a word for a day": (lambda rows: rows[4].__setitem__(16, "上周"), "不是日期"),
    "a day before the letter": (lambda rows: rows[4].__setitem__(16, "2026-11-17"), "不在发函"),
    "a day to come": (lambda rows: rows[4].__setitem__(16, "2026-11-19"), "不在发函"),
    "no answer": (lambda rows: rows[4].__setitem__(13, None), "没有写甄别结论"),
    "no number": (lambda rows: rows[4].__setitem__(1, None), "没有线索编号"),
    "an unknown number": (lambda rows: rows[4].__setitem__(slice(0, 2), [None, "ADW-2026-999999"]), "没有这个线索编号"),
    "a number changed": (lambda rows: rows[4].__setitem__(1, "ADW-2026-999999"), "编号被改动"),
    "numbers swapped": (lambda rows: rows[4].__setitem__(1, LEADS[2]), "编号或序号被改动"),
    "of another letter": (lambda rows: rows[4].__setitem__(slice(0, 2), [None, LEADS[3]]), "属于 ADW-ZB-2026-0002"),
    "twice, differently": (lambda rows: rows.append([*rows[4][:13], "不属实", "x", "李", "2026-11-18"]), "两行都不采用"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_row_that_cannot_be_taken_is_named_and_the_others_go_on(desk: Desk, tmp_path: Path, name: str) -> None:
    row = sent(desk, 3)
    desk.lead("9", TWO)
    confirmation.draft(desk.office, ACTOR)
    rows = filled(row["sheet"], {LEADS[0]: YES, LEADS[1]: YES})
    change, word = FAULTS[name]
    change(rows)
    report, batch = take(desk, saved(tmp_path / "回.xlsx", rows))
    assert sum(report.dropped.values()) == 1, report.notes
    assert word in report.notes[0]
    assert "行: " in report.notes[0]
    assert report.kept == 1
    assert (batch["missing"], states(desk)[1]) == (2, "confirmed")
    assert states(desk)[0] == "registered"


def test_formulas_and_merged_cells_are_no_answers(desk: Desk, tmp_path: Path) -> None:
    row = sent(desk, 3)
    rows = filled(row["sheet"], {LEADS[0]: YES, LEADS[1]: YES, LEADS[2]: YES})
    report, _ = take(desk, saved(tmp_path / "1.xlsx", rows, merge="N5:N6", formula="N7"))
    assert report.kept == 0
    assert [("合并" in note, "公式" in note) for note in report.notes] == [(True, False), (True, False), (False, True)]


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        (lambda rows: rows[3].__setitem__(13, "结论"), "缺少列: 甄别结论"),
        (lambda rows: rows.__delitem__(slice(3, 4)), "没有“线索编号”"),
        (lambda rows: rows[1].__setitem__(0, "函件编号：ADW-ZB-2026-0009"), "不是 ADW-ZB-2026-0001"),
        (lambda rows: rows[1].__setitem__(0, ""), "--number"),
    ],
)
def test_what_is_no_sheet_of_ours_is_refused_whole(desk: Desk, tmp_path: Path, rows: Any, word: str) -> None:
    row = sent(desk, 1)
    cells = filled(row["sheet"], {LEADS[0]: YES})
    rows(cells)
    with pytest.raises(UsageError, match=word):
        take(desk, saved(tmp_path / "回.xlsx", cells), number=None if word == "--number" else NUMBER)
    assert states(desk) == ["registered"]
    if word == "--number":
        report, _ = take(desk, saved(tmp_path / "回.xlsx", cells), number=NUMBER)
        assert report.kept == 1


def test_csv_as_spreadsheet_programs_export_it(desk: Desk, tmp_path: Path) -> None:
    row = sent(desk, 2)
    rows = filled(row["sheet"], {LEADS[0]: ("属实", "看过", "李建国", "2026/11/18")})
    text = "\r\n".join(",".join('"' + str(cell or "").replace('"', '""') + '"' for cell in line) for line in rows)
    for encoding in ("gb18030", "utf-8-sig", "utf-16"):
        file = tmp_path / f"{encoding}.csv"
        file.write_bytes(text.encode(encoding, "replace"))
        report, batch = take(desk, file)
        assert report.dropped == {}, report.notes
        assert batch["missing"] == 1
    file.write_bytes(b"\x00\x01\x02 no sheet")
    with pytest.raises(UsageError, match="no spreadsheet"):
        take(desk, file)
    (tmp_path / "broken.et").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(UsageError, match="save it as XLSX"):
        take(desk, tmp_path / "broken.et")


def test_another_answer_than_before_needs_to_be_said_to_be_a_correction(desk: Desk, tmp_path: Path) -> None:
    row = sent(desk, 1)
    take(desk, saved(tmp_path / "1.xlsx", filled(row["sheet"], {LEADS[0]: YES})))
    other = saved(tmp_path / "2.xlsx", filled(row["sheet"], {LEADS[0]: ("不属实", "复核为转载", "李建国", "2026-11-18")}))
    report, _ = take(desk, other)
    assert report.dropped == {"answered": 1}
    assert states(desk) == ["confirmed"]
    report, _ = take(desk, other, correct=True)
    assert (report.kept, states(desk)) == (1, ["dismissed"])
    assert [each["result"] for each in desk.world.rows(s.decision)] == ["confirm", "dismiss"]


def test_a_batch_is_sent_once_and_due_in_working_days(desk: Desk) -> None:
    row = drafted(desk, 1)
    with pytest.raises(UsageError, match="尚未记为发出"):
        take(desk, Path(row["sheet"]))
    with pytest.raises(UsageError, match="在将来"):
        confirmation.mark_sent(desk.office, NUMBER, ACTOR, datetime(2026, 11, 19, tzinfo=UTC))
    done = confirmation.mark_sent(desk.office, NUMBER, ACTOR, None, document="某市监函〔2026〕5号")
    assert done["due_on"] == "2026-11-25", "five working days from Wednesday, without the weekend"
    with pytest.raises(UsageError, match="不再改动"):
        confirmation.mark_sent(desk.office, NUMBER, ACTOR, None)
    kinds = [row["kind"] for row in desk.world.rows(s.event, subject="case")]
    assert kinds[-1] == "asked_by_letter"


def test_missing_rows_are_chased_with_a_sheet_that_can_be_imported(desk: Desk, tmp_path: Path) -> None:
    row = sent(desk, 3)
    take(desk, saved(tmp_path / "1.xlsx", filled(row["sheet"], {LEADS[0]: YES})))
    assert confirmation.chase(desk.office, ACTOR) == [], "its time is not over"
    desk.clock.tick(days=8)
    assert confirmation.listed(desk.office)[0]["overdue"]
    (done,) = confirmation.chase(desk.office, ACTOR)
    assert (done["times"], done["missing"]) == (1, 2)
    said = words(done["letter"])
    assert LEADS[0] not in said
    assert LEADS[1] in said
    rows = filled(done["sheet"], {LEADS[1]: YES, LEADS[2]: YES})
    assert [cells[1] for cells in rows[4:]] == LEADS[1:3]
    report, batch = take(desk, saved(tmp_path / "2.xlsx", rows))
    assert (report.kept, batch["state"]) == (2, "answered")
    assert confirmation.chase(desk.office, ACTOR) == []


def test_what_the_authority_decided_in_the_console_is_not_chased(desk: Desk) -> None:
    sent(desk, 2)
    desk.clock.tick(days=8)
    casework.decide(desk.office, [1], "confirm", "李建国", "应急管理", "在系统中看过")
    casework.decide(desk.office, [2], "confirm", "张三", "别的单位", "看过")
    (row,) = confirmation.listed(desk.office)
    assert row["missing_numbers"] == [LEADS[1]]
    (done,) = confirmation.chase(desk.office, ACTOR)
    assert done["missing"] == 1
    shown = confirmation.listed(desk.office, NUMBER)[0]["rows"]
    assert [each["settled_label"] for each in shown] == ["已在系统中认定", ""]


def test_a_lead_assigned_anew_goes_out_again(desk: Desk, tmp_path: Path) -> None:
    row = sent(desk, 1)
    take(desk, saved(tmp_path / "1.xlsx", filled(row["sheet"], {LEADS[0]: ("非本部门", "属住建", "李", "2026-11-18")})))
    assert confirmation.draft(desk.office, ACTOR) == []
    routing.assign(desk.office, 1, ["housing"], "应急答复非本部门", ACTOR)
    (again,) = confirmation.draft(desk.office, ACTOR)
    assert again["authority"] == "住房城乡建设"
