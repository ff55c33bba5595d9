from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adwatch.casework import takedown_steps as steps
from adwatch.casework.takedown import draft as draft_requests
from adwatch.casework.takedown import mark_sent
from adwatch.casework.takedown_due import after_days, due
from adwatch.casework.takedown_kinds import KINDS, REPLIES, REPLY_STEP, REPLY_TRACK, STEPS
from adwatch.casework.track_table import TRACKS
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.takedown import TakedownRules
from tests.casework.office import CLASSES, PLATFORMS, UNIT, ZONE, confirmed, decide, draft, drafted, law
from tests.casework.paperwork import LI, NUMBER, WANG, desk, request, sent, signed
from tests.store.world import World


def _step(world: World) -> str:
    (row,) = world.rows(s.takedown_letter)
    return str(row["step"])


def _tracks(world: World) -> list[str]:
    return [row["step"] for row in world.rows(s.track)]


def test_the_tables_fit_together() -> None:
    track = TRACKS["takedown"].steps
    assert {each.track for each in KINDS.values() if each.track} <= set(track)
    assert set(REPLIES) == set(REPLY_STEP) == set(REPLY_TRACK)
    assert set(REPLY_STEP.values()) <= set(STEPS)
    assert set(REPLY_TRACK.values()) <= set(track)


def test_each_step_says_who_and_when_and_the_track_goes_along(world: World, tmp_path: Path) -> None:
    request(world, tmp_path, "1", "2")
    assert (_step(world), _tracks(world)) == ("draft", ["draft"] * 2)
    for at in (steps.sign,):
        with pytest.raises(UsageError, match="审核"):
            at(desk(world, tmp_path), NUMBER, WANG)
    world.tick(hours=1)
    steps.check(desk(world, tmp_path), NUMBER, LI, "内容无误")
    assert (_step(world), _tracks(world)) == ("checked", ["checked"] * 2)
    world.tick(hours=1)
    steps.sign(desk(world, tmp_path), NUMBER, WANG)
    world.tick(hours=1)
    mark_sent(world.engine, [NUMBER], "赵六", world.now, zone=ZONE)
    assert (_step(world), _tracks(world)) == ("sent", ["sent"] * 2)
    rows = world.rows(s.takedown_step)
    assert [(row["step"], row["person"], row["skipped"], row["note"]) for row in rows] == [
        ("draft", "machine", False, ""),
        ("checked", "李建国", False, "内容无误"),
        ("signed", "王芳", False, ""),
        ("sent", "赵六", False, "mark-sent"),
    ]
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert verify_log(world.engine).fault is None


def test_who_drafts_a_letter_is_named(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    tables = {"law": law(tmp_path), "classes": CLASSES, "platforms": PLATFORMS, "unit": UNIT}
    draft_requests(world.engine, tmp_path / "out", now=world.now, zone=ZONE, actor=LI, **tables)
    [step] = world.rows(s.takedown_step)
    assert (step["step"], step["person"], step["unit"]) == ("draft", LI.person, LI.unit)
    [entry] = [row for row in world.rows(s.audit_entry) if row["action"] == "takedown.draft"]
    assert (entry["person"], entry["unit"]) == (LI.person, LI.unit)


def test_a_draft_marked_as_sent_records_the_steps_left_out(world: World, tmp_path: Path) -> None:
    request(world, tmp_path)
    mark_sent(world.engine, [NUMBER], "赵六", world.now, zone=ZONE)
    rows = [(row["step"], row["person"], row["skipped"]) for row in world.rows(s.takedown_step)]
    assert rows[1:] == [("checked", "赵六", True), ("signed", "赵六", True), ("sent", "赵六", False)]
    assert _tracks(world) == ["sent"]


def test_an_office_may_ask_for_every_step_before_a_letter_counts_as_sent(world: World, tmp_path: Path) -> None:
    request(world, tmp_path)
    rules = TakedownRules(before_mark_sent=("checked", "signed", "document_number", "scan"))
    at = desk(world, tmp_path)
    needed = ["审核、签发用印、文号、用印扫描件", "用印扫描件"]

    def try_it() -> list[str]:
        return mark_sent(world.engine, [NUMBER], "赵六", world.now, zone=ZONE, rules=rules)[0].notes

    assert needed[0] in try_it()[0]
    steps.check(at, NUMBER, LI)
    steps.sign(at, NUMBER, WANG)
    steps.enter(at, NUMBER, WANG, {"document_number": "某市监函〔2026〕12号"})
    (note,) = try_it()
    assert note.endswith("具备：用印扫描件")
    steps.keep_scan(at, NUMBER, WANG, b"%PDF-1.4 sealed", "sealed.pdf", "application/pdf")
    assert try_it() == []
    assert _step(world) == "sent"


def test_what_was_sent_is_never_changed_only_filled_in(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path)
    at = desk(world, tmp_path)
    before = world.rows(s.takedown)[0]["content"]
    steps.enter(at, NUMBER, WANG, {"document_number": "某市监函〔2026〕12号", "document_date": "2026-11-18"})
    with pytest.raises(UsageError, match="不再更改"):
        steps.enter(at, NUMBER, WANG, {"document_number": "某市监函〔2026〕13号"})
    for act in (steps.check, steps.sign):
        with pytest.raises(UsageError, match="发出"):
            act(at, NUMBER, WANG)
    with pytest.raises(UsageError, match="作废"):
        steps.void(at, NUMBER, WANG, "写错了")
    with pytest.raises(UsageError, match="no date"):
        steps.enter(at, NUMBER, WANG, {"document_date": "18.11.2026"})
    row = world.rows(s.takedown_letter)[0]
    assert (row["document_number"], row["document_date"]) == ("某市监函〔2026〕12号", "2026-11-18")
    assert world.rows(s.takedown)[0]["content"] == before


def test_a_letter_over_a_case_that_fell_is_refused_voided_and_drafted_anew(world: World, tmp_path: Path) -> None:
    request(world, tmp_path, "1", "2")
    first = world.rows(s.case)[0]["id"]
    decide(world, first, "dismiss", "看错了")
    with pytest.raises(UsageError, match=rf"案件 {first}（不属实）.*void"):
        steps.check(desk(world, tmp_path), NUMBER, LI)
    with pytest.raises(UsageError, match="reason"):
        steps.void(desk(world, tmp_path), NUMBER, LI, " ")
    steps.void(desk(world, tmp_path), NUMBER, LI, "一条已改为不属实")
    assert [row["state"] for row in world.rows(s.takedown)] == ["void"]
    report, _ = mark_sent(world.engine, [NUMBER], "赵六", world.now, zone=ZONE)
    assert dict(report.dropped) == {"already_sent": 1}
    (again,) = draft(world, tmp_path)
    assert (again["number"], again["listings"]) == ("ADW-TD-2026-0002", 1), "the number stays used: no gap"


@pytest.mark.parametrize("number", ["ADW-TD-2026-9999", "x" * 300])
def test_an_unknown_number_is_said(world: World, tmp_path: Path, number: str) -> None:
    with pytest.raises(UsageError, match="takedown list"):
        steps.check(desk(world, tmp_path), number, LI)


def test_working_days_pass_over_holidays_and_unknown_years_are_provisional() -> None:
    calendar = WorkingDays()
    friday = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
    found = after_days(friday, 3, ZONE, calendar)
    assert (found.at.astimezone(ZONE).isoformat(), found.provisional) == ("2026-11-26T00:00:00+08:00", False)
    eve = datetime(2026, 9, 30, 6, 0, tzinfo=UTC)
    assert after_days(eve, 1, ZONE, calendar).at.astimezone(ZONE).date().isoformat() == "2026-10-09", "国庆节"
    late = after_days(datetime(2031, 1, 6, 6, 0, tzinfo=UTC), 2, ZONE, calendar)
    assert (late.at.astimezone(ZONE).date().isoformat(), late.provisional) == ("2031-01-09", True)
    hours = due(friday, 24, None, ZONE, calendar)
    assert hours is not None
    assert (hours.at, hours.provisional) == (datetime(2026, 11, 21, 6, 0, tzinfo=UTC), False)
    assert due(friday, None, None, ZONE, calendar) is None


def test_signed_helper_and_draft_rows_name_the_kind(world: World, tmp_path: Path) -> None:
    number = request(world, tmp_path)
    signed(world, tmp_path, number)
    assert _step(world) == "signed"
    assert drafted(world, tmp_path)[1] == []
