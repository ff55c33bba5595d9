"""Narrow columns of many rows: days of a zone, nothing and no rows, on both databases."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import case, insert, literal, null, select

from adwatch.store import schema as s
from adwatch.store.columns import WHEN
from adwatch.store.engine import writing
from adwatch.store.narrow import columns, given, local_days
from tests.store.world import NOON, World


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"])
def test_days_of_a_zone_are_those_of_its_clocks(name: str) -> None:
    zone, dice = ZoneInfo(name), random.Random(name)
    begin = datetime(2018, 10, 1, tzinfo=UTC)
    times = [begin + timedelta(minutes=dice.randrange(200 * 24 * 60)) for _ in range(4000)]
    days = local_days(np.array([each.replace(tzinfo=None) for each in times], "datetime64[us]"), zone)
    assert days.tolist() == [each.astimezone(zone).date() for each in times]


def test_columns_of_no_rows_and_of_nothing(world: World) -> None:
    with writing(world.engine) as connection:
        query = select(s.platform.c.id, s.platform.c.name)
        numbers, names = columns(connection, query, "number", "text")
        assert (len(numbers), names) == (0, [])
        connection.execute(
            insert(s.platform),
            [{"id": 7, "name": "一", "kind": "html"}, {"id": 9, "name": "二", "kind": "html"}],
        )
        numbers, names = columns(connection, query, "number", "text")
        assert sorted(zip(numbers.tolist(), names, strict=True)) == [(7, "一"), (9, "二")]
        values = case((s.platform.c.id == 7, "2026-11-18"))
        days, texts, times = columns(
            connection, select(values, values, literal(NOON, WHEN)).select_from(s.platform), "day", "text", "time"
        )
        assert sorted(map(str, days)) == ["2026-11-18", "NaT"]
        [none] = columns(connection, select(null()).select_from(s.platform), "day")
        assert list(map(str, none)) == ["NaT", "NaT"]
        assert sorted(texts) == ["", "2026-11-18"]
        assert times.tolist() == [NOON.replace(tzinfo=None)] * 2
        for wanted in ([], [9], [3, 7, 9]):
            some = given(connection, np.array(wanted, np.int64))
            found = connection.scalars(select(s.platform.c.id).join(some, some.c.value == s.platform.c.id))
            assert sorted(found) == sorted({7, 9} & set(wanted))
