"""How far the making of a new index has come, so that one that was killed goes on where it was."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, select, update

from adwatch.store import schema as s
from adwatch.store.engine import reading, writing


@dataclass(frozen=True, slots=True)
class Rebuild:
    """An index that is being made."""

    name: str
    """The index that it will take the place of."""
    form: str
    """Digest of all that its documents depend on besides the store."""
    generation: int
    """Number of the new index."""
    version: int
    """Number of the outbox when it was begun: what the old index took later is newer."""
    listing_id: int = 0
    """It holds the listings up to this surrogate key."""


def unfinished(engine: Engine, name: str) -> Rebuild | None:
    """The rebuild of that index which never came to its end."""
    with reading(engine) as connection:
        row = connection.execute(select(s.index_rebuild).where(s.index_rebuild.c.name == name)).first()
    return None if row is None else Rebuild(*row)


def begun(engine: Engine, rebuild: Rebuild) -> None:
    """Remember a new one; there is none of that name."""
    values = {name: getattr(rebuild, name) for name in Rebuild.__slots__}
    with writing(engine) as connection:
        connection.execute(insert(s.index_rebuild).values(**values))


def reached(connection: Connection, name: str, listing_id: int) -> None:
    """Remember how far it has come."""
    table = s.index_rebuild
    connection.execute(update(table).where(table.c.name == name).values(listing_id=listing_id))


def ended(engine: Engine, name: str) -> None:
    """Forget it."""
    with writing(engine) as connection:
        connection.execute(delete(s.index_rebuild).where(s.index_rebuild.c.name == name))
