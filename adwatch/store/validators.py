"""Validators by address: what a site gave us to ask "has it changed?" with, and the capture that they came with."""

from __future__ import annotations

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.ports import Validator
from adwatch.store import schema as s
from adwatch.store.captures import capture_by_id
from adwatch.store.engine import reading, writing

_GET = select(s.validator).where(s.validator.c.url == bindparam("address"))


class StoredValidators:
    """The ``validator`` table."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def get(self, url: str) -> Validator | None:
        """Of the newest whole answer; None where its capture is no longer stored."""
        with reading(self.engine) as connection:
            row = connection.execute(_GET, {"address": url}).first()
        capture = capture_by_id(self.engine, row.capture_id) if row else None
        return Validator(row.etag, row.last_modified, capture) if row and capture else None

    def put(self, url: str, etag: str | None, last_modified: str | None, capture_id: int) -> None:
        """Remember, in the place of what was known."""
        insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        values = {"etag": etag, "last_modified": last_modified, "capture_id": capture_id}
        statement = insert(s.validator).values(url=url, **values)
        with writing(self.engine) as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["url"], set_=values))
