"""The tables of one generation of the embedded index: documents, postings by character, postings by pair."""

from __future__ import annotations

import sqlite3
import time

from adwatch.search import runs
from adwatch.search.fields import layout

FORM = 3
"""Raise it when the tables are others: the embedded index is then rebuilt, a cluster's is not. 3: pairs."""

TUNING = {"hashsize": 16 << 20, "automerge": 16}
"""FTS5 collects 16 MB before it writes a segment and merges 16 at a time, not 4: each a fifth faster, measured."""


PAGES = 500
"""Pages that FTS5 merges in one transaction when something is to be forgotten: others write in between."""
GAP = 0.02
"""Seconds in between: SQLite lets one who waits look every tenth of a second."""


def form() -> str:
    """What the tables and what stands in them depend on."""
    return f"{layout()}-{FORM}"


def make(connection: sqlite3.Connection, g: int) -> None:
    """Make the tables of a generation."""
    connection.execute(
        f"CREATE TABLE doc_{g}(id INTEGER PRIMARY KEY, version INTEGER, flagged INTEGER, score REAL,"
        " first_seen TEXT, last_seen TEXT, listing_id BLOB, body BLOB)"
    )
    connection.execute(f"CREATE INDEX order_{g} ON doc_{g}(flagged DESC, score DESC, first_seen DESC, listing_id)")
    connection.execute(
        f"CREATE VIRTUAL TABLE ft_{g} USING fts5(chars, tags, content='', columnsize=0, tokenize='ascii')"
    )
    connection.executemany(f"INSERT INTO ft_{g}(ft_{g}, rank) VALUES(?, ?)", TUNING.items())
    runs.make(connection, g)


def made(connection: sqlite3.Connection) -> list[int]:
    """The generations that are there."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE name GLOB 'doc_[0-9]*'").fetchall()
    return [int(row[0].removeprefix("doc_")) for row in tables]


def drop(connection: sqlite3.Connection, g: int) -> None:
    """Drop a generation."""
    connection.execute(f"DROP TABLE doc_{g}")
    connection.execute(f"DROP TABLE ft_{g}")
    runs.drop(connection, g)


def forget(connection: sqlite3.Connection, g: int, begin: bool) -> bool:
    """One step of what makes all postings that were deleted leave the disk; whether there may be more to do.

    FTS5 keeps what was deleted until the segments that it stands in are merged. Beginning, a negative number makes it
    take all segments for one merge (SQLite's documentation of FTS5, "the 'merge' command").
    """
    before = connection.total_changes
    merge = f"INSERT INTO ft_{g}(ft_{g}, rank) VALUES('merge', ?)"
    connection.execute(merge, (-PAGES if begin else PAGES,))
    return connection.total_changes - before > 1 or runs.renew(connection, g)


def let_others_write() -> None:
    """Between two steps of forget(): who waits for the file would otherwise hardly ever find it free."""
    time.sleep(GAP)
