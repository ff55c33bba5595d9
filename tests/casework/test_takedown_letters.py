from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from docx import Document

from adwatch.casework import takedown_letters as letters
from adwatch.casework import takedown_replies as replies
from adwatch.casework import takedown_shown as shown
from adwatch.casework import takedown_steps as steps
from adwatch.casework.letter_about import paper
from adwatch.casework.official import chinese_time
from adwatch.casework.takedown import mark_sent
from adwatch.casework.takedown_files import File
from adwatch.casework.takedown_late import due_list
from adwatch.casework.takedown_mail import words_of_letter
from adwatch.casework.takedown_sent import mended
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store import takedown_papers as papers
from adwatch.store.attachments import read_attachment
from adwatch.store.engine import reading
from adwatch.tables.takedown import Escalation
from tests.casework.office import ZONE, words
from tests.casework.paperwork import NUMBER, WANG, desk, request, sent
from tests.store.world import World


def test_a_preview_has_the_words_of_the_file(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    with reading(world.engine) as connection:
        (letter,) = papers.letters(connection, number=NUMBER)
    file = tmp_path / "saved.docx"
    file.write_bytes(paper(letter["content"]))
    document = Document(str(file))
    paragraphs, rows = words_of_letter(desk(world, tmp_path), NUMBER, 30)
    assert paragraphs == [line.text for line in document.paragraphs if line.text.strip()]
    assert rows == [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert len(rows) == 3


CAC = Escalation("cyberspace", "网信", "某市网信办", "wx@office.example", "")


def _row(world: World, folder: Path, number: str = NUMBER) -> dict[str, object]:
    return shown.one_letter(desk(world, folder), number)


def _tracks(world: World) -> list[str]:
    return [row["step"] for row in world.rows(s.track)]


def _said(folder: Path, world: World, number: str) -> str:
    (row,) = world.rows(s.takedown_letter, number=number)
    file = folder / "about.docx"
    file.write_bytes(paper(row["content"]))
    return words(str(file))


def test_replies_are_appended_with_their_files_and_move_request_and_track(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    world.tick(hours=2)
    at = desk(world, tmp_path)
    assert replies.reply(at, NUMBER, "acknowledged", WANG)["step"] == "acknowledged"
    assert _tracks(world) == ["received", "received"]
    assert replies.reply(at, NUMBER, "refused", WANG, listings=["1"], reason="待查")["step"] == "acknowledged"
    assert _tracks(world) == ["refused", "received"]
    scan = File("复函/../a.pdf", "application/pdf", b"%PDF reply")
    row = replies.reply(at, NUMBER, "accepted", WANG, listings=["1"], files=[scan])
    assert row["step"] == "acknowledged", "one of two is handled: the request is not"
    assert _tracks(world) == ["handled", "received"]
    with pytest.raises(UsageError, match="reason"):
        replies.reply(at, NUMBER, "refused", WANG, listings=["2"])
    assert replies.reply(at, NUMBER, "refused", WANG, listings=["2"], reason="不构成违法")["step"] == "acknowledged"
    assert replies.reply(at, NUMBER, "accepted", WANG, listings=["2"])["step"] == "handled"
    assert _tracks(world) == ["handled", "handled"]
    (kept,) = world.rows(s.attachment)
    assert read_attachment(at.home, kept["sha256"]) == b"%PDF reply"
    answers = _row(world, tmp_path)["replies"]
    assert isinstance(answers, list)
    assert [(each["kind"], each["listings"], len(each["files"])) for each in answers] == [
        ("acknowledged", None, 0),
        ("refused", 1, 0),
        ("accepted", 1, 1),
        ("refused", 1, 0),
        ("accepted", 1, 0),
    ]
    assert verify_log(world.engine).fault is None


def test_replies_that_cannot_be_are_refused(world: World, tmp_path: Path) -> None:
    request(world, tmp_path)
    at = desk(world, tmp_path)
    with pytest.raises(UsageError, match="尚未发出"):
        replies.reply(at, NUMBER, "accepted", WANG)
    mark_sent(world.engine, [NUMBER], "赵六", world.now, zone=ZONE)
    with pytest.raises(UsageError, match="write one of"):
        replies.reply(at, NUMBER, "perhaps", WANG)
    with pytest.raises(UsageError, match="清单中没有 '7'"):
        replies.reply(at, NUMBER, "accepted", WANG, listings=["7"])
    early = world.now.replace(year=2025)
    with pytest.raises(UsageError, match="复函时间"):
        replies.reply(at, NUMBER, "accepted", WANG, at=early)
    assert world.rows(s.takedown_reply) == []


def test_what_is_overdue_is_reminded_of_then_escalated(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    assert due_list(desk(world, tmp_path)) == []
    world.tick(hours=25)
    (row,) = due_list(desk(world, tmp_path))
    assert (row["number"], row["listings"], row["reminders"], row["action"]) == (NUMBER, 2, 0, "remind")
    number = letters.remind(desk(world, tmp_path), NUMBER, WANG)
    assert number == "ADW-TL-2026-0001"
    with pytest.raises(UsageError, match="尚未发出"):
        letters.remind(desk(world, tmp_path), NUMBER, WANG)
    said = _said(tmp_path, world, number)
    assert "关于催办涉嫌违法证书类信息处置情况的函" in said
    assert "第1次催办" in said
    assert re.search(r"处置期限为\d{4}年\d+月\d+日\d+时(\d+分)?。", said), "in the form of the letter's other dates"
    mark_sent(world.engine, [number], "王芳", world.now, zone=ZONE)
    assert due_list(desk(world, tmp_path)) == [], "three working days until the next"
    world.tick(days=6)
    second = letters.remind(desk(world, tmp_path), NUMBER, WANG)
    mark_sent(world.engine, [second], "王芳", world.now, zone=ZONE)
    world.tick(days=6)
    (row,) = due_list(desk(world, tmp_path))
    assert (row["reminders"], row["action"]) == (2, "escalate")
    third = letters.escalate(desk(world, tmp_path), NUMBER, CAC, WANG, "平台逾期未处置")
    said = _said(tmp_path, world, third)
    assert "某市网信办：" in said
    assert "并已催办2次" in said
    assert "涉嫌违法线索" in said
    assert _tracks(world) == ["sent", "sent"]
    mark_sent(world.engine, [third], "王芳", world.now, zone=ZONE)
    assert _tracks(world) == ["escalated", "escalated"]
    assert verify_log(world.engine).fault is None


def test_nobody_is_reminded_of_what_is_settled(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path)
    world.tick(hours=2)
    replies.reply(desk(world, tmp_path), NUMBER, "accepted", WANG)
    world.tick(days=9)
    assert due_list(desk(world, tmp_path)) == []
    with pytest.raises(UsageError, match="不需要催办"):
        letters.remind(desk(world, tmp_path), NUMBER, WANG)


def test_a_request_without_a_deadline_is_reminded_of_after_working_days(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, platform="bazaar")
    world.tick(days=6)  # Wednesday to Tuesday: four working days after the sending
    assert due_list(desk(world, tmp_path)) == []
    world.tick(days=2)
    (row,) = due_list(desk(world, tmp_path))
    assert row["since_local"] == "2026-11-26 00:00"


def test_a_wrong_takedown_is_withdrawn_closes_the_track_and_is_counted(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    with pytest.raises(UsageError, match="reason"):
        letters.withdraw(desk(world, tmp_path), NUMBER, WANG, ["2"], " ")
    number = letters.withdraw(desk(world, tmp_path), NUMBER, WANG, ["2"], "经复核系培训机构正当宣传")
    said = _said(tmp_path, world, number)
    assert "现予撤回。原因：经复核系培训机构正当宣传。" in said
    assert "item/2" in said
    assert "item/1" not in said
    with reading(world.engine) as connection:
        assert mended(connection) == {"withdraw": 0, "correct": 0, "listings": 0}, "a draft mends nothing"
    mark_sent(world.engine, [number], "王芳", world.now, zone=ZONE)
    assert _tracks(world) == ["sent", "withdrawn"]
    assert [row["state"] for row in world.rows(s.case)] == ["confirmed", "closed"]
    other = letters.withdraw(desk(world, tmp_path), NUMBER, WANG, ["1"], "同上")
    mark_sent(world.engine, [other], "王芳", world.now, zone=ZONE)
    assert _row(world, tmp_path)["step"] == "withdrawn"
    with reading(world.engine) as connection:
        assert mended(connection) == {"withdraw": 2, "correct": 0, "listings": 2}
    assert verify_log(world.engine).fault is None


def test_a_correction_says_what_was_and_what_is_and_changes_no_track(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    corrections = {"2": ("=小店", "大店\u202e")}
    number = letters.correct(desk(world, tmp_path), NUMBER, WANG, corrections, "店铺名称误写")
    said = _said(tmp_path, world, number)
    assert "=小店" in said
    assert "大店\ufffd" in said
    mark_sent(world.engine, [number], "王芳", world.now, zone=ZONE)
    assert _tracks(world) == ["sent", "sent"]
    with reading(world.engine) as connection:
        assert mended(connection) == {"withdraw": 0, "correct": 1, "listings": 1}


def test_letters_about_nothing_that_was_sent_are_refused(world: World, tmp_path: Path) -> None:
    request(world, tmp_path)
    at = desk(world, tmp_path)
    for act in (lambda: letters.remind(at, NUMBER, WANG), lambda: letters.withdraw(at, NUMBER, WANG, [], "x")):
        with pytest.raises(UsageError, match="void"):
            act()
    mark_sent(world.engine, [NUMBER], "赵六", world.now, zone=ZONE)
    about = letters.withdraw(at, NUMBER, WANG, [], "错了")
    with pytest.raises(UsageError, match=NUMBER):
        letters.withdraw(at, about, WANG, [], "x")
    steps.void(at, about, WANG, "不撤了")
    assert _tracks(world) == ["sent"]
    assert [(row["number"], row["count"]) for row in shown.rows(at)] == [(about, 1), (NUMBER, 1)]
    assert [row["number"] for row in shown.rows(at, limit=1)] == [about]
    (last,) = shown.rows(at, before=shown.rows(at)[0]["id"])
    assert (last["number"], last["words"]) == (NUMBER, {"never": 1})
    (case_id,) = [row["id"] for row in world.rows(s.case)]
    assert [row["number"] for row in shown.of_case(at, case_id)] == [NUMBER, about]
    assert shown.of_case(at, case_id + 1) == []
    assert shown.rows(at, "bazaar") == shown.rows(at, step="sent", kind="withdraw") == []


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-12-02T17:37", "2026年12月2日17时37分"),
        ("2026-12-02T09:00", "2026年12月2日9时"),
        ("2026-12-03T00:00", "2026年12月2日24时"),
        ("2027-01-01T00:00", "2026年12月31日24时"),
    ],
)
def test_a_time_in_a_letter_has_the_form_of_its_days(when: str, said: str) -> None:
    assert chinese_time(datetime.fromisoformat(when)) == said
