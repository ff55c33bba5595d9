"""Many rows at once come to the same as one by one, however many they are and whatever stands in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from adwatch.store import schema as s
from adwatch.store.bulk import WORTH_A_COPY, insert_rows, update_rows
from adwatch.store.engine import db_time, reading, writing
from adwatch.store.listings import upsert_listings
from tests.store.world import DAY, NOON, World, listing

HARD = ("", "\\", "\\N", "\\.", "a\tb", "两行\n文本\r", '引"号', "'", "😀", "null", "{}", None)
"""Text that means something in COPY's own format, or looks as if it did."""
SIZES = (1, len(HARD), WORTH_A_COPY - 1, WORTH_A_COPY, 3 * WORTH_A_COPY)
COLUMNS = ("id", "key", "listing_id", "shown", "looked_at", "looked_day", "gone")


def _rows(connection: Any, count: int, shift: int = 0) -> list[tuple[Any, ...]]:
    text = [(HARD[(number + shift) % len(HARD)] or "")[:32] for number in range(count)]
    return [
        (n + 1, n.to_bytes(16, "big"), n if n % 3 else None, text[n], db_time(connection, NOON), DAY, bool(n % 2))
        for n in range(count)
    ]


@pytest.mark.parametrize("count", SIZES)
def test_inserted_and_updated_rows_are_as_they_were_given(engine: Engine, count: int) -> None:
    with writing(engine) as connection:
        insert_rows(connection, s.look, COLUMNS, _rows(connection, count))
        given = [(*row[:4], NOON, *row[5:]) for row in _rows(connection, count)]
        assert [tuple(row) for row in connection.execute(select(s.look).order_by(s.look.c.id))] == given
        other = _rows(connection, count, shift=5)
        half = [(row[0], None, row[3], db_time(connection, NOON + timedelta(days=1))) for row in other[::2]]
        for _ in range(2):  # twice in one transaction: nothing of the first is in the way
            update_rows(connection, s.look, ("listing_id", "shown", "looked_at"), half)
    wanted = given.copy()
    for at in range(0, count, 2):
        wanted[at] = (*given[at][:2], None, other[at][3], NOON + timedelta(days=1), *given[at][5:])
    with reading(engine) as connection:
        assert [tuple(row) for row in connection.execute(select(s.look).order_by(s.look.c.id))] == wanted


@pytest.mark.parametrize("count", SIZES)
def test_a_row_that_is_there_is_an_error_of_the_one_kind_and_nothing_stays(engine: Engine, count: int) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        rows = _rows(connection, count)
        insert_rows(connection, s.look, COLUMNS, [*rows, (0, *rows[-1][1:])])
    with reading(engine) as connection:
        assert connection.execute(select(s.look)).all() == []


def test_hard_text_is_stored_as_it_is_in_small_and_in_large_batches(engine: Engine) -> None:
    texts = [text for text in HARD if text] * 6
    assert len(texts) > WORTH_A_COPY
    items = [listing(str(n), text, images=(text,), price_text=text[:9]) for n, text in enumerate(texts)]
    upsert_listings(engine, "plaza", items[:7], DAY, NOON)
    upsert_listings(engine, "plaza", items, DAY, NOON)
    later = [listing(str(n), text, images=(text,), price_text="九折") for n, text in enumerate(texts)]
    done = upsert_listings(engine, "plaza", later, "2026-11-19", NOON + timedelta(days=1))
    assert done.counts["unchanged"] == len(texts)
    world = World(engine)
    rows = sorted(world.rows(s.listing_version), key=lambda row: int(row["title"].removeprefix("商品")))
    assert [(row["text"], row["images"]) for row in rows] == [(text, [text]) for text in texts]
    assert {(row["price_text"], row["last_seen_day"]) for row in world.rows(s.listing)} == {("九折", "2026-11-19")}
