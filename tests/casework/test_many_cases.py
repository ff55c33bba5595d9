"""With many cases behind them: what is looked up for some listings or days reads only what is theirs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from adwatch.app import reports
from adwatch.store import schema as s
from adwatch.store.corrections import standing
from adwatch.store.engine import reading, writing
from adwatch.store.report_figures import confirmed
from tests.casework.office import ZONE, decide
from tests.store.world import NOON, World, listing

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
DECEMBER = (date(2026, 12, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("findings", "november", "december"),
    [
        ([("confirm", 0), ("confirm", 20)], 1, 0),
        ([("confirm", 0), ("dismiss", 1), ("confirm", 20)], 0, 1),
        ([("dismiss", 0), ("confirm", 20)], 0, 1),
        ([("confirm", 0), ("doubt", 20)], 0, 0),
        ([("confirm", -30), ("confirm", 0)], 0, 0),
        ([("confirm", 0), ("dismiss", 1), ("confirm", 2), ("confirm", 20)], 1, 0),
    ],
)
def test_a_lead_counts_on_the_day_of_the_first_finding_since_the_last_other(
    world: World, findings: list[tuple[str, int]], november: int, december: int
) -> None:
    case = world.flag(listing("1"))
    values = {"case_id": case, "person": "李四", "unit": "某局", "reason": "", "may_train": False}
    with writing(world.engine) as connection:
        for result, days in findings:
            at: datetime = NOON + timedelta(days=days)
            connection.execute(s.decision.insert().values(**values, result=result, at=at))
    with reading(world.engine) as connection:
        counts = [confirmed(connection, *period, ZONE).count(connection) for period in (NOVEMBER, DECEMBER)]
    assert counts == [november, december]


def test_corrections_are_looked_up_by_their_listings(world: World) -> None:
    if world.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL knows how many cases are in a state")
    case = world.flag(listing("1"))
    decide(world, case)
    said: list[tuple[str, Any]] = []
    with reading(world.engine) as connection:
        event.listen(world.engine, "before_cursor_execute", lambda *given: said.append((given[2], given[3])))
        standing(connection, list(range(1, 501)))  # of few, SQLite knows itself
        statement, given = said[-1]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
    steps = [row[3] for row in plan]
    assert steps[0].startswith("SEARCH case_listing USING INTEGER PRIMARY KEY"), steps
    assert not any("ix_case_" in step and "SEARCH case USING" in step for step in steps), steps


def test_rows_behind_a_cell_are_counted_without_being_read() -> None:
    listed = {"listings": [{"listing_id": "a"}, {"listing_id": "b"}]}
    table = {
        "departments": ["ours", "theirs"],
        "own": {"ours": {"x": listed}, "theirs": {"x": {"value": 3, "by": "王芳", "at": "2026-11-18"}}},
        "declared": {"ours": {}, "theirs": {"x": {"parts": [{"value": 1}, {"value": 2}]}}},
    }
    assert reports.count_behind(table, "x") == 5
    assert reports.count_behind(table, "y") == 0
