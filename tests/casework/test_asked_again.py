"""A listing that is back at its own link is asked for anew, once: not while a request over it is under way."""

from __future__ import annotations

from pathlib import Path

from adwatch.casework.takedown import mark_sent
from adwatch.casework.tracks import tracks_of
from adwatch.evidence.audit import verify_log
from adwatch.store import removal_figures as figures
from adwatch.store import schema as s
from adwatch.store.engine import reading
from tests.casework.office import ZONE, draft
from tests.casework.test_relisting import find, offer, remove
from tests.casework.test_verification import look
from tests.store.world import World


def _days(world: World, word: str, count: int = 2) -> None:
    for _ in range(count):
        world.tick(days=1)
        look(world, {"old": word}, everything=True)


def _step(world: World, case: int) -> str:
    with reading(world.engine) as connection:
        return str(tracks_of(connection, [case])[case][0]["step"])


def _back(world: World) -> tuple[str | None, bool]:
    with reading(world.engine) as connection:
        return next((row["again"], row["up"]) for row in figures.back(connection, None, 10) if row["number"][-1] == "1")


def test_what_is_back_at_its_link_is_asked_for_anew_and_once(world: World, tmp_path: Path) -> None:
    old = remove(world, tmp_path)
    assert draft(world, tmp_path) == [], "it is gone"
    look(world, {"old": "up"}, everything=True)
    assert _step(world, old) == "relisted"
    assert _back(world) == (None, True)
    [again] = draft(world, tmp_path)
    assert _back(world) == (again["number"], True)
    assert again["listings"] == 1
    assert _step(world, old) == "draft"
    assert draft(world, tmp_path) == [], "one is drafted"
    mark_sent(world.engine, [again["number"]], "张三", world.now, zone=ZONE)
    _days(world, "up", 1)
    assert draft(world, tmp_path) == [], "one is under way"
    assert len(world.rows(s.takedown)) == 2
    _days(world, "gone")
    assert _step(world, old) == "verified"
    assert _back(world) == (again["number"], False)
    assert [row["relisted_how"] for row in world.rows(s.removal)] == ["same", None]
    assert {row["state"] for row in world.rows(s.case) if row["id"] == old} == {"closed"}
    assert draft(world, tmp_path) == [], "it is gone again"
    world.tick(days=1)
    look(world, {"old": "up"}, everything=True)
    assert len(draft(world, tmp_path)) == 1, "and so at its third time"
    assert verify_log(world.engine).fault is None


def test_what_is_gone_harmless_or_back_elsewhere_only_is_not_asked_for(world: World, tmp_path: Path) -> None:
    remove(world, tmp_path)
    offer(world, "new", seller_id="s1")
    find(world)
    [row] = world.rows(s.removal)
    assert row["relisted_how"] == "seller"
    assert draft(world, tmp_path) == [], "the other listing has a case of its own"
    for word in ("unknown", "moved"):
        world.tick(days=1)
        look(world, {"old": word}, everything=True)
        assert draft(world, tmp_path) == [], word
