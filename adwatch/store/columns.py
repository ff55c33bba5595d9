"""Column types that all tables of the store share, and the metadata they belong to."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Integer, MetaData
from sqlalchemy.types import TypeEngine

from adwatch.store.times import UtcDateTime

metadata = MetaData()

ID: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
"""A surrogate key."""
WHEN = UtcDateTime()
"""An aware UTC time."""
DATA = JSON(none_as_null=True)
"""Lists and mappings; None is NULL."""
