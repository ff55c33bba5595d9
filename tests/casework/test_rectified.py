"""原属实，已改正: what a seller mended after it was found stays found; a closed case is corrected and stays closed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.lessons import decided_texts
from adwatch.store.report_figures import Fits, confirmed
from tests.casework.office import ZONE
from tests.casework.paperwork import sent
from tests.casework.reviewing import LI, ZHANG, found
from tests.casework.test_differing_sent import waiting
from tests.store.world import OFFER, World, clear, listing, verdict

SAFETY = Fits("safety_production")


def mended(world: World, name: str = "1", version: str = "1") -> None:
    """The seller takes the offer out of the text."""
    world.tick(hours=1)
    world.store(listing(name, "信号旗，安全帽，量大从优"))
    world.judge(clear(), version=version)


def counted(world: World) -> int:
    """Leads of the safety scope in the month's figure."""
    with reading(world.engine) as connection:
        return confirmed(connection, date(2026, 11, 1), date(2026, 11, 30), ZONE, SAFETY).leads(connection)


def test_what_was_mended_after_the_letter_stays_found_and_nothing_is_taken_back(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    assert counted(world) == 2
    mended(world)
    (case, other) = world.rows(s.case)
    assert (case["state"], other["state"]) == ("reopened", "confirmed")
    report, rows = found(world, case["id"], ZHANG, "rectified", code="C08", may_train=True)
    assert (report.kept, rows[0]["state"]) == (1, "closed")
    assert waiting(world) == {}
    assert counted(world) == 2
    track = next(row for row in world.rows(s.track) if row["case_id"] == case["id"])
    assert (track["step"], track["outcome"]) == ("ended", "rectify")
    (decision,) = [row for row in world.rows(s.decision) if row["code"] == "C08"]
    assert decision["result"] == "confirm"
    with reading(world.engine) as connection:
        lessons, _ = decided_texts(connection)
    assert [each.text for each in lessons] == [OFFER], "learnt is what was offered"
    assert verify_log(world.engine).fault is None


def test_the_machine_opens_it_again_only_when_it_offers_again(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    mended(world)
    found(world, 1, ZHANG, "rectified")
    world.judge(verdict(listing("1")), clear(), version="2", day="2026-11-19")
    assert world.rows(s.case)[0]["state"] == "closed"
    world.tick(hours=1)
    again = listing("1", "又来包过")
    world.store(again)
    world.judge(verdict(again), version="2")
    assert world.rows(s.case)[0]["state"] == "reopened"


def test_a_second_mending_of_what_was_corrected_keeps_the_correction(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    found(world, 1, ZHANG, corrected={"scope": "other_credential"})
    assert counted(world) == 0
    mended(world)
    found(world, 1, LI, "rectified")
    assert counted(world) == 0
    assert world.rows(s.decision)[-1]["corrected"] == {"scope": "other_credential"}


@pytest.mark.parametrize("first", [None, "dismiss"])
def test_what_was_never_found_is_not_mended(world: World, first: str | None) -> None:
    case_id = world.flag(listing("1"))
    if first:
        found(world, case_id, ZHANG, first)
    mended(world)
    before = world.rows(s.case)[0]["state"]
    report, _ = found(world, case_id, ZHANG, "rectified")
    assert report.dropped.total() == 1 and report.kept == 0
    assert world.rows(s.case)[0]["state"] == before


def test_what_still_offers_is_not_mended(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    world.tick(hours=1)
    item = listing("1", "包过，换了说法")
    world.store(item)
    world.judge(verdict(item, offer_types=("paper_trade",)))
    report, _ = found(world, 1, ZHANG, "rectified")
    assert report.dropped == {"not_rectified": 1} and "仍被判为命中" in report.notes[0]


def test_a_closed_case_is_corrected_and_stays_closed(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG)
    found(world, case_id, ZHANG, "close")
    assert counted(world) == 1
    corrected = {"scope": "other_credential"}
    report, rows = found(world, case_id, LI, corrected=corrected)
    assert (report.kept, rows[0]["state"], counted(world)) == (1, "closed", 0)
    assert world.rows(s.decision)[-1]["corrected"] == corrected
    assert found(world, case_id, LI)[0].kept == 0, "without a correction there is nothing to find again"
    assert verify_log(world.engine).fault is None


def test_a_case_closed_as_unfounded_is_not_corrected(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, "dismiss")
    found(world, case_id, ZHANG, "close")
    report, _ = found(world, case_id, LI, corrected={"scope": "other_credential"})
    assert report.dropped == {"not_allowed": 1}
