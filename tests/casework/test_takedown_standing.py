"""Who is reminded of what stands: not of a text that is no offer any more, again of what is said to be handled."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adwatch.casework import takedown_letters as letters
from adwatch.casework import takedown_replies as replies
from adwatch.casework import takedown_shown as shown
from adwatch.casework.takedown_late import due_list
from adwatch.errors import UsageError
from adwatch.store import last_looks, removal_figures
from adwatch.store.engine import reading
from adwatch.store.figures import takedown_figures
from tests.casework.paperwork import WANG, desk
from tests.casework.test_verification import look, sent
from tests.store.world import World

CLEAR, OFFER = "changed:出售教材", "changed:包过，换个说法"


def _late(world: World, folder: Path) -> list[tuple[str, int]]:
    return [(row["number"], row["listings"]) for row in due_list(desk(world, folder))]


def _overdue(world: World) -> tuple[list[tuple[str, int]], int]:
    """(``takedown due`` with its open listings, listings that the figures call overdue)."""
    with reading(world.engine) as connection:
        rows = removal_figures.overdue(connection, world.now)
        figures = takedown_figures(connection, world.now, timedelta(days=1))
    return [(row["number"], row["open"]) for row in rows], figures.overdue


def _seqs(row: dict[str, Any]) -> list[int]:
    return [each["seq"] for each in row["listings"]]


@pytest.mark.parametrize("looked_up", [0, last_looks.LOOKED_UP])
def test_a_text_that_is_no_offer_any_more_is_not_reminded_of(
    world: World, tmp_path: Path, looked_up: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_looks, "LOOKED_UP", looked_up)
    number = sent(world, tmp_path, "1", "2", "3", "4")
    world.tick(days=9)
    look(world, {"1": CLEAR, "2": OFFER, "3": "up", "4": "gone"}, everything=True)
    assert _late(world, tmp_path) == [(number, 2)]
    assert _overdue(world) == ([(number, 2)], 2)
    at = desk(world, tmp_path)
    reminder = shown.one_letter(at, letters.remind(at, number, WANG))
    assert _seqs(reminder) == [2, 3]
    world.tick(days=1)
    look(world, {"1": CLEAR, "2": CLEAR, "3": "gone", "4": "gone"}, everything=True)
    assert _late(world, tmp_path) == []
    assert _overdue(world) == ([], 0)
    assert not shown.one_letter(desk(world, tmp_path), number)["overdue"]
    with pytest.raises(UsageError, match="不需要催办"):
        letters.remind(desk(world, tmp_path), number, WANG)
    world.tick(days=1)
    look(world, {"1": "up", "2": CLEAR, "3": "gone", "4": "gone"}, everything=True)
    assert _late(world, tmp_path) == [(number, 1)], "up again is open again"
    assert _overdue(world) == ([(number, 1)], 1)
    assert shown.one_letter(desk(world, tmp_path), number)["overdue"]


@pytest.mark.parametrize("named", [[], ["1"]])
@pytest.mark.parametrize("found", ["up", OFFER])
def test_what_a_platform_says_it_handled_and_a_later_look_finds_is_open_again(
    world: World, tmp_path: Path, named: list[str], found: str
) -> None:
    number = sent(world, tmp_path, *(["1"] if not named else ["1", "2"]))
    look(world, {"1": "up", "2": "gone"}, everything=True)
    world.tick(days=1)
    replies.reply(desk(world, tmp_path), number, "accepted", WANG, listings=named)
    world.tick(days=8)
    assert _late(world, tmp_path) == [], "a look before the answer says nothing against it"
    assert shown.one_letter(desk(world, tmp_path), number)["step"] == "handled"
    look(world, {"1": found, "2": "gone"}, everything=True)
    world.tick(hours=1)
    look(world, {"1": "unknown", "2": "unknown"}, everything=True)
    assert (number, 1) in [(each, 1) for each, _ in _late(world, tmp_path)], "one that cannot say takes nothing back"
    look(world, {"1": found, "2": "gone"}, everything=True)
    assert _late(world, tmp_path) == [(number, 1)]
    row = shown.one_letter(desk(world, tmp_path), number)
    assert row["overdue"] and row["stands"] == "平台称已处置，核验仍在 1 条"
    assert row["listings"][0]["stands"] == "平台称已处置，核验仍在"
    assert not any(each["stands"] for each in row["listings"][1:])
    reminder = letters.remind(desk(world, tmp_path), number, WANG)
    assert _seqs(shown.one_letter(desk(world, tmp_path), reminder)) == [1]
    world.tick(hours=1)
    replies.reply(desk(world, tmp_path), number, "accepted", WANG, listings=named)
    assert _late(world, tmp_path) == [], "it says so once more, and nobody has looked since"
    assert shown.one_letter(desk(world, tmp_path), number)["stands"] is None


def test_handled_and_harmless_or_moved_since_stays_handled(world: World, tmp_path: Path) -> None:
    number = sent(world, tmp_path, "1", "2", "3")
    replies.reply(desk(world, tmp_path), number, "accepted", WANG)
    world.tick(days=9)
    look(world, {"1": CLEAR, "2": "moved", "3": "unknown"}, everything=True)
    assert _late(world, tmp_path) == []
    assert shown.one_letter(desk(world, tmp_path), number)["stands"] is None
