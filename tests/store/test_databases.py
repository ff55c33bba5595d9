"""The tests of the store really run on both databases, and where PostgreSQL is required a skip is a failure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.store.databases import not_tried

HERE = Path(__file__).parent
SQLITE_ONLY = {"test_sqlite_writers_wait_for_each_other", "test_a_store_that_cannot_be_used_is_one_sentence"}
"""Tests of what only a file can be: WAL, broken bytes, a folder that is none."""


def test_where_postgresql_is_required_a_skip_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADWATCH_TEST_REQUIRE_POSTGRESQL", "1")
    with pytest.raises(pytest.fail.Exception, match="no server"):
        not_tried("no server")
    monkeypatch.setenv("ADWATCH_TEST_REQUIRE_POSTGRESQL", "")
    with pytest.raises(pytest.skip.Exception, match="no server"):
        not_tried("no server")


def test_each_database_is_the_one_it_says(engine: Engine, request: pytest.FixtureRequest) -> None:
    asked = request.node.callspec.params["engine"]
    assert engine.dialect.name == asked
    with engine.connect() as connection:
        query = "SELECT sqlite_version()" if asked == "sqlite" else "SELECT version()"
        assert ("PostgreSQL" in str(connection.scalar(text(query)))) == (asked == "postgresql")


def test_no_test_of_the_store_opens_a_database_of_its_own() -> None:
    opening = set()
    for file in HERE.glob("test_*.py"):
        for body in re.split(r"^(?=def )", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            if "open_engine(f" in body and file != Path(__file__):
                opening.add(body[4 : body.index("(")])
    assert opening == SQLITE_ONLY
