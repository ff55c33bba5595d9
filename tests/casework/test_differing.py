"""Drafts that say what no longer holds of a case, after a person corrected it or found otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adwatch.casework import takedown_letters as letters
from adwatch.casework import takedown_mail as mail
from adwatch.casework import takedown_shown as shown
from adwatch.casework import takedown_steps as steps
from adwatch.casework import transfer
from adwatch.casework.differing import Tables
from adwatch.casework.takedown import mark_sent
from adwatch.casework.takedown_files import Bundling
from adwatch.casework.transfer_content import whole_content
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store import transfers
from adwatch.store.engine import reading
from tests.casework.office import CLASSES, UNIT, ZONE, decide, draft, law
from tests.casework.paperwork import LI, NUMBER, WANG, desk, request
from tests.casework.reviewing import ZHANG, found
from tests.store.world import World, listing

HEAD = Actor("局长", UNIT, "head")
CORRECTED = {"types": ["paper_trade"]}
DIFFERS = r"案件 1（\S+） 函里：承诺通过；现为：买卖证件"
BUNDLING = Bundling("", (), ZONE)


def correct(world: World, case_id: int = 1, **given: Any) -> None:
    """A person of the office corrects what a case is about."""
    world.tick(minutes=5)
    assert found(world, case_id, ZHANG, corrected=given or CORRECTED)[0].kept == 1


def intend(world: World, folder: Path) -> None:
    mail.intend(desk(world, folder, before_mail=()), NUMBER, WANG, "a@bureau.example", ["b@plaza.example"], BUNDLING)


STEPS: dict[str, Callable[[World, Path], object]] = {
    "审核": lambda world, folder: steps.check(desk(world, folder), NUMBER, LI),
    "签发": lambda world, folder: steps.sign(desk(world, folder), NUMBER, WANG),
    "发送": intend,
}


@pytest.mark.parametrize("at", list(STEPS))
@pytest.mark.parametrize("how", ["corrected", "fallen"])
def test_no_step_is_taken_with_what_no_longer_holds(world: World, tmp_path: Path, at: str, how: str) -> None:
    request(world, tmp_path, "1", "2")
    if at == "签发":
        steps.check(desk(world, tmp_path), NUMBER, LI)
    before = world.rows(s.takedown_letter)
    if how == "corrected":
        correct(world)
        said = f"{DIFFERS}。不能{at}；先作废本函，再重新拟文；命令：adwatch takedown void {NUMBER}"
    else:
        decide(world, 1, "dismiss", "看错了")
        said = f"案件 1（不属实）已不是“属实”。不能{at}"
    with pytest.raises(UsageError, match=said):
        STEPS[at](world, tmp_path)
    assert world.rows(s.takedown_letter) == before
    assert world.rows(s.takedown_mail) == []


@pytest.mark.parametrize("given", [{"families": ["gas"]}, {"scope": "other_credential"}, {"types": ["sure_thing"]}])
def test_what_the_letter_does_not_say_holds_nothing_up(world: World, tmp_path: Path, given: dict[str, Any]) -> None:
    request(world, tmp_path, "1")
    correct(world, **given)
    for each in STEPS.values():
        each(world, tmp_path)
    assert len(world.rows(s.takedown_mail)) == 1


def test_the_draft_says_it_before_anybody_runs_into_it_and_the_next_is_right(world: World, tmp_path: Path) -> None:
    request(world, tmp_path, "1", "2")
    assert shown.short(desk(world, tmp_path), NUMBER)["notice"] is None
    correct(world)
    (row,) = shown.rows(desk(world, tmp_path))
    assert [(each["case_id"], each["said"], each["holds"]) for each in row["differs"]] == [(1, "承诺通过", "买卖证件")]
    assert "先作废本函，再重新拟文" in row["notice"]
    steps.void(desk(world, tmp_path), NUMBER, WANG, "更正了违法类型")
    assert shown.short(desk(world, tmp_path), NUMBER)["notice"] is None, "a void letter goes nowhere"
    (again,) = draft(world, tmp_path)
    (first, second) = json.loads(Path(again["json"]).read_bytes())["listings"]
    assert (first["offer_labels"], first["cites"]) == (["买卖证件"], ["《另一法》第九条"])
    assert second["offer_labels"] == ["承诺通过"]
    steps.check(desk(world, tmp_path), again["number"], LI)
    assert verify_log(world.engine).fault is None


def test_a_correction_that_was_taken_back_holds_nothing_up(world: World, tmp_path: Path) -> None:
    request(world, tmp_path, "1")
    correct(world)
    correct(world, types=["sure_thing"])
    steps.check(desk(world, tmp_path), NUMBER, LI)
    assert world.rows(s.takedown_letter)[0]["step"] == "checked"


def test_what_went_by_post_is_recorded_with_what_differs(world: World, tmp_path: Path) -> None:
    request(world, tmp_path, "1", "2")
    correct(world)
    decide(world, 2, "dismiss", "看错了")
    tables = Tables(law(tmp_path), CLASSES)
    report, (row,) = mark_sent(world.engine, [NUMBER], "赵六", world.now, zone=ZONE, tables=tables)
    assert report.kept == 1
    for word in (
        "函里：承诺通过；现为：买卖证件",
        "案件 2（不属实）",
        f"takedown correct {NUMBER}",
        f"withdraw {NUMBER}",
    ):
        assert word in row["warning"]
    (event,) = [each for each in world.rows(s.event) if each["kind"] == "sent"]
    (entry,) = [each for each in world.rows(s.audit_entry) if each["action"] == "takedown.mark-sent"]
    for kept in (event, entry):
        assert [each["holds"] for each in kept["detail"]["differs"]] == ["买卖证件", "不属实"]
    assert verify_log(world.engine).fault is None


def test_what_holds_is_recorded_without_a_word(world: World, tmp_path: Path) -> None:
    request(world, tmp_path, "1")
    _, (row,) = mark_sent(world.engine, [NUMBER], "赵六", world.now, zone=ZONE)
    assert (row["differs"], row["warning"]) == ([], None)
    assert all("differs" not in (each["detail"] or {}) for each in world.rows(s.event))


def test_a_reminder_waits_for_the_correction_of_its_request(world: World, tmp_path: Path) -> None:
    request(world, tmp_path, "1")
    mark_sent(world.engine, [NUMBER], "赵六", world.now, zone=ZONE)
    reminder = letters.remind(desk(world, tmp_path), NUMBER, LI)
    correct(world)
    with pytest.raises(UsageError, match=f"先对原函 {NUMBER} 发出更正函"):
        steps.check(desk(world, tmp_path), reminder, LI)
    mending = letters.correct(desk(world, tmp_path), NUMBER, LI, {"1": ("承诺通过", "买卖证件")}, "认定更正")
    steps.check(desk(world, tmp_path), mending, LI)
    mark_sent(world.engine, [mending], "赵六", world.now, zone=ZONE)
    with pytest.raises(UsageError, match="再作废本函，按需要重新拟文"):
        steps.check(desk(world, tmp_path), reminder, LI)
    steps.void(desk(world, tmp_path), reminder, LI, "所列违法类型已更正")
    steps.check(desk(world, tmp_path), letters.remind(desk(world, tmp_path), NUMBER, LI), LI)


def drafted(world: World, folder: Path, ids: list[int]) -> str:
    at: dict[str, Any] = {"now": world.now, "zone": ZONE, "tables": Tables(law(folder), CLASSES)}
    return str(transfer.draft(world.engine, "clue", ids, LI, receiver="police", **at)["number"])


def approve(world: World, folder: Path, number: str, yes: bool = True) -> None:
    tables = Tables(law(folder), CLASSES)
    transfer.decide(world.engine, number, yes, HEAD, "看过", tables=tables, now=world.tick(minutes=1))


def send(world: World, folder: Path, number: str) -> dict[str, Any]:
    """Sent with what its papers say then."""
    tables = Tables(law(folder), CLASSES)
    with reading(world.engine) as connection:
        row = transfers.by_number(connection, number)
        assert row is not None
        at: dict[str, Any] = {"now": world.now, "zone": ZONE}
        content = whole_content(connection, row, law=tables.law, classes=tables.classes, platforms={}, **at)
    package = {"file": "transfers/a.zip", "size": 5, "sha256": "a" * 64, "manifest_sha256": "b" * 64}
    transfer.sent(
        world.engine, row, content, package, LI, at=world.tick(minutes=1), now=world.now, zone=ZONE, tables=tables
    )
    return content


@pytest.mark.parametrize("how", ["corrected", "fallen"])
def test_a_transfer_goes_as_it_was_drafted_and_approved_or_not_at_all(world: World, tmp_path: Path, how: str) -> None:
    first, second = (world.flag(listing(name)) for name in "12")
    decide(world, [first, second])
    waiting, ready = drafted(world, tmp_path, [first]), drafted(world, tmp_path, [second])
    approve(world, tmp_path, ready)
    for case_id in (first, second):
        if how == "corrected":
            correct(world, case_id)
        else:
            decide(world, case_id, "dismiss", "看错了")
    said = "拟稿时：承诺通过；现为：买卖证件" if how == "corrected" else "已不是“属实”"
    with pytest.raises(UsageError, match=f"{said}.*void"):
        approve(world, tmp_path, waiting)
    with pytest.raises(UsageError, match=f"{said}.*void"):
        send(world, tmp_path, ready)
    assert [row["step"] for row in world.rows(s.transfer)] == ["draft", "approved"]
    assert world.rows(s.report_lead) == [], "nothing was counted"
    approve(world, tmp_path, waiting, False)
    assert world.rows(s.transfer)[0]["step"] == "rejected", "to refuse it is open to the head"


def test_a_transfer_drafted_anew_says_what_holds(world: World, tmp_path: Path) -> None:
    case_id = world.flag(listing("1"))
    decide(world, case_id)
    number = drafted(world, tmp_path, [case_id])
    correct(world)
    transfer.record(world.engine, number, "void", LI, note="认定更正", now=world.tick(minutes=1))
    again = drafted(world, tmp_path, [case_id])
    approve(world, tmp_path, again)
    content = send(world, tmp_path, again)
    assert content["cases"][0]["listings"][0]["offer_labels"] == ["买卖证件"]
    assert "said" not in content


def test_a_transfer_of_before_is_asked_whether_its_cases_stand(world: World, tmp_path: Path) -> None:
    case_id = world.flag(listing("1"))
    decide(world, case_id)
    number = drafted(world, tmp_path, [case_id])
    with world.engine.begin() as connection:
        row = world.rows(s.transfer)[0]
        older = {name: value for name, value in row["content"].items() if name != "said"}
        connection.execute(s.transfer.update().values(content=older))
    decide(world, case_id, "dismiss", "看错了")
    with pytest.raises(UsageError, match="已不是“属实”"):
        approve(world, tmp_path, number)
