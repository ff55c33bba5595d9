"""How many requests of a day's budget are spent: a row a name and day, shared by all workers."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from adwatch.store.columns import metadata

budget_use = Table(
    "budget_use",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("used", Integer, nullable=False),
)
