"""Tables that fall due: what is computed, entered, handed in, frozen and restated."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from adwatch.casework import report_work as work
from adwatch.casework.report_calendar import period
from adwatch.casework.report_table import DECLARED, OWN, TOTAL
from adwatch.casework.takedown import mark_sent
from adwatch.errors import UsageError
from adwatch.store import schema as s
from adwatch.store.dump import canonical
from adwatch.store.engine import writing
from adwatch.store.takedowns import add_check, listings_of
from adwatch.tables.report_form import HERE, report_forms
from tests.casework.office import UNIT, ZONE, decide, draft
from tests.store.world import World, listing, verdict


@pytest.fixture
def form(tmp_path: Path) -> Any:
    """The two-monthly table with the invented class in place of the shipped one."""
    text = (HERE / "two_monthly.yml").read_text(encoding="utf-8")
    text = text.replace("{of: sites}", "{of: confirmed, types: [paper_trade]}")
    (tmp_path / "tables" / "reports").mkdir(parents=True)
    (tmp_path / "tables" / "reports" / "two_monthly.yml").write_text(text, encoding="utf-8")
    return report_forms(tmp_path)["two_monthly"]


def live(world: World, form: Any, key: str = "2026-11") -> dict[str, Any]:
    return work.live(world.engine, form, period(form, key), unit=UNIT, now=world.now, zone=ZONE)


def figures(world: World, form: Any, key: str = "2026-11") -> tuple[int, int, int]:
    own = live(world, form, key)["own"][form.own]
    return tuple(own[name]["value"] for name in ("fake_sites", "removed", "online_transferred"))


def submit(world: World, form: Any) -> dict[str, Any]:
    return work.submit(world.engine, form, period(form, "2026-11"), "王芳", "0000", unit=UNIT, now=world.now, zone=ZONE)


def restate(world: World, form: Any, reason: str = "补报") -> dict[str, Any]:
    one = period(form, "2026-11")
    return work.restate(world.engine, form, one, "王芳", "", reason, unit=UNIT, now=world.now, zone=ZONE)


def enter(world: World, form: Any, column: str, value: str, department: str = "应急管理") -> dict[str, Any]:
    return work.enter(world.engine, form, period(form, "2026-11"), department, column, value, "李四", now=world.now)


def sheet(*rows: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"rows": [{"line": 6, "department": name, "cells": cells} for name, cells in rows], "refused": [], "raw": []}


def hand_in(world: World, form: Any, unit: str, sha: str, content: dict[str, Any]) -> bool:
    one = period(form, "2026-11")
    return work.hand_in(world.engine, form, one, unit, f"{unit}.xlsx", sha, content, "王芳", now=world.now)


def sent(world: World, folder: Path, *names: str, **more: Any) -> dict[str, int]:
    """Cases of flagged, confirmed listings whose requests are sent."""
    cases = {}
    for name in names:
        item = listing(name)
        cases[name] = world.flag(item, verdict(item, **more))
        decide(world, cases[name])
    rows = draft(world, folder)
    mark_sent(world.engine, [row["number"] for row in rows], "张三", world.now, zone=ZONE)
    return cases


def check(world: World, **words: str) -> None:
    """A check of the listings by their native ids (``n1`` for 1)."""
    numbers = {row["id"]: row["native_id"] for row in world.rows(s.listing)}
    with writing(world.engine) as connection:
        for asked in listings_of(connection, [row["id"] for row in world.rows(s.takedown)]):
            word = words.get(f"n{numbers[asked.listing_id]}")
            if word:
                add_check(connection, asked, word, world.now, None, "")


def test_removed_is_two_checks_a_day_apart_and_each_listing_once(world: World, form: Any, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2", "3", "4")
    world.tick(hours=1)
    check(world, n1="gone", n2="gone", n3="unknown", n4="gone")
    assert figures(world, form)[1] == 0, "one check proves nothing"
    world.tick(hours=2)
    check(world, n1="gone")
    assert figures(world, form)[1] == 0, "nor do two on one day"
    world.tick(days=1)
    check(world, n1="gone", n2="up", n3="gone", n4="unknown")
    assert figures(world, form)[1] == 1
    world.tick(days=1)
    check(world, n1="gone", n2="gone", n3="up", n4="gone")
    own = live(world, form)["own"][form.own]["removed"]
    assert own["value"] == len(own["listings"]) == 2
    assert {item["day"] for item in own["listings"]} == {"2026-11-19", "2026-11-20"}
    world.tick(days=1)
    check(world, n1="up")
    world.tick(days=1)
    check(world, n1="gone")
    world.tick(days=1)
    check(world, n1="gone")
    assert figures(world, form)[1] == 2, "removed again in the period counts once"
    assert figures(world, form, "2026-09")[1] == 0


def test_two_checks_around_midnight_are_no_two(world: World, form: Any, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    world.tick(hours=11, minutes=50)
    check(world, n1="gone")
    world.tick(minutes=20)
    check(world, n1="gone")
    assert figures(world, form)[1] == 0, "another day, but minutes apart"
    world.tick(hours=20)
    check(world, n1="gone")
    assert figures(world, form)[1] == 1


def test_only_safety_production_counts_as_removed_and_only_while_it_stands(
    world: World, form: Any, tmp_path: Path
) -> None:
    cases = sent(world, tmp_path, "1")
    sent(world, tmp_path, "2", scope="other_credential")
    for _ in range(2):
        world.tick(days=1)
        check(world, n1="gone", n2="gone")
    assert figures(world, form)[1] == 1
    decide(world, cases["1"], "dismiss")
    assert figures(world, form)[1] == 0, "a wrong takedown is no removal of something illegal"


def test_a_check_of_a_request_that_was_not_sent_does_not_count(world: World, form: Any, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    for _ in range(2):
        world.tick(days=1)
        check(world, n1="gone")
    assert figures(world, form)[1] == 1
    with writing(world.engine) as connection:
        connection.execute(update(s.takedown).values(sent_at=None))
    assert figures(world, form)[1] == 0


def test_confirmed_counts_leads_of_the_class_by_the_day_of_the_finding(world: World, form: Any) -> None:
    items = [listing(name) for name in ("1", "2", "3")]
    ids = [world.flag(items[0], verdict(items[0], offer_types=("paper_trade",)))]
    ids += [world.flag(items[1], verdict(items[1], offer_types=("sure_thing",)))]
    ids += [world.flag(items[2], verdict(items[2], offer_types=("sure_thing", "paper_trade")))]
    decide(world, ids)
    assert figures(world, form)[0] == 2
    decide(world, ids[0], "dismiss")
    assert figures(world, form)[0] == 1
    world.tick(days=20)
    decide(world, ids[0])
    assert figures(world, form)[0] == 1, "found in December"


def test_a_lead_counts_in_the_last_column_only(world: World, form: Any) -> None:
    ids = [world.flag(listing(name)) for name in ("1", "2", "3")]
    decide(world, ids[:2])
    day = date(2026, 11, 18)
    more: Any = {"now": world.now, "zone": ZONE}
    work.count_lead(world.engine, form, "online_transferred", ids[:2], day, "李四", **more)
    assert figures(world, form)[2] == 2
    work.count_lead(world.engine, form, "transferred", ids[:1], day, "李四", **more)
    assert figures(world, form)[2] == 1
    work.count_lead(world.engine, form, None, ids[1:2], day, "李四", **more)
    assert figures(world, form)[2] == 0
    for column, numbers, on in (
        ("online_transferred", ids[1:], day),
        ("online_transferred", [999], day),
        ("police", ids[:1], day),
        ("online_transferred", ids[:1], date(2026, 11, 19)),
    ):
        with pytest.raises(UsageError):
            work.count_lead(world.engine, form, column, numbers, on, "李四", **more)
    assert figures(world, form)[2] == 0, "all of them or none"


def test_cells_entered_by_hand_keep_who_and_when(world: World, form: Any) -> None:
    enter(world, form, "inspected", "12")
    world.tick(hours=1)
    enter(world, form, "inspected", " 15 ")
    enter(world, form, "fined", "1.50")
    enter(world, form, "fined", "0.1", "公安")
    enter(world, form, "publicity", "=cmd|' /C calc'!A0")
    table = live(world, form)
    assert table["own"]["应急管理"]["inspected"] == {"value": 15, "by": "李四", "at": "2026-11-18 13:00"}
    assert table["shown"][TOTAL]["fined"] == "1.6"
    assert len(world.rows(s.report_value)) == 5, "appended, never overwritten"
    for column, value, department in (
        ("inspected", "-1", "应急管理"),
        ("inspected", "1.5", "应急管理"),
        ("inspected", "1e400", "应急管理"),
        ("inspected", "NaN", "应急管理"),
        ("fined", "十", "应急管理"),
        ("inspected", "1", "教育"),
        ("nothing", "1", "应急管理"),
        ("removed", "7", form.own),
        ("publicity", "长" * 2001, "应急管理"),
    ):
        with pytest.raises(UsageError):
            enter(world, form, column, value, department)


def test_sheets_are_added_up_and_ours_and_theirs_stand_apart(world: World, form: Any, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    for _ in range(2):
        world.tick(days=1)
        check(world, n1="gone")
    enter(world, form, "inspected", "5")
    assert hand_in(world, form, "甲县", "a", sheet(("应急管理", {"inspected": 7}), (form.own, {"removed": 40})))
    assert hand_in(world, form, "乙县", "b", sheet(("应急管理", {"inspected": 1, "publicity": "海报"})))
    assert not hand_in(world, form, "乙县", "b", sheet())
    assert hand_in(world, form, "网信办", "c", sheet(("网信", {"removed": 3})))
    shown = live(world, form)["shown"]
    assert shown["应急管理"]["inspected"] == shown[TOTAL]["inspected"] == 13
    assert (shown[OWN]["inspected"], shown[DECLARED]["inspected"]) == (5, 8)
    assert shown[form.own]["removed"] == 1, "ours is never mixed with what others declare for it"
    assert (shown[TOTAL]["removed"], shown[OWN]["removed"], shown[DECLARED]["removed"]) == (4, 1, 43)
    assert shown["应急管理"]["publicity"] == "乙县：海报"
    assert hand_in(world, form, "甲县", "d", sheet(("应急管理", {"inspected": 2})))
    assert live(world, form)["shown"][DECLARED]["inspected"] == 3, "the later sheet of a unit holds"
    assert len(world.rows(s.report_import)) == 4


def test_what_was_submitted_stays_and_changes_are_restated_with_a_reason(world: World, form: Any) -> None:
    item = listing("1")
    case = world.flag(item, verdict(item, offer_types=("paper_trade",)))
    decide(world, case)
    enter(world, form, "inspected", "5")
    with pytest.raises(UsageError, match="尚未报送"):
        restate(world, form)
    first = submit(world, form)
    assert "查出假冒政府网站平台1个" in first["narrative"]
    assert "罚款（未填）万元" in first["narrative"]
    with pytest.raises(UsageError, match="restate"):
        submit(world, form)
    with pytest.raises(UsageError, match="相同"):
        restate(world, form)
    world.tick(days=2)
    assert enter(world, form, "inspected", "6")["submitted_before"]
    decide(world, case, "dismiss")
    changes = live(world, form)["changes"]
    assert [(c["column"], c["before"], c["after"]) for c in changes] == [("fake_sites", 1, 0), ("inspected", 5, 6)]
    with pytest.raises(UsageError, match="reason"):
        restate(world, form, " ")
    second = restate(world, form, "复查不属实")
    assert (second["issue"], second["reason"], second["changes"]) == (2, "复查不属实", changes)
    assert work.issue(world.engine, form.name, "2026-11", 1) == first
    assert work.issue(world.engine, form.name, "2026-11", 2) == second
    assert live(world, form)["changes"] == []
    with pytest.raises(UsageError, match="没有第 3 次"):
        work.issue(world.engine, form.name, "2026-11", 3)
    kinds = [row["kind"] for row in world.rows(s.event, subject="report")]
    assert kinds == ["entered", "submitted", "entered", "restated"]
    logged = [row["action"] for row in world.rows(s.audit_entry, subject="report")]
    assert logged == [f"report.{kind}" for kind in kinds]
    lines = [json.loads(line) for line in canonical(world.engine)]
    assert [line["issue"] for line in lines if line["table"] == "report_issue"] == [1, 2]


def test_a_swapped_listing_is_a_change_though_the_number_is_the_same(world: World, form: Any) -> None:
    items = [listing(name) for name in ("1", "2")]
    ids = [world.flag(item, verdict(item, offer_types=("paper_trade",))) for item in items]
    decide(world, ids[0])
    submit(world, form)
    decide(world, ids[0], "dismiss")
    decide(world, ids[1])
    [change] = live(world, form)["changes"]
    assert (change["column"], change["before"], change["after"]) == ("fake_sites", 1, 1)


def test_an_altered_issue_is_not_given_out(world: World, form: Any) -> None:
    content = submit(world, form)
    with writing(world.engine) as connection:
        connection.execute(update(s.report_issue).values(content={**content, "by": "某人"}))
    with pytest.raises(UsageError, match="已被改动"):
        work.issue(world.engine, form.name, "2026-11", 1)


def test_a_period_that_has_not_begun_is_not_submitted(world: World, form: Any) -> None:
    world.tick(days=-60)
    with pytest.raises(UsageError, match="尚未开始"):
        submit(world, form)
    world.tick(days=60)
    with pytest.raises(UsageError, match="--by"):
        work.submit(world.engine, form, period(form, "2026-11"), " ", "", unit=UNIT, now=world.now, zone=ZONE)
