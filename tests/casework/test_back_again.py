"""Whatever it came back as before: what is up again at its own link takes its case up again."""

from __future__ import annotations

from pathlib import Path

from adwatch.evidence.audit import verify_log
from adwatch.store import removal_figures
from adwatch.store import schema as s
from adwatch.store.engine import reading
from tests.casework.office import ZONE, draft
from tests.casework.test_relisting import OFFER, find, offer, remove
from tests.casework.test_verification import look
from tests.store.world import World, listing


def _track(world: World, case: int) -> tuple[str, str]:
    [row] = world.rows(s.track, case_id=case)
    [found] = world.rows(s.case, id=case)
    return row["step"], found["state"]


def test_what_is_back_elsewhere_first_and_then_at_its_own_link_is_asked_for_anew(world: World, tmp_path: Path) -> None:
    old = remove(world, tmp_path)
    assert _track(world, old) == ("verified", "closed")
    offer(world, "new", contact="abc13800138000", platform="bazaar")
    find(world)
    assert _track(world, old) == ("relisted", "confirmed")
    look(world, {"old": "gone"}, everything=True)
    assert _track(world, old) == ("verified", "closed"), "its own link stayed gone"
    world.tick(days=1)
    world.store(listing("old", OFFER, seller_id="s1"), day=world.now.astimezone(ZONE).date().isoformat())
    find(world)
    [row] = look(world, {"old": "up"})
    assert row["relisted"], "what a patrol sees again is looked at, whether something was back before or not"
    assert _track(world, old) == ("relisted", "confirmed")
    [removal] = world.rows(s.removal)
    assert removal["relisted_how"] == "contact", "the first return is kept"
    with reading(world.engine) as connection:
        [back] = removal_figures.back(connection, None, 10)
    assert (back["up"], back["again"]) == (True, None)
    [letter] = draft(world, tmp_path)
    assert letter["listings"] == 1
    assert _track(world, old) == ("draft", "confirmed")
    assert verify_log(world.engine).fault is None


def test_what_went_away_by_itself_and_is_back_once_more_takes_its_case_up_again(world: World, tmp_path: Path) -> None:
    old, told = remove(world, tmp_path), []
    for word in ("up", "gone", "gone", "up"):
        look(world, {"old": word}, everything=True)
        told.append(_track(world, old)[0])
        world.tick(days=1)
    assert told == ["relisted", "verified_once", "verified", "relisted"], "two looks at distance close it, each time"
    assert draft(world, tmp_path)[0]["listings"] == 1
    assert [event["kind"] for event in world.rows(s.event, subject="takedown")].count("relisted") == 1
