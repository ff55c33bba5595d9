"""A confirmation of the console counts once, however many processes bring it at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from adwatch.store import accounts
from adwatch.store.engine import writing

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
HOLDS = timedelta(minutes=20)


def test_of_many_that_bring_one_at_once_one_is_the_first(engine: Engine) -> None:
    def take(_: int) -> bool:
        with writing(engine) as connection:
            return accounts.take_token(connection, "token", NOW, HOLDS)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(16))) == [False] * 15 + [True]
    with writing(engine) as connection:
        assert accounts.take_token(connection, "another", NOW, HOLDS)
