"""Work that never was: seen inside, by nobody else, and gone afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, func, select

from adwatch.models import Listing
from adwatch.store import schema as s
from adwatch.store.captures import platform_id
from adwatch.store.engine import reading, writing
from adwatch.store.listings import upsert_listings
from adwatch.store.undone import undone
from tests.conftest import FixedClock


def count(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return [
            int(connection.scalar(select(func.count()).select_from(table)) or 0) for table in s.metadata.sorted_tables
        ]


def test_nothing_stays_and_nobody_sees_it(engine: Engine, clock: FixedClock) -> None:
    before = count(engine)
    item = Listing(platform="p", native_id="1", title="t", text="x")
    with undone(engine) as inside:
        done = upsert_listings(inside, "p", [item], "2026-11-18", clock.now())
        assert done.counts["new"] == 1
        assert count(inside) != before
        assert count(engine) == before
    assert count(engine) == before


def test_it_is_gone_after_an_error_too(engine: Engine) -> None:
    before = count(engine)
    with pytest.raises(ZeroDivisionError), undone(engine) as inside, writing(inside) as connection:
        platform_id(connection, "p")
        raise ZeroDivisionError
    assert count(engine) == before
    with writing(engine) as connection:
        platform_id(connection, "p")
    assert count(engine) != before, "the store can be written afterwards"
