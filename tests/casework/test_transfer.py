from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from adwatch.casework import transfer as work
from adwatch.casework.tracks import tracks_of
from adwatch.casework.transaction import work as transaction
from adwatch.casework.transfer_content import chain_of
from adwatch.casework.transfer_table import KINDS
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store import transfers as store
from adwatch.store.engine import reading
from adwatch.store.report_figures import transferred
from tests.casework.office import UNIT, ZONE, decide, register
from tests.store.world import World, listing

DRAFTER, HEAD = Actor("张三", UNIT), Actor("局长", UNIT, "head")
OFFICERS = ({"name": "李四", "certificate": "执法0001"}, {"name": "王五", "certificate": "执法0002"})
PACKAGE = {"file": "transfers/a.zip", "size": 5, "sha256": "a" * 64, "manifest_sha256": "b" * 64}


def confirmed(world: World, *names: str) -> list[int]:
    ids = [world.flag(listing(name)) for name in names]
    decide(world, ids)
    return ids


def drafted(world: World, ids: list[int], kind: str = "clue", **given: Any) -> str:
    values = {"receiver": "police", "officers": OFFICERS if kind == "case" else (), **given}
    return str(work.draft(world.engine, kind, ids, DRAFTER, **values, now=world.now, zone=ZONE)["number"])


def approved(world: World, ids: list[int], kind: str = "clue", **given: Any) -> str:
    number = drafted(world, ids, kind, **given)
    work.decide(world.engine, number, True, HEAD, now=world.tick(hours=1))
    return number


def found(world: World, number: str) -> dict[str, Any]:
    with reading(world.engine) as connection:
        row = store.by_number(connection, number)
    assert row is not None
    return row


def mark_sent(world: World, number: str) -> None:
    row, now = found(world, number), world.tick(hours=1)
    work.sent(world.engine, row, {**row["content"], "whole": True}, PACKAGE, DRAFTER, at=now, now=now, zone=ZONE)


def record(world: World, number: str, step: str, **given: Any) -> None:
    now = world.tick(hours=1)
    work.record(world.engine, number, step, DRAFTER, **{"note": "原因", **given}, now=now)


def track(world: World, case_id: int, name: str = "crime") -> str:
    with reading(world.engine) as connection:
        return next(str(each["step"]) for each in tracks_of(connection, [case_id])[case_id] if each["track"] == name)


def counted(world: World, column: str = "online_transferred") -> list[int]:
    day = world.now.astimezone(ZONE).date()
    span = (day - timedelta(9), day + timedelta(9))
    with reading(world.engine) as connection:
        return [each.case_id for each in transferred(connection, column, *span).read(connection).rows(connection)]


def test_a_clue_goes_its_whole_way_and_is_counted_once(world: World) -> None:
    ids = confirmed(world, "1", "2")
    number = approved(world, ids)
    assert number == "ADW-TR-2026-0001"
    assert counted(world) == []
    mark_sent(world, number)
    assert counted(world) == ids
    record(world, number, "received", reference="回执5号")
    record(world, number, "filed", reference="立字8号")
    row = found(world, number)
    assert (row["step"], row["outcome"], row["receipt_number"]) == ("filed", "filed", "回执5号")
    assert row["closed_at"] == world.now
    assert [step["step"] for step in row["steps"]] == ["draft", "approved", "sent", "received", "filed"]
    assert [track(world, each) for each in ids] == ["filed", "filed"]
    assert counted(world) == ids
    assert world.rows(s.case, id=ids[0])[0]["state"] == "closed"  # its only track is closed
    log = [row["action"] for row in world.rows(s.audit_entry) if row["subject"] == "transfer"]
    assert log == [f"transfer.{step}" for step in ("draft", "approved", "sent", "received", "filed")]
    assert verify_log(world.engine).fault is None


def test_a_returned_clue_goes_again_under_a_new_number_and_counts_once(world: World) -> None:
    [case_id] = confirmed(world, "1")
    first = approved(world, [case_id])
    mark_sent(world, first)
    day = counted(world)
    record(world, first, "received")
    record(world, first, "returned", note="材料不全")
    assert track(world, case_id) == "returned"
    second = approved(world, [case_id], "case")
    assert second == "ADW-TR-2026-0002"
    assert track(world, case_id) == "approved"
    world.tick(days=2)
    mark_sent(world, second)
    assert counted(world) == day == [case_id]
    assert len([row for row in world.rows(s.report_lead) if row["case_id"] == case_id]) == 1


def test_a_lead_that_a_person_counted_elsewhere_stays_there(world: World) -> None:
    [case_id] = confirmed(world, "1")
    with transaction(world.engine) as connection:
        store.count_lead(connection, case_id, "transferred", "2026-11-18", "某人", world.now)
    mark_sent(world, approved(world, [case_id]))
    assert (counted(world, "transferred"), counted(world)) == ([case_id], [])


def test_a_crime_goes_to_reconsideration_and_supervision(world: World) -> None:
    [case_id] = confirmed(world, "1")
    number = approved(world, [case_id], "case")
    mark_sent(world, number)
    for step in ("received", "not_filed", "reconsideration", "upheld", "supervision", "filed", "handed_over"):
        record(world, number, step)
    row = found(world, number)
    assert (row["step"], row["outcome"]) == ("handed_over", "filed")
    assert track(world, case_id) == "filed"


def test_a_fake_site_goes_along_its_own_track_and_is_no_crime_counted(world: World) -> None:
    [case_id] = confirmed(world, "1")
    number = approved(world, [case_id], "site", receiver="telecom")
    mark_sent(world, number)
    record(world, number, "received")
    record(world, number, "handled")
    assert track(world, case_id, "site") == "to_telecom"
    assert counted(world) == []


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("case", {"officers": OFFICERS[:1]}, "2名以上"),
        ("case", {"officers": (OFFICERS[0], OFFICERS[0])}, "重复"),
        ("case", {"officers": ({"name": "李四", "certificate": " "}, OFFICERS[1])}, "执法证号"),
        ("clue", {"receiver": "cyberspace"}, "不能送往"),
        ("site", {"receiver": "police"}, "不能送往"),
        ("gift", {}, "没有这种移送"),
    ],
)
def test_what_a_draft_lacks_is_said(world: World, kind: str, given: dict[str, Any], message: str) -> None:
    ids = confirmed(world, "1")
    with pytest.raises(UsageError, match=message):
        drafted(world, ids, kind, **given)
    assert world.rows(s.transfer) == []
    assert drafted(world, ids) == "ADW-TR-2026-0001"  # what was refused used no number


def test_only_confirmed_cases_and_each_in_one_draft(world: World) -> None:
    fresh = world.flag(listing("9"))
    register(world, [fresh])
    ids = confirmed(world, "1")
    for wrong in ([fresh], [*ids, fresh], [777], []):
        with pytest.raises(UsageError):
            drafted(world, wrong)
    number = drafted(world, ids)
    with pytest.raises(UsageError, match=f"已在 {number}"):
        drafted(world, ids, "case")
    record(world, number, "void")
    assert drafted(world, ids) == "ADW-TR-2026-0002"
    decide(world, ids, "dismiss")
    with pytest.raises(UsageError, match="未经甄别属实"):
        drafted(world, ids)


def test_the_head_decides_and_nobody_approves_the_own_draft(world: World) -> None:
    ids = confirmed(world, "1")
    number = drafted(world, ids, "case")
    for actor in (DRAFTER, Actor("李四", UNIT)):
        with pytest.raises(UsageError, match="不能自行审批"):
            work.decide(world.engine, number, True, actor, now=world.now)
    with pytest.raises(UsageError, match="由负责人决定"):
        work.decide(world.engine, number, True, Actor("赵六", UNIT, "reviewer"), now=world.now)
    with pytest.raises(UsageError, match="须写明理由"):
        work.decide(world.engine, number, False, HEAD, now=world.now)
    work.decide(world.engine, number, False, HEAD, "证据不足", now=world.now)
    assert (found(world, number)["step"], track(world, ids[0])) == ("rejected", "not_approved")
    with pytest.raises(UsageError, match="现为“不批准移送”"):
        work.decide(world.engine, number, True, HEAD, now=world.now)


def test_nothing_is_changed_once_it_was_sent(world: World) -> None:
    number = approved(world, confirmed(world, "1"))
    facts = {"document_number": "某监移〔2026〕3号", "document_date": "2026-11-18"}
    work.set_facts(world.engine, number, DRAFTER, facts, now=world.now)
    mark_sent(world, number)
    before = found(world, number)
    for attempt in (
        lambda: work.set_facts(world.engine, number, DRAFTER, {"signatory": "某"}, now=world.now),
        lambda: mark_sent(world, number),
        lambda: record(world, number, "void"),
        lambda: record(world, number, "draft"),
        lambda: record(world, number, "filed"),
    ):
        with pytest.raises(UsageError):
            attempt()
    assert found(world, number) == before
    assert before["document_number"] == "某监移〔2026〕3号"


def test_a_package_made_of_an_older_state_is_refused(world: World) -> None:
    number = approved(world, confirmed(world, "1"))
    stale = {**found(world, number), "step": "draft"}
    with pytest.raises(UsageError, match="已被改动"):
        work.sent(world.engine, stale, {}, PACKAGE, DRAFTER, at=world.now, now=world.now, zone=ZONE)


def test_times_run_forward(world: World) -> None:
    number = approved(world, confirmed(world, "1"))
    mark_sent(world, number)
    with pytest.raises(UsageError, match="早于上一步"):
        record(world, number, "received", at=world.now - timedelta(days=1))
    with pytest.raises(UsageError, match="在将来"):
        record(world, number, "received", at=world.now + timedelta(days=1))


def test_numbers_have_no_gaps_and_begin_anew_each_year(world: World) -> None:
    numbers = [drafted(world, confirmed(world, str(each))) for each in range(3)]
    world.tick(days=60)
    numbers.append(drafted(world, confirmed(world, "9")))
    assert numbers == ["ADW-TR-2026-0001", "ADW-TR-2026-0002", "ADW-TR-2026-0003", "ADW-TR-2027-0001"]


def test_each_step_leads_to_one_that_there_is() -> None:
    for kind in KINDS.values():
        assert all(set(step.to) <= set(kind.steps) for step in kind.steps.values())
        reached, waiting = {"draft"}, ["draft"]
        while waiting:
            fresh = set(kind.steps[waiting.pop()].to) - reached
            reached |= fresh
            waiting += fresh
        assert reached == set(kind.steps)


def test_sellers_are_joined_by_what_they_share_and_only_by_that() -> None:
    def seller(name: str, **more: Any) -> dict[str, Any]:
        empty = {"platform": "p", "seller_id": "", "operator": "", "uscc": "", "keys": [], "listing": name}
        return {**empty, **more}

    rows = chain_of(
        [
            seller("1", seller_id="7", keys=["wx:a"]),
            seller("2", seller_id="8", keys=["wx:b"]),
            seller("3", platform="q", keys=["wx:a", "wx:b"]),
            seller("4", platform="q", seller_id="7"),
            seller("5"),
            seller("6"),
            seller("7", operator="某公司"),
            seller("8", operator="某公司", platform="q"),
        ]
    )
    groups: dict[int, set[str]] = {}
    for row in rows:
        groups.setdefault(row["group"], set()).add(row["listing"])
    assert sorted(map(sorted, groups.values())) == [["1", "2", "3"], ["4"], ["5"], ["6"], ["7", "8"]]
    assert all("keys" not in row for row in rows)
