"""Which listings hold any of some phrases: the candidates of a retro-hunt, the same from every engine."""

from __future__ import annotations

import random

from sqlalchemy import Engine

from adwatch.search import SearchIndex, push
from adwatch.search.base import LONGEST_QUERY
from adwatch.search.matching import TOGETHER
from tests.search.world import ALPHABET, Item, World, random_items


def test_what_holds_a_phrase_is_what_a_plain_scan_finds(engine: Engine, index: SearchIndex) -> None:
    items = random_items(400)
    World(engine).add(items)
    push(engine, index)
    rnd = random.Random(7)
    for size in (1, 3, 2 * TOGETHER + 5):
        phrases = ["".join(rnd.choices(ALPHABET, k=rnd.randint(2, 4))) for _ in range(size)]
        found = list(index.holding(phrases))
        assert len(found) == len(set(found)), "each once, though several phrases stand in it"
        wanted = {item.listing_id for item in items for phrase in phrases if _letters(phrase) and item.found_by(phrase)}
        assert set(found) == wanted
        assert size == 1 or wanted


def _letters(phrase: str) -> bool:
    from adwatch.text import normal

    return bool(normal(phrase))


def test_flagged_or_not_and_no_phrase_runs_from_title_into_text(engine: Engine, index: SearchIndex) -> None:
    flagged = Item("1", "电工证", "包过联系", band="flagged")
    clear = Item("2", "随便看看", "電-工 證")
    World(engine).add([flagged, clear, Item("3", "电", "工证")])
    push(engine, index)
    assert set(index.holding(["电工证"])) == {flagged.listing_id, clear.listing_id}
    assert list(index.holding(["证包过"])) == []


def test_phrases_that_cannot_be_found_find_nothing(engine: Engine, index: SearchIndex) -> None:
    World(engine).add([Item("1", "电工证", "包过")])
    push(engine, index)
    assert list(index.holding([])) == []
    assert list(index.holding(["，。", "❤", "证" * (LONGEST_QUERY + 1)])) == []
