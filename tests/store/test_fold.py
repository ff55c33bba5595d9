"""Of each subject the queue shows the first case that fits, as picked out one by one, and reads no further for it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import Engine, event

from adwatch.store import queue
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.store.filters import Filters
from tests.store.databases import engine, migrated_file, migrated_server, postgresql_server, store_url
from tests.store.world import NOON

__all__ = ["engine", "migrated_file", "migrated_server", "postgresql_server", "store_url"]

SCOPES = ("safety_production", "other_credential")
STATES = ("screening", "registered", "confirmed")
WANTED = (
    Filters(fold=True),
    Filters(states=STATES[:2], fold=True),
    Filters(scope="other_credential", fold=True),
    Filters(states=("registered",), scope="safety_production", fold=True),
)


def drawn(engine: Engine, dice: random.Random) -> list[dict[str, Any]]:
    """Cases of few scores, so that many stand alike, some of no subject."""
    rows = [
        {
            "id": number,
            "state": dice.choice(STATES),
            "scope": dice.choice(SCOPES),
            "score": dice.choice((0.0, 0.25, 0.5, 1.0)),
            "subject_id": dice.choice((None, *range(1, 13))),
        }
        for number in range(1, 201)
    ]
    with writing(engine) as connection:
        for row in rows:
            connection.execute(s.case.insert().values(**row, opened_at=NOON, opened_day="2026-11-18"))
    return rows


def first_of_each(rows: list[dict[str, Any]], filters: Filters) -> list[int]:
    seen, found = set[int](), []
    fitting = [row for row in rows if not filters.states or row["state"] in filters.states]
    fitting = [row for row in fitting if filters.scope in (None, row["scope"])]
    for row in sorted(fitting, key=lambda row: (-SCOPES[::-1].index(row["scope"]), -row["score"], row["id"])):
        if row["subject_id"] is None or row["subject_id"] not in seen:
            found.append(row["id"])
        seen.add(row["subject_id"])
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_first_of_each_subject_is_shown(engine: Engine, seed: int) -> None:
    rows = drawn(engine, random.Random(seed))
    with reading(engine) as connection:
        for filters in WANTED:
            wanted = first_of_each(rows, filters)
            assert [case["id"] for case in queue.page(connection, filters, None, 300)] == wanted
            assert [case["id"] for case in queue.page(connection, filters, None, 5)] == wanted[:5]
        assert len(first_of_each(rows, WANTED[0])) < len(rows) / 2


@pytest.mark.parametrize(("scope", "bound"), [(None, "scope>?"), ("other_credential", "scope=? AND score>?")])
def test_what_stands_before_a_case_in_its_subject_is_read_no_further(
    engine: Engine, scope: str | None, bound: str
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("the plan is SQLite's")
    said: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *given: said.append((given[2], given[3])))
    with reading(engine) as connection:
        queue.page(connection, Filters(states=("screening",), scope=scope, fold=True), None, 25)
        [(statement, values)] = [each for each in said if "NOT (EXISTS" in each[0]]
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    before = {step.partition(" USING ")[2] for step in plan if step.startswith("SEARCH case_1 ")}
    assert before == {f"INDEX ix_case_subject (subject_id=? AND {bound})"}
