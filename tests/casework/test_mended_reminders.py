"""Reminders and escalations after a 更正函: they list what holds then, not what the request said first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adwatch.casework import takedown_letters as letters
from adwatch.casework import takedown_steps as steps
from adwatch.casework.takedown import mark_sent
from adwatch.casework.takedown_sheet import as_workbook
from adwatch.store import schema as s
from adwatch.tables.takedown import Escalation
from collectors.handover.whole import whole_workbook
from tests.casework.office import ZONE
from tests.casework.paperwork import LI, NUMBER, desk, sent
from tests.casework.reviewing import ZHANG, found
from tests.store.world import World

CAC = Escalation("cyberspace", "网信", "某市网信办", "wx@office.example", "")
CLASS = ("承诺通过", "买卖证件")


def correct(world: World, *types: str) -> None:
    world.tick(minutes=5)
    assert found(world, 1, ZHANG, corrected={"types": list(types)})[0].kept == 1


def mend(world: World, folder: Path, was: str, now: str) -> str:
    """A 更正函 of the first listing that went out."""
    number = letters.correct(desk(world, folder), NUMBER, LI, {"1": (was, now)}, "认定更正")
    mark_sent(world.engine, [number], "赵六", world.tick(minutes=1), zone=ZONE)
    return number


def rows_of(world: World, number: str) -> list[dict[str, Any]]:
    (letter,) = world.rows(s.takedown_letter, number=number)
    return list(letter["content"]["listings"])


def remind(world: World, folder: Path) -> list[dict[str, Any]]:
    number = letters.remind(desk(world, folder), NUMBER, LI)
    steps.check(desk(world, folder), number, LI)
    return rows_of(world, number)


@pytest.mark.parametrize("kind", ["remind", "escalate"])
def test_it_lists_what_holds_after_the_correction(world: World, tmp_path: Path, kind: str) -> None:
    sent(world, tmp_path, "1", "2")
    correct(world, "paper_trade")
    number = mend(world, tmp_path, *CLASS)
    assert rows_of(world, number)[0]["offer_labels"] == ["买卖证件"], "the list of the 更正函 itself too"
    at = desk(world, tmp_path)
    made = letters.remind(at, NUMBER, LI) if kind == "remind" else letters.escalate(at, NUMBER, CAC, LI, "逾期")
    steps.check(at, made, LI)
    first, second = rows_of(world, made)
    assert (first["offer_types"], first["offer_labels"]) == (["paper_trade"], ["买卖证件"])
    assert first["cites"] == ["《另一法》第九条"]
    assert second["offer_labels"] == ["承诺通过"], "of the other nothing was mended"
    (letter,) = world.rows(s.takedown_letter, number=made)
    sheet = whole_workbook(as_workbook(letter["content"]), "a.xlsx")[0]
    assert [cells[7] for line, cells in sheet.rows if line > 1] == ["买卖证件", "承诺通过"]


def test_the_last_correction_holds(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    correct(world, "paper_trade")
    mend(world, tmp_path, *CLASS)
    correct(world, "paper_trade", "sure_thing")
    mend(world, tmp_path, "买卖证件", "承诺通过、买卖证件")
    assert sorted(remind(world, tmp_path)[0]["offer_types"]) == ["paper_trade", "sure_thing"]


def test_a_correction_that_was_not_sent_mends_nothing(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    letters.correct(desk(world, tmp_path), NUMBER, LI, {"1": CLASS}, "认定更正")
    assert remind(world, tmp_path)[0]["offer_labels"] == ["承诺通过"]


def test_other_words_are_mended_too_and_nothing_else(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    mend(world, tmp_path, "小店", "大店 <b>")
    first, second = remind(world, tmp_path)
    assert (first["seller_name"], second["seller_name"]) == ("大店 <b>", "小店")
    assert first["offer_labels"] == ["承诺通过"]
    assert first["title"] == "商品1"


def test_a_class_that_the_office_mends_by_words_alone(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    mend(world, tmp_path, "承诺通过", "承诺包过")
    assert remind(world, tmp_path)[0]["offer_labels"] == ["承诺包过"]


def test_corrections_of_earlier_versions_go_by_what_holds_now(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    correct(world, "paper_trade")
    number = mend(world, tmp_path, *CLASS)
    (letter,) = world.rows(s.takedown_letter, number=number)
    request = world.rows(s.takedown)[0]["content"]["listings"][0]
    content = {**letter["content"], "listings": [{**request, "was": CLASS[0], "now": CLASS[1]}]}
    with world.engine.begin() as connection:
        connection.execute(
            s.takedown_letter.update().where(s.takedown_letter.c.number == number).values(content=content)
        )
    assert remind(world, tmp_path)[0]["offer_labels"] == ["买卖证件"]
