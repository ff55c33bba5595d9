"""Words of pictures from the store to the index and to a hunt, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from adwatch.search import Query, push, verify
from adwatch.search.embedded import EmbeddedIndex
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.store.picture_words import words_of_pictures
from adwatch.store.verdicts import classifier_id, current_versions
from tests.search.world import Item, World, phone_item, picture_address

SHOWN = Item("1", "电工证", "看图", band="clear", pictures=("免考", " ", "包过七天出证"))


@pytest.fixture
def world(engine: Engine) -> World:
    assert classifier_id(engine, "1", "k") == 1, "the world's verdicts are of that one"
    made = World(engine)
    made.add([SHOWN, Item("2", "电工", "无图"), phone_item("3")])
    return made


def words(world: World, *versions: int) -> dict[int, list[tuple[str, str, bool]]]:
    with reading(world.engine) as connection:
        found = words_of_pictures(connection, versions)
    return {version: [(one.sha256, one.text, one.judged) for one in shown] for version, shown in found.items()}


@pytest.mark.parametrize(("state", "judged"), [("whole", True), ("again", False), ("begun", None)])
def test_of_versions_by_their_state(world: World, state: str, judged: bool | None) -> None:
    with writing(world.engine) as connection:
        connection.execute(update(s.picture_version).values(state=state))
    shown = [(picture_address(1, at)[1], text, judged) for at, text in ((0, "免考"), (2, "包过七天出证"))]
    assert words(world, 1, 2, 3, 99) == ({} if judged is None else {1: shown})


def test_from_the_outbox_into_the_index_and_to_the_rows_that_a_hunt_judges(world: World, tmp_path: Path) -> None:
    index = EmbeddedIndex(tmp_path)
    push(world.engine, index)
    (hit,) = index.search(Query("七天 出证", everything=True)).hits
    assert hit.body["picture_text"] == ["免考", "包过七天出证"]
    assert not index.search(Query("免考包过", everything=True)).hits, "each picture by itself"
    assert verify(world.engine, index).equal
    held = [bytes.fromhex(one) for one in index.holding(["出证"])]
    assert held == [bytes.fromhex(SHOWN.listing_id)]
    versions, known = current_versions(world.engine, held, 2)
    assert ([one.id for one in versions], known) == ([1], 0)
    assert current_versions(world.engine, held, 1) == ([], 1), "judged by that classifier already"
    index.close()
