"""A case that was found 不属实 and is then 办结 is not taken for 属实: in papers, tracks and rewards."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.casework import differing_sent
from adwatch.casework import takedown_letters as letters
from adwatch.casework.differing import Tables, holding
from adwatch.casework.takedown_differing import of_letter
from adwatch.errors import UsageError
from adwatch.store import schema as s
from adwatch.store import takedown_papers as papers
from adwatch.store.corrections import STANDING, found_as
from adwatch.store.engine import reading
from tests.casework.office import CLASSES, decide, draft, law
from tests.casework.paperwork import LI, NUMBER, desk, request, sent
from tests.casework.reviewing import move_track, open_track
from tests.casework.test_differing_sent import dismiss, moved, waiting, went
from tests.store.world import World, listing

UNFOUNDED = {NUMBER: [(1, "属实", "不属实")]}


def close(world: World, case_id: int = 1) -> None:
    world.tick(minutes=5)
    assert decide(world, case_id, "close", "办完")[0].kept == 1
    assert world.rows(s.case, id=case_id)[0]["state"] == "closed"


def test_what_a_case_was_closed_on(world: World) -> None:
    for number, results in enumerate(
        (["confirm"], ["dismiss"], ["confirm", "dismiss"], ["refer"], ["dismiss", "confirm"])
    ):
        case_id = world.flag(listing(str(number)))
        for result in results:
            decide(world, case_id, result, "看过")
        close(world, case_id)
    open_one = world.flag(listing("9"))
    with reading(world.engine) as connection:
        found = [found_as(connection, number) for number in range(1, open_one + 1)]
    assert found == ["closed", "dismissed", "dismissed", "referred", "closed", "screening"]
    assert [each in STANDING for each in found] == [True, False, False, False, True, False]


def test_a_letter_that_went_out_goes_on_saying_what_is_unfounded(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    dismiss(world)
    move_track(world, 1, "takedown", "withdrawn", outcome="no_offence")
    close(world)
    assert waiting(world) == UNFOUNDED
    assert differing_sent.look_back(world.engine, world.now) == 1
    assert waiting(world) == UNFOUNDED, "looked at again, closed as it is"
    with world.engine.begin() as connection:
        connection.execute(s.differing.delete())
    differing_sent.look_back(world.engine, world.now)
    assert waiting(world) == UNFOUNDED, "what an earlier version sent"
    reminder = letters.remind(desk(world, tmp_path), NUMBER, LI)
    tables = Tables(law(tmp_path), CLASSES)
    with reading(world.engine) as connection:
        (repeated,) = papers.letters(connection, number=reminder)
        assert [row["case_id"] for row in repeated["content"]["listings"]] == [2], "nobody is reminded of it"
        (letter,) = papers.letters(connection, number=NUMBER)
        assert [(each["case_id"], each["fallen"]) for each in of_letter(connection, letter, tables)] == [(1, True)]
        keys = [row["listing_id"] for row in letter["content"]["listings"]]
        assert list(holding(connection, keys, tables)) == keys[1:], "of the other what holds can be said"


def test_a_transfer_that_went_out_says_so_too(world: World, tmp_path: Path) -> None:
    case_id = world.flag(listing("1"))
    decide(world, case_id)
    number = moved(world, tmp_path, case_id)
    dismiss(world)
    move_track(world, case_id, "crime", "ended", outcome="no_offence")
    with world.engine.begin() as connection:
        connection.execute(s.differing.delete())
    close(world)
    differing_sent.look_back(world.engine, world.now)
    assert waiting(world) == {number: [(1, "属实", "不属实")]}


def test_a_draft_of_a_case_closed_so_is_held_back(world: World, tmp_path: Path) -> None:
    request(world, tmp_path, "1")
    dismiss(world)
    move_track(world, 1, "takedown", "withdrawn", outcome="no_offence")
    close(world)
    went(world, tmp_path, NUMBER)
    assert waiting(world) == UNFOUNDED
    assert draft(world, tmp_path) == []


def test_it_opens_no_track_and_its_track_does_not_make_it_founded(world: World) -> None:
    first, second = (world.flag(listing(name)) for name in "12")
    decide(world, first, "dismiss")
    close(world, first)
    with pytest.raises(UsageError, match="现为“不属实”，甄别属实之后"):
        open_track(world, first, "takedown")
    decide(world, second)
    open_track(world, second, "takedown")
    dismiss(world, second)
    move_track(world, second, "takedown", "checked", "signed", "sent", "handled", "verified_once", "verified")
    close(world, second)
    move_track(world, second, "takedown", "relisted")
    assert world.rows(s.case, id=second)[0]["state"] == "closed"
