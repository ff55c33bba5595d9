"""Which listings may hold a word: the pairs of its characters looked up in sorted runs, beside the FTS5 table.

FTS5 with one token a character reads, for a word made of everyday characters, what stands in nearly every listing. A
generation g therefore has ``run_g`` (a run: up to 65,536 listings), ``pair_g`` (the parts of the runs; of both see
adwatch.search.pairs) and ``gone_g`` (listings whose words a run has, and that have others now). What is put makes a new
run; of many of about one size one is made, so that there are few to be looked into.
Pairs that are gone leave the disk when their run is written anew: with others, or when an eighth of its listings is.
"""

# ruff: noqa: S608 - the only things put into SQL text are our table numbers; every value is a parameter

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from adwatch.search.pairs import (
    MOST,
    PART,
    Numbers,
    Places,
    ascending,
    bits_of,
    keys_of,
    packed,
    part_of,
    parts,
    places_of,
    postings_in,
    postings_of,
    unpacked,
)

ALIKE = 24
"""Runs of about one size that are made one: of 24 batches of ordinary listings a full run, so each is written twice."""
FULL = (MOST // 2, 8 << 20)
"""Listings, and postings, from which on a run is left as it is."""
AT_ONCE = 1 << 20
"""Characters and spaces whose pairs are sorted at a time: some 2,600 listings of 200 characters, 25 MB."""
SLICE = 1 << 19
"""Postings joined at a time, about."""
PART_BITS = 24
"""A run of 65,536 listings of a megabyte each has fewer parts."""
WORN = 8
"""A run is written anew when this part of its listings is gone."""


def make(connection: sqlite3.Connection, g: int) -> None:
    """Make the tables of a generation."""
    connection.execute(
        f"CREATE TABLE run_{g}(id INTEGER PRIMARY KEY, bits INTEGER, size INTEGER, many INTEGER, listings BLOB)"
    )
    connection.execute(f"CREATE TABLE pair_{g}(id INTEGER PRIMARY KEY, postings BLOB)")
    connection.execute(f"CREATE TABLE gone_{g}(run INTEGER, listing INTEGER, PRIMARY KEY(run, listing)) WITHOUT ROWID")


def drop(connection: sqlite3.Connection, g: int) -> None:
    """Drop them."""
    for table in ("run", "pair", "gone"):
        connection.execute(f"DROP TABLE IF EXISTS {table}_{g}")


def add(connection: sqlite3.Connection, g: int, listings: Sequence[int], chars: Sequence[str]) -> None:
    """Add the pairs of texts that are new; see Document.chars."""
    order = sorted(range(len(listings)), key=listings.__getitem__)
    listings, chars = [listings[n] for n in order], [chars[n] for n in order]
    for begin, end in _slices(chars):
        postings = postings_of(chars[begin:end])
        numbers = np.array(listings[begin:end], dtype=np.int64)
        bits = bits_of(len(postings))
        run = _new_run(connection, g, bits, len(postings), numbers)
        _write(connection, g, run, parts(postings, bits))
    _tidy(connection, g)


def _slices(chars: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where to cut: at AT_ONCE characters, or MOST texts; a longer text stands alone."""
    begin = long = 0
    for at, text in enumerate(chars):
        if at > begin and (long + len(text) > AT_ONCE or at - begin == MOST):
            yield begin, at
            begin, long = at, 0
        long += len(text)
    if len(chars) > begin:
        yield begin, len(chars)


def forget(connection: sqlite3.Connection, g: int, listings: Sequence[int]) -> None:
    """Note that the words of these listings are others now; to be called before theirs are added."""
    if not listings:
        return
    gone = np.array(sorted(listings), dtype=np.int64)
    for run, stored in connection.execute(f"SELECT id, listings FROM run_{g}").fetchall():
        numbers = unpacked(stored)
        here = gone[_among(numbers, gone)].tolist()
        connection.executemany(f"INSERT OR IGNORE INTO gone_{g} VALUES(?, ?)", ((run, number) for number in here))
        if here:
            count = f"SELECT count(*) FROM gone_{g} WHERE run = ?"
            if connection.execute(count, (run,)).fetchone()[0] * WORN >= len(numbers):
                _join(connection, g, [run])


def renew(connection: sqlite3.Connection, g: int) -> bool:
    """Write a run anew that has something that is gone; whether there was one."""
    row = connection.execute(f"SELECT run FROM gone_{g} LIMIT 1").fetchone()
    if row:
        _join(connection, g, [row[0]])
    return row is not None


def candidates(connection: sqlite3.Connection, g: int, phrase: str, most: int) -> set[int] | None:
    """Numbers of the listings in which all pairs of a folded phrase stand; None when these are more than ``most``.

    All that hold the phrase are among them; what is gone may be, and what holds the pairs elsewhere. The phrase has two
    characters or more.
    """
    keys = keys_of(phrase)
    found: set[int] = set()
    for run, bits in connection.execute(f"SELECT id, bits FROM run_{g}").fetchall():
        places = _places(connection, g, run, bits, keys)
        if len(places):
            row = connection.execute(f"SELECT listings FROM run_{g} WHERE id = ?", (run,)).fetchone()
            found.update(unpacked(row[0])[places].tolist())
        if len(found) > most:
            return None
    return found


def _places(connection: sqlite3.Connection, g: int, run: int, bits: int, keys: Sequence[int]) -> Places:
    nowhere: Places = np.empty(0, dtype=np.uint16)
    both: Places | None = None
    for key in keys:
        query = f"SELECT postings FROM pair_{g} WHERE id = ?"
        row = connection.execute(query, (_id(run, part_of(key, bits)),)).fetchone()
        here = places_of(key, row[0]) if row else nowhere
        both = here if both is None else np.intersect1d(both, here, assume_unique=True)
        if not len(both):
            break
    return nowhere if both is None else both


def _id(run: int, part: int) -> int:
    """Where a part stands: a table by row number is a third of the time to look up, and a tenth smaller (measured)."""
    return (run << PART_BITS) + part


def _new_run(connection: sqlite3.Connection, g: int, bits: int, size: int, listings: Numbers) -> int:
    row = (bits, size, len(listings), packed(listings))
    query = f"INSERT INTO run_{g}(bits, size, many, listings) VALUES(?, ?, ?, ?)"
    return connection.execute(query, row).lastrowid or 0


def _write(connection: sqlite3.Connection, g: int, run: int, made: Iterator[tuple[int, bytes]]) -> None:
    rows = ((_id(run, part), postings) for part, postings in made)
    connection.executemany(f"INSERT INTO pair_{g} VALUES(?, ?)", rows)


def _tidy(connection: sqlite3.Connection, g: int) -> None:
    """Join runs of about one size until nowhere are too many of them."""
    while crowd := _crowd(connection, g):
        _join(connection, g, crowd)


def _crowd(connection: sqlite3.Connection, g: int) -> list[int]:
    """Runs to be joined: the oldest of the smallest size of which there are too many, two at least."""
    alike: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    query = f"SELECT id, many, size FROM run_{g} ORDER BY id"
    for run, listings, size in connection.execute(query):
        if listings < FULL[0] and size < FULL[1]:
            alike[size.bit_length() // 3].append((run, listings, size))
    chosen: list[int] = []
    together = postings = 0
    for run, listings, size in next((alike[k] for k in sorted(alike) if len(alike[k]) >= ALIKE), [])[:ALIKE]:
        together, postings = together + listings, postings + size
        if together > MOST or (len(chosen) > 1 and postings > 2 * FULL[1]):
            break
        chosen.append(run)
    return chosen


def _join(connection: sqlite3.Connection, g: int, runs: Sequence[int]) -> None:
    """Make runs one, without what is gone."""
    query = f"SELECT id, bits, size, listings FROM run_{g} WHERE id IN (SELECT value FROM json_each(?))"
    rows = connection.execute(query, (json.dumps(list(runs)),)).fetchall()
    stored = [unpacked(row[3]) for row in rows]
    kept = [~_among(_gone(connection, g, row[0]), numbers) for row, numbers in zip(rows, stored, strict=True)]
    everyone = np.unique(np.concatenate([numbers[keep] for numbers, keep in zip(stored, kept, strict=True)]))
    places = [np.searchsorted(everyone, numbers).astype(np.uint64) for numbers in stored]
    size, bits = 0, bits_of(sum(row[2] for row in rows))
    new = _new_run(connection, g, bits, 0, everyone)
    cut = min(bits_of(sum(row[2] for row in rows) * PART // SLICE), bits, *(row[1] for row in rows))
    for number in range(1 << cut):
        found = []
        for (run, own, *_), place, keep in zip(rows, places, kept, strict=True):
            span = (_id(run, number << (own - cut)), _id(run, (number + 1) << (own - cut)))
            query = f"SELECT postings FROM pair_{g} WHERE id >= ? AND id < ?"
            for (part,) in connection.execute(query, span):
                keys, at = postings_in(part)
                found.append((keys | place[at])[keep[at]])
        joined = ascending(np.concatenate(found)) if found else np.empty(0, dtype=np.uint64)
        _write(connection, g, new, parts(joined, bits))
        size += len(joined)
    connection.execute(f"UPDATE run_{g} SET size = ? WHERE id = ?", (size, new))
    for run in runs:
        connection.execute(f"DELETE FROM pair_{g} WHERE id >= ? AND id < ?", (_id(run, 0), _id(run + 1, 0)))
        connection.execute(f"DELETE FROM gone_{g} WHERE run = ?", (run,))
        connection.execute(f"DELETE FROM run_{g} WHERE id = ?", (run,))


def _among(numbers: Numbers, asked: Numbers) -> npt.NDArray[np.bool_]:
    """Which of these are among some; both ascend."""
    if not len(numbers):
        return np.zeros(len(asked), dtype=np.bool_)
    at = np.searchsorted(numbers, asked)
    found: npt.NDArray[np.bool_] = numbers[np.minimum(at, len(numbers) - 1)] == asked
    return found


def _gone(connection: sqlite3.Connection, g: int, run: int) -> Numbers:
    rows = connection.execute(f"SELECT listing FROM gone_{g} WHERE run = ? ORDER BY listing", (run,)).fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64)
