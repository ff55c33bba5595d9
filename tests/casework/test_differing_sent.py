"""Letters and transfers that went out, whose case is corrected or found otherwise afterwards: noticed until mended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from adwatch.casework import differing_sent, transfer
from adwatch.casework import takedown_letters as letters
from adwatch.casework import takedown_shown as shown
from adwatch.casework.differing import Tables
from adwatch.casework.differing_words import in_words
from adwatch.casework.takedown import mark_sent
from adwatch.casework.transfer_content import whole_content
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import differing as store
from adwatch.store import schema as s
from adwatch.store import transfers
from adwatch.store.dump import canonical
from adwatch.store.engine import migrate, open_engine, reading
from adwatch.store.filters import Filters
from adwatch.tables.takedown import Escalation
from tests.casework.office import CLASSES, UNIT, ZONE, decide, draft, law
from tests.casework.paperwork import LI, NUMBER, desk, request, sent
from tests.casework.reviewing import ZHANG, found
from tests.store.world import World, listing, verdict

CAC = Escalation("cyberspace", "网信", "某市网信办", "wx@office.example", "")
TRADE, PROMISE = {"types": ["paper_trade"]}, {"types": ["sure_thing"]}


def correct(world: World, case_id: int = 1, **given: Any) -> None:
    """A person of the office corrects what a case is about."""
    world.tick(minutes=5)
    assert found(world, case_id, ZHANG, corrected=given or TRADE)[0].kept == 1


def dismiss(world: World, case_id: int = 1) -> None:
    world.tick(minutes=5)
    assert decide(world, case_id, "dismiss", "看错了")[0].kept == 1


def went(world: World, folder: Path, number: str) -> None:
    """A letter goes by post."""
    tables = Tables(law(folder), CLASSES)
    report, _ = mark_sent(world.engine, [number], "赵六", world.tick(minutes=1), zone=ZONE, tables=tables)
    assert report.kept == 1


def mending(world: World, folder: Path, seq: str = "1") -> str:
    """A 更正函 of the class, drafted."""
    world.tick(minutes=1)
    at = desk(world, folder)
    return letters.correct(at, NUMBER, LI, {seq: ("承诺通过", "买卖证件")}, "认定更正")


def waiting(world: World, limits: Filters | None = None) -> dict[str, list[tuple[int, str, str]]]:
    """By number the (case, what was said, what holds) of papers that wait for somebody."""
    names = {each: row.label for each, row in CLASSES.items()}
    with reading(world.engine) as connection:
        numbers = store.open_numbers(connection, "", 100, limits)
        assert store.count_open(connection, 100, limits) == len(numbers), "counted as listed"
        rows = store.open_by_number(connection, numbers, limits)
    told: dict[str, list[tuple[int, str, str]]] = {}
    for row in rows:
        said = in_words(row, names)
        told.setdefault(row["number"], []).append((said["case_id"], said["said"], said["holds"]))
    return told


def test_a_letter_that_went_out_says_what_was_corrected_since(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    assert waiting(world) == {}
    assert shown.short(desk(world, tmp_path), NUMBER)["notice"] is None
    correct(world)
    assert waiting(world) == {NUMBER: [(1, "承诺通过", "买卖证件")]}
    (row,) = shown.rows(desk(world, tmp_path))
    assert "函里：承诺通过；现为：买卖证件" in row["notice"] and "应另发更正函，" in row["notice"]
    dismiss(world, 2)
    assert waiting(world)[NUMBER][1:] == [(2, "属实", "不属实")]
    assert sum('"differing"' in line for line in canonical(world.engine)) == 2
    assert "更正函、撤回函" in shown.short(desk(world, tmp_path), NUMBER)["notice"]
    assert [row["kind"] for row in world.rows(s.takedown_letter)] == ["assist"], "nothing is drafted or sent by itself"
    assert verify_log(world.engine).fault is None


@pytest.mark.parametrize("given", [{"families": ["gas"]}, {"scope": "other_credential"}, PROMISE])
def test_what_the_letter_does_not_say_is_no_difference(world: World, tmp_path: Path, given: dict[str, Any]) -> None:
    sent(world, tmp_path, "1")
    correct(world, **given)
    assert waiting(world) == {}


def test_a_draft_waits_for_nobody_and_one_sent_all_the_same_does(world: World, tmp_path: Path) -> None:
    request(world, tmp_path, "1", "2")
    correct(world)
    assert waiting(world) == {}
    went(world, tmp_path, NUMBER)
    assert waiting(world) == {NUMBER: [(1, "承诺通过", "买卖证件")]}


def test_a_finding_that_agrees_again_ends_it(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    correct(world)
    correct(world, **PROMISE)
    assert waiting(world) == {}
    dismiss(world)
    decide(world, 1, "confirm", "再看属实")
    assert waiting(world) == {}, "found 属实 again, as the machine reads it and the letter says"
    assert [row["how"] for row in world.rows(s.differing)] == ["again", "again"]


def test_the_letter_that_mends_it_ends_it(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    correct(world)
    number = mending(world, tmp_path)
    assert NUMBER in waiting(world), "a draft mends nothing"
    dismiss(world, 2)
    went(world, tmp_path, number)
    assert waiting(world) == {NUMBER: [(2, "属实", "不属实")]}
    back = letters.withdraw(desk(world, tmp_path), NUMBER, LI, ["2"], "误判")
    went(world, tmp_path, back)
    assert waiting(world) == {}
    assert [(row["how"], row["reason"]) for row in world.rows(s.differing)] == [("mended", number), ("mended", back)]
    correct(world, families=["gas"])
    assert waiting(world) == {}, "what was mended is not told again"
    correct(world, **PROMISE)
    assert waiting(world) == {NUMBER: [(1, "买卖证件", "承诺通过")]}, "it is held against what the 更正函 says"
    decide(world, 2, "confirm", "属实")
    assert 2 not in [each[0] for each in waiting(world)[NUMBER]], "what was taken back says nothing"


def test_a_letter_of_before_does_not_mend_it_nor_does_a_correction_of_what_is_unfounded(
    world: World, tmp_path: Path
) -> None:
    sent(world, tmp_path, "1", "2")
    early = mending(world, tmp_path)
    correct(world)
    went(world, tmp_path, early)
    assert waiting(world) == {NUMBER: [(1, "承诺通过", "买卖证件")]}
    dismiss(world, 2)
    went(world, tmp_path, mending(world, tmp_path, "2"))
    assert (2, "属实", "不属实") in waiting(world)[NUMBER]


def test_a_person_sets_it_aside_with_a_reason_until_something_else_is_found(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    correct(world)
    aside = {"actor": LI, "now": world.now}
    with pytest.raises(UsageError, match="reason"):
        differing_sent.set_aside(world.engine, NUMBER, reason="  ", **aside)
    with pytest.raises(UsageError, match="reason"):
        differing_sent.set_aside(world.engine, NUMBER, reason="长" * 501, **aside)
    assert differing_sent.set_aside(world.engine, NUMBER, reason="已电话告知", **aside) == 1
    assert waiting(world) == {}
    assert shown.short(desk(world, tmp_path), NUMBER)["notice"] is None
    with pytest.raises(UsageError, match="没有与现认定不符"):
        differing_sent.set_aside(world.engine, NUMBER, reason="再一次", **aside)
    (entry,) = [row for row in world.rows(s.audit_entry) if row["action"] == "differing.aside"]
    assert entry["detail"]["reason"] == "已电话告知"
    (told,) = [row for row in world.rows(s.event) if row["kind"] == "aside"]
    assert (told["subject"], told["actor"]) == ("takedown", LI.person)
    (row,) = world.rows(s.differing)
    assert (row["how"], row["person"], row["reason"]) == ("aside", LI.person, "已电话告知")
    correct(world, families=["gas"])
    assert waiting(world) == {}, "the same is not told again"
    dismiss(world)
    assert waiting(world) == {NUMBER: [(1, "属实", "不属实")]}
    assert verify_log(world.engine).fault is None


def test_who_was_asked_to_act_is_told_separately_and_a_reminder_says_nothing_of_its_own(
    world: World, tmp_path: Path
) -> None:
    sent(world, tmp_path, "1")
    for number in (
        letters.remind(desk(world, tmp_path), NUMBER, LI),
        letters.escalate(desk(world, tmp_path), NUMBER, CAC, LI, "逾期未处置"),
    ):
        went(world, tmp_path, number)
    correct(world)
    assert set(waiting(world)) == {NUMBER, "ADW-TL-2026-0002"}
    went(world, tmp_path, mending(world, tmp_path))
    assert set(waiting(world)) == {"ADW-TL-2026-0002"}, "the platform was told, the other office was not"


def test_what_the_machine_opens_again_is_no_finding(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    world.tick(hours=1)
    item = listing("1", "买卖证件 换了说法", title="另一标题")
    world.store(item)
    world.judge(verdict(item, words=(), offer_types=("paper_trade",)))
    assert world.rows(s.case)[0]["state"] == "reopened"
    assert waiting(world) == {}
    decide(world, 1, "confirm", "属实")
    assert waiting(world) == {NUMBER: [(1, "承诺通过", "买卖证件")]}


def test_limits_leave_out_what_lies_outside(world: World, tmp_path: Path) -> None:
    for name, region in (("1", "山西运城"), ("2", "山西太原")):
        decide(world, world.flag(listing(name, seller_region=region)))
    draft(world, tmp_path)
    went(world, tmp_path, NUMBER)
    correct(world, 2)
    here, there = Filters(only_regions=("山西运城",)), Filters(only_regions=("山西太原",))
    assert waiting(world, here) == {}
    assert waiting(world, there) == {NUMBER: [(2, "承诺通过", "买卖证件")]}
    assert shown.rows(desk(world, tmp_path), limits=here)[0]["notice"] is None
    assert "案件 2" in str(shown.rows(desk(world, tmp_path), limits=there)[0]["notice"])


def moved(world: World, folder: Path, case_id: int, older: bool = False, more: Sequence[int] = ()) -> str:
    """A transfer that went out."""
    tables = Tables(law(folder), CLASSES)
    at: dict[str, Any] = {"now": world.tick(minutes=1), "zone": ZONE, "tables": tables}
    number = str(transfer.draft(world.engine, "clue", [case_id, *more], LI, receiver="police", **at)["number"])
    head = Actor("局长", UNIT, "head")
    transfer.decide(world.engine, number, True, head, "看过", tables=tables, now=world.tick(minutes=1))
    with reading(world.engine) as connection:
        row = transfers.by_number(connection, number)
        assert row is not None
        content = whole_content(
            connection, row, law=tables.law, classes=tables.classes, platforms={}, now=world.now, zone=ZONE
        )
    if older:
        for each in content["cases"][0]["listings"]:
            del each["listing_id"], each["offer_types"]
    package = {"file": "transfers/a.zip", "size": 5, "sha256": "a" * 64, "manifest_sha256": "b" * 64}
    at = {"at": world.tick(minutes=1), "now": world.now, "zone": ZONE, "tables": tables}
    transfer.sent(world.engine, row, content, package, LI, **at)
    return number


def test_a_transfer_that_went_out_says_what_was_corrected_since(world: World, tmp_path: Path) -> None:
    case_id = world.flag(listing("1"))
    decide(world, case_id)
    number = moved(world, tmp_path, case_id)
    assert waiting(world) == {}
    correct(world)
    assert waiting(world) == {number: [(1, "承诺通过", "买卖证件")]}
    dismiss(world)
    assert waiting(world) == {number: [(1, "属实", "不属实")]}
    assert differing_sent.set_aside(world.engine, number, LI, "已函告公安", world.now) == 1
    assert waiting(world) == {}


def test_of_a_transfer_of_before_only_whether_its_case_stands(world: World, tmp_path: Path) -> None:
    case_id = world.flag(listing("1"))
    decide(world, case_id)
    number = moved(world, tmp_path, case_id, older=True)
    correct(world)
    assert waiting(world) == {}
    dismiss(world)
    assert waiting(world) == {number: [(1, "属实", "不属实")]}


def test_what_an_earlier_version_sent_is_looked_through_once(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2", "3")
    correct(world)
    dismiss(world, 2)
    with world.engine.begin() as connection:
        connection.execute(s.differing.delete())
    assert differing_sent.look_back(world.engine, world.now) == 2
    told = {NUMBER: [(1, "承诺通过", "买卖证件"), (2, "属实", "不属实")]}
    assert waiting(world) == told
    differing_sent.look_back(world.engine, world.now)
    assert waiting(world) == told, "twice changes nothing"


def test_what_waits_is_looked_up_among_itself(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/a.db")
    migrate(engine)
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    with reading(engine) as connection:
        store.count_open(connection, 10)
        store.open_numbers(connection, "ADW", 10)
        store.open_by_number(connection, ["ADW"], most=10)
        store.open_of(connection, "takedown", [1])
    queries = [each for each in asked if "differing" in each[0]]
    assert len(queries) == 4
    for query, values in queries:
        with engine.connect() as connection:
            plan = " ".join(str(row) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values))
        assert "INDEX ix_differing_" in plan and "SCAN differing " not in plan.replace("SCAN differing USING", ""), plan
    engine.dispose()
