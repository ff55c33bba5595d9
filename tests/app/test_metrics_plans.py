"""What a watcher asks each few seconds never reads a whole table that grows with every day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from adwatch.app.metrics import exposition
from adwatch.app.office import Office
from adwatch.settings import load_settings

GROWS = ("listing", "listing_version", "verdict", "capture", "run")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(load_settings(home=tmp_path / "home")) as found:
        yield found


def plan(office: Office, sql: str, parameters: Any = ()) -> list[str]:
    """What SQLite would do."""
    with office.engine.connect() as connection:
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)]


def scanned(steps: list[str]) -> list[str]:
    """Steps that read all of a table that grows; all of an index up to a LIMIT is none of them."""
    whole = re.compile(rf"SCAN ({'|'.join(GROWS)})\b(?! USING)")
    return [step for step in steps if whole.match(step)]


def test_no_table_that_grows_is_read_whole(office: Office) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        asked.append((sql, parameters))

    event.listen(office.engine, "before_cursor_execute", note)
    exposition(office)
    event.remove(office.engine, "before_cursor_execute", note)
    selects = [(sql, parameters) for sql, parameters in asked if sql.startswith("SELECT")]
    assert len(selects) > 8
    assert any("FROM run JOIN platform" in sql for sql, _ in selects)
    assert [step for sql, parameters in selects for step in scanned(plan(office, sql, parameters))] == []


def test_a_whole_table_would_be_seen(office: Office) -> None:
    assert scanned(plan(office, "SELECT id FROM run WHERE day >= '2026-11-01' ORDER BY id")) == ["SCAN run"]
