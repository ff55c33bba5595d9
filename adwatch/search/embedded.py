"""The built-in index: SQLite FTS5 in a database file of its own, one token a character.

Layout of ``search.db``: ``meta(key, value)`` names the live generation, its layout and newest version; a generation g
has ``doc_g`` (order of the hits, stored body as JSON) and ``ft_g``, a contentless FTS5 table of two columns: ``chars``
(folded title, a break, folded text) and ``tags`` (flagged, platform, address, contact keys, as hashes). The ``ascii``
tokenizer takes every character beyond ASCII as it is, so that no table of SQLite's decides what a letter is. A posting
is deleted by giving its text again, folded anew from the body: hence the digest of the fold in the layout. Beside it
stand the pairs of neighbouring characters (see adwatch.search.runs), by which a word of everyday characters is found.
"""

# ruff: noqa: S608 - the only things put into SQL text are our table numbers; every value is a parameter

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson

from adwatch.errors import SearchError
from adwatch.failpoints import failpoint
from adwatch.search import runs, tables
from adwatch.search.base import Found, Put, Query, Status, another_version, folded_phrases, wanted
from adwatch.search.document import Document, spaced_bodies
from adwatch.search.keys import contact_secret
from adwatch.search.matching import find, holding, tags

WRITERS_CACHE_KIB = 16384
"""Of SQLite's pages, for the connection that writes: four times as much is hardly faster, and a patrol grows by it."""


def _doc_row(document: Document) -> tuple[Any, ...]:
    body = document.body
    order = (body["flagged"], body["score"], body["first_seen"], body["last_seen"], bytes.fromhex(body["listing_id"]))
    return (document.id, document.version, *order, orjson.dumps(body))


class EmbeddedIndex:
    """An index in ``search.db`` of the home folder; safe with one writer and any number of readers, in any process."""

    def __init__(self, home: Path, generation: int | None = None) -> None:
        self.home = home
        self.secret = contact_secret(home)
        self.file = home / "search.db"
        self.name = str(self.file)
        self._generation = generation
        self._writer: sqlite3.Connection | None = None

    @property
    def generation(self) -> int | None:
        """Number of a new generation; None for the live one."""
        return self._generation

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise SearchError(f"{self.name}: {error}; run adwatch index rebuild, or see adwatch doctor") from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=60, isolation_level=None, check_same_thread=False)
        for pragma in ("synchronous=FULL", "cache_size=-65536", "temp_store=MEMORY", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @contextmanager
    def _reading(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        """A connection in one snapshot, and the generation to read."""
        if not self.file.exists():
            raise SearchError(f"{self.name}: there is no index yet; run adwatch index rebuild")
        with self._errors(), closing(self._connect()) as connection:
            connection.execute("BEGIN")
            yield connection, self._live(connection)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._errors():
            if self._writer is None:
                self._writer = self._connect()
                self._writer.execute(f"PRAGMA cache_size=-{WRITERS_CACHE_KIB}")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise

    def _meta(self, connection: sqlite3.Connection, key: str) -> str | None:
        row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def _live(self, connection: sqlite3.Connection) -> int:
        generation = self._generation
        if generation is None:
            generation = int(self._meta(connection, "live") or 0)
        if not generation or self._meta(connection, f"layout_{generation}") != tables.form():
            raise another_version(self.name)
        return generation

    def prepare(self) -> bool:
        """Make the file, its tables and the first generation when there is none, and say so."""
        with self._errors():
            self.home.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as connection:
                self._make_meta(connection)
        with self._writing() as connection:
            made = self._meta(connection, "live") is None
            if made:
                self._make(connection, 1)
                connection.execute("INSERT INTO meta VALUES('live', '1')")
            self._live(connection)
        return made

    def _make_meta(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")

    def _make(self, connection: sqlite3.Connection, g: int) -> None:
        tables.make(connection, g)
        connection.execute("INSERT OR REPLACE INTO meta VALUES(?, ?)", (f"layout_{g}", tables.form()))

    def put(self, documents: Sequence[Document]) -> Put:
        """Upsert in one durable transaction; the postings are touched only where text or tags changed."""
        done = Put()
        with self._writing() as connection:
            g = self._live(connection)
            known = self._known(connection, g, [d.id for d in documents])
            fresh: list[Document] = []
            for document in documents:
                old = known.get(document.id)
                if old and old["listing_id"] != document.body["listing_id"]:
                    raise SearchError(f"{self.name}: belongs to another store; run adwatch index rebuild")
                if old and old["version"] > document.version:
                    done.older += 1
                else:
                    fresh.append(document)
            self._replace(connection, g, fresh, known)
            self._raise_newest(connection, g, max((d.version for d in fresh), default=0))
            failpoint("index.before_commit")
        done.kept = len(fresh)
        return done

    def _known(self, connection: sqlite3.Connection, g: int, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        query = f"SELECT id, body FROM doc_{g} WHERE id IN (SELECT value FROM json_each(?))"
        return {row[0]: orjson.loads(row[1]) for row in connection.execute(query, (json.dumps(list(ids)),))}

    def _replace(
        self, connection: sqlite3.Connection, g: int, fresh: Sequence[Document], known: dict[int, dict[str, Any]]
    ) -> None:
        postings = {d.id: (d.chars, tags(d.body)) for d in fresh}
        words = {d.id: d.chars for d in fresh}
        gone = [known[i] for i in postings if i in known]
        ids = [i for i in postings if i in known]
        for i, body, chars in zip(ids, gone, spaced_bodies(gone), strict=True):
            old = (chars, tags(body))
            if chars == words[i]:
                del words[i]
            if old == postings[i]:
                del postings[i]
            else:
                delete = f"INSERT INTO ft_{g}(ft_{g}, rowid, chars, tags) VALUES('delete', ?, ?, ?)"
                connection.execute(delete, (i, *old))
        connection.executemany(
            f"INSERT INTO ft_{g}(rowid, chars, tags) VALUES(?, ?, ?)", ((i, *both) for i, both in postings.items())
        )
        runs.forget(connection, g, [i for i in words if i in known])
        runs.add(connection, g, list(words), list(words.values()))
        connection.executemany(
            f"INSERT OR REPLACE INTO doc_{g} VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            map(_doc_row, fresh),
        )

    def _raise_newest(self, connection: sqlite3.Connection, g: int, version: int) -> None:
        newest = max(version, int(self._meta(connection, f"newest_{g}") or 0))
        connection.execute("INSERT OR REPLACE INTO meta VALUES(?, ?)", (f"newest_{g}", str(newest)))

    def refresh(self) -> None:
        """Nothing to do: a commit is seen at once."""

    def forget(self) -> int:
        """What was replaced leaves the disk; a piece in a transaction."""
        begin = more = True
        while more:
            with self._writing() as connection:
                more = tables.forget(connection, self._live(connection), begin)
            begin = False
            tables.let_others_write()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return 0

    def search(self, query: Query) -> Found:
        """Listings found, in the order of Found."""
        want = wanted(query, self.secret)
        with self._reading() as (connection, g):
            return find(connection, g, want, query)

    def holding(self, phrases: Sequence[str]) -> Iterator[str]:
        """Ids of all listings in which any of the phrases is found, each once."""
        with self._reading() as (connection, g):
            yield from holding(connection, g, folded_phrases(phrases))

    def newest(self) -> int:
        """Highest version in it; 0 when empty."""
        with self._reading() as (connection, g):
            return int(self._meta(connection, f"newest_{g}") or 0)

    def parts(self) -> tuple[str, ...]:
        """All listings; the hits are no part of their own."""
        return ("all",)

    def newer(self, version: int) -> Iterator[str]:
        """Ids of the listings in that version or a later one; none where there is no index of our layout."""
        if not self._is_ours():
            return
        with self._reading() as (connection, g):
            query = f"SELECT lower(hex(listing_id)) FROM doc_{g} WHERE version >= ?"
            yield from (row[0] for row in connection.execute(query, (version,)))

    def _is_ours(self) -> bool:
        with self._errors(), closing(self._connect()) as connection:
            return self._meta(connection, f"layout_{self._meta(connection, 'live')}") == tables.form()

    def entries(self, part: str = "all") -> Iterator[tuple[str, str]]:
        """(listing id, first day), sorted."""
        with self._reading() as (connection, g):
            yield from connection.execute(f"SELECT lower(hex(listing_id)), first_seen FROM doc_{g} ORDER BY listing_id")

    def bodies(self, documents: Sequence[Document], part: str = "all") -> list[dict[str, Any] | None]:
        """What it holds for each of these, in order."""
        with self._reading() as (connection, g):
            known = self._known(connection, g, [d.id for d in documents])
        return [known.get(d.id) for d in documents]

    def rebuilding(self, generation: int = 0) -> EmbeddedIndex:
        """A new generation of tables in the same file, or the unfinished one of that number; others are dropped."""
        self._reset_if_broken()
        with self._writing() as connection:
            live = int(self._meta(connection, "live") or 0)
            if generation > live and self._meta(connection, f"layout_{generation}") == tables.form():
                self._drop_but(connection, live, generation)
            else:
                self._drop_but(connection, live)
                generation = live + 1
                self._make(connection, generation)
        return EmbeddedIndex(self.home, generation)

    def _reset_if_broken(self) -> None:
        """Make the file; one that SQLite cannot read is deleted first."""
        try:
            with closing(self._connect()) as connection:
                self._make_meta(connection)
        except sqlite3.OperationalError as error:
            raise SearchError(f"{self.name}: {error}; see adwatch doctor") from error
        except sqlite3.DatabaseError:
            self.drop()
            with self._errors(), closing(self._connect()) as connection:
                self._make_meta(connection)

    def switch(self) -> None:
        """Let searches see this generation; who is reading in another goes on in its snapshot."""
        if self._generation is None:
            return
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES('live', ?)", (str(self._generation),))
            self._drop_but(connection, self._generation)
        self._generation = None

    def drop_others(self) -> None:
        """Nothing is left of them after the switch."""

    def _drop_but(self, connection: sqlite3.Connection, *kept: int) -> None:
        for g in tables.made(connection):
            if g not in kept:
                tables.drop(connection, g)
                connection.execute("DELETE FROM meta WHERE key IN (?, ?)", (f"layout_{g}", f"newest_{g}"))

    def drop(self) -> None:
        """Delete the file."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)

    def status(self) -> Status:
        """Counts, size and health."""
        with self._reading() as (connection, g):
            total, flagged = connection.execute(f"SELECT count(*), coalesce(sum(flagged), 0) FROM doc_{g}").fetchone()
        files = (self.file.with_name(self.file.name + suffix) for suffix in ("", "-wal"))
        return Status(self.name, total, flagged, sum(f.stat().st_size for f in files if f.exists()), "ok")

    def close(self) -> None:
        """Let go of the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
