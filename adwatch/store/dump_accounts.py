"""Accounts in the canonical dump: who may do what, never a password, a session or a link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from adwatch.store import schema as s

SHOWN = ("name", "person", "unit", "role", "regions", "families", "active")


def who_signs_in(connection: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    """(table, values) of accounts and of their saved views."""
    for row in connection.execute(select(s.account)):
        yield "account", {name: getattr(row, name) for name in SHOWN}
    views = select(s.saved_view.c.name, s.saved_view.c.query, s.account.c.name.label("account"))
    for row in connection.execute(views.join(s.account, s.account.c.id == s.saved_view.c.account_id)):
        yield "saved_view", dict(row._mapping)
