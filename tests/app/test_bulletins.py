"""Bulletins on closed cases: masked, approved by another person, published only by those who may."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from adwatch.app import bulletins, campaigns, casework
from adwatch.casework.tracks import move_track, open_track
from adwatch.casework.transaction import work
from adwatch.errors import SpecError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.audit import append_entries
from adwatch.store.engine import writing
from tests.app.letters_world import ACTOR, UNIT, Desk
from tests.app.test_campaigns import NAME, written
from tests.app.test_letters import desk
from tests.casework.office import words

__all__ = ["desk"]

CHIEF = Actor("赵主任", UNIT)
SHOP = "万事通证件小铺"
TEXT = f"{SHOP}低压电工证免考，不用到场，加微 信 abc13800138000"
NUMBER = "ADW-TB-2026-0001"


def closed(desk: Desk, name: str = "1", **more: Any) -> int:
    """A case that was found true, dealt with and closed."""
    case_id = desk.lead(name, TEXT, seller_name=SHOP, **more)
    casework.decide(desk.office, [case_id], "confirm", "李建国", "某市应急管理局", "核实")
    now = desk.office.clock.now()
    with work(desk.office.engine) as connection:
        entries = open_track(connection, case_id, "investigation", ACTOR, now)
        entries += move_track(connection, case_id, "investigation", "filed", ACTOR, now)
        entries += move_track(connection, case_id, "investigation", "punished", ACTOR, now, outcome="penalty")
        append_entries(connection, entries)
    return case_id


def gate(desk: Desk, *rows: str) -> None:
    folder = desk.folder / "data" / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(["unit,campaign,valid_from,valid_to,note", *rows]) + "\n"
    (folder / "publication.csv").write_text(text, encoding="utf-8")


def test_a_bulletin_says_what_was_done_and_not_who_it_was(desk: Desk) -> None:
    case_id = closed(desk)
    desk.lead("2")
    row = bulletins.draft(desk.office, "class", "exam_exemption", ACTOR)
    assert (row["number"], row["cases"]) == (NUMBER, 1)
    said = words(row["file"])
    assert "办结涉安全生产等证书类违法信息案件1件" in said
    assert "行政处罚1件" in said
    assert "免考" in said
    assert "万某某" in said
    assert "未经批准和发布不得对外提供" in said
    whole = said + str(desk.world.rows(s.bulletin)) + str(desk.world.rows(s.audit_entry))
    for raw in (SHOP, "13800138000", "abc138"):
        assert raw not in whole
    document = {case_id: "某市监罚〔2026〕7号"}
    named = bulletins.draft(desk.office, "quarter", "2026-Q4", ACTOR, named=document)
    assert SHOP in words(named["file"])
    assert "某市监罚〔2026〕7号" in words(named["file"])
    assert (desk.office.home / "bulletins" / f"{NUMBER}.docx").read_bytes() == bulletins.document(desk.office, NUMBER)


@pytest.mark.parametrize(
    ("kind", "key", "more", "word"),
    [
        ("class", "nothing", {}, "没有违法类型"),
        ("class", "fast_track", {}, "没有办结的属实案件"),
        ("quarter", "2026-Q3", {}, "没有办结的属实案件"),
        ("quarter", "2026-5", {}, "不是季度"),
        ("quarter", "2027-Q1", {}, "尚未开始"),
        ("quarter", "2026-Q4", {"named": {99: "x"}}, "不在本期"),
        ("criminal", "1", {}, "没有涉刑分线"),
        ("criminal", "99", {}, "没有这个编号"),
        ("criminal", "x", {}, "编号应为数字"),
        ("weekly", "1", {}, "没有通报种类"),
    ],
)
def test_what_cannot_be_drafted_is_said(desk: Desk, kind: str, key: str, more: dict[str, Any], word: str) -> None:
    closed(desk)
    with pytest.raises(UsageError, match=word):
        bulletins.draft(desk.office, kind, key, ACTOR, **more)
    assert desk.world.rows(s.bulletin) == []


def test_the_gate_is_closed_until_data_opens_it(desk: Desk) -> None:
    closed(desk)
    bulletins.draft(desk.office, "quarter", "2026-Q4", ACTOR)
    with pytest.raises(UsageError, match="须为“已批准”"):
        bulletins.publish(desk.office, NUMBER, CHIEF)
    with pytest.raises(UsageError, match="须由另一人批准"):
        bulletins.approve(desk.office, NUMBER, ACTOR)
    bulletins.approve(desk.office, NUMBER, CHIEF)
    for rows, word in (
        ((), "没有 某市市场监管局 可以发布的记录"),
        (("别的单位,,2026-01-01,,",), "可以发布的记录"),
        ((f"{UNIT},,2026-01-01,2026-10-31,",), "可以发布的记录"),
        ((f"{UNIT},other,2026-01-01,,",), "可以发布的记录"),
    ):
        gate(desk, *rows)
        with pytest.raises(UsageError, match=word):
            bulletins.publish(desk.office, NUMBER, CHIEF)
        assert not bulletins.content(desk.office, NUMBER)["may_publish"]
    gate(desk, f"{UNIT},,2026-13-01,,")
    with pytest.raises(SpecError, match=r"publication\.csv:2"):
        bulletins.publish(desk.office, NUMBER, CHIEF)
    gate(desk, f"{UNIT},,2026-01-01,,局办公会")
    done = bulletins.publish(desk.office, NUMBER, CHIEF)
    assert done["state"] == "published"
    assert "不得对外提供" not in words(done["file"])
    for act in (bulletins.approve, bulletins.publish):
        with pytest.raises(UsageError, match="现为“已发布”"):
            act(desk.office, NUMBER, CHIEF)
    with pytest.raises(UsageError, match="现为“已发布”"):
        bulletins.refuse(desk.office, NUMBER, "晚了", CHIEF)
    assert verify_log(desk.office.engine).fault is None


def test_a_campaign_may_let_one_office_only_publish(desk: Desk) -> None:
    written(desk)
    gate(desk, f"{UNIT},,2026-01-01,,")
    campaigns.assign(desk.office, NAME, [closed(desk)], ACTOR)
    bulletins.draft(desk.office, "quarter", "2026-Q4", ACTOR, campaign=NAME)
    bulletins.approve(desk.office, NUMBER, CHIEF)
    with pytest.raises(UsageError, match="只由 某省应急管理厅 发布"):
        bulletins.publish(desk.office, NUMBER, CHIEF)
    gate(desk, f"某省应急管理厅,{NAME},2026-01-01,,")
    done = bulletins.publish(desk.office, NUMBER, Actor("钱处长", "某省应急管理厅"))
    assert done["state"] == "published"
    shown = {each["id"]: each["value"] for each in campaigns.show(desk.office, NAME)["indicators"]}
    assert shown["exposed"] == 1


def test_what_no_longer_stands_or_was_altered_is_not_let_out(desk: Desk) -> None:
    case_id = closed(desk)
    gate(desk, f"{UNIT},,2026-01-01,,")
    bulletins.draft(desk.office, "quarter", "2026-Q4", ACTOR)
    bulletins.approve(desk.office, NUMBER, CHIEF)
    casework.decide(desk.office, [case_id], "dismiss", "李建国", "某市应急管理局", "复核为误判")
    with pytest.raises(UsageError, match="已不再是“属实”"):
        bulletins.publish(desk.office, NUMBER, CHIEF)
    assert bulletins.refuse(desk.office, NUMBER, "案件已更正", CHIEF)["state"] == "refused"
    closed(desk, "3")
    second = bulletins.draft(desk.office, "quarter", "2026-Q4", ACTOR)["number"]
    with writing(desk.office.engine) as connection:
        changed = {**desk.world.rows(s.bulletin, number=second)[0]["content"], "title": "别的"}
        connection.execute(update(s.bulletin).where(s.bulletin.c.number == second).values(content=changed))
    with pytest.raises(UsageError, match="已被改动"):
        bulletins.approve(desk.office, second, CHIEF)


def test_a_criminal_case_is_reported_at_once(desk: Desk) -> None:
    case_id = closed(desk)
    now = desk.office.clock.now()
    with work(desk.office.engine) as connection:
        append_entries(connection, open_track(connection, case_id, "crime", ACTOR, now))
    row = bulletins.draft(desk.office, "criminal", str(case_id), ACTOR)
    said = words(row["file"])
    assert "关于一起涉嫌证书类犯罪案件的报告" in said
    assert SHOP not in said
    bulletins.approve(desk.office, row["number"], CHIEF)
    assert bulletins.publish(desk.office, row["number"], CHIEF)["state"] == "published", "a report is no publication"


VERBS = {
    "draft": ("draft", "quarter", "QUARTER", "--by", "王芳"),
    "approve": ("approve", "NUMBER", "--by", "赵主任"),
    "publish": ("publish", "NUMBER", "--by", "赵主任"),
    "refuse": ("refuse", "NUMBER", "--reason", "复议中", "--by", "赵主任"),
}
PAIRS = [(verb, point) for verb in VERBS for point in ("audit.before_commit", "audit.after_commit")]


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "point"), [*PAIRS, ("draft", "export.before_rename")])
def test_killed_anywhere_it_is_whole_or_not_at_all(tmp_path: Path, verb: str, point: str) -> None:
    desk = Desk(tmp_path)
    desk.clock.at = datetime.now(UTC) - timedelta(minutes=1)
    closed(desk)
    local = desk.clock.at.astimezone(desk.office.settings.zone)
    quarter = f"{local.year}-Q{(local.month + 2) // 3}"
    gate(desk, f"{UNIT},,2026-01-01,,")
    number = ""
    if verb != "draft":
        number = bulletins.draft(desk.office, "quarter", quarter, ACTOR)["number"]
    if verb == "publish":
        bulletins.approve(desk.office, number, CHIEF)
    arguments = [{"QUARTER": quarter, "NUMBER": number}.get(word, word) for word in VERBS[verb]]
    before = [row["state"] for row in desk.world.rows(s.bulletin)]
    run = desk.command()
    died = run.run("bulletin", *arguments, ADWATCH_FAILPOINT=point)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    after = [row["state"] for row in desk.world.rows(s.bulletin)]
    assert (after == before) is (point == "audit.before_commit")
    assert verify_log(desk.office.engine).fault is None
    again = run.run("bulletin", *arguments)
    once = verb == "draft" or point == "audit.before_commit"
    assert again.returncode == (0 if once else 2), again.stderr.decode()
    assert verify_log(desk.office.engine).fault is None
    numbers = [row["number"][-4:] for row in desk.world.rows(s.bulletin)]
    assert numbers == [f"{at:04d}" for at in range(1, len(numbers) + 1)], "numbers without gaps"
    desk.office.__exit__(None, None, None)
