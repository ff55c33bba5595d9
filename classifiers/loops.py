"""The loops over every character of a batch: compiled from loops.c where a C compiler was at hand, else by NumPy.

Both give the same. What NumPy does in several passes with arrays between them is one pass in C; it takes a third of the
time.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import numpy as np
import numpy.typing as npt

from classifiers.arrays import Chars, Index, Marks, codes, look_up, run_beginnings

BITS = 20
BUCKETS = 1 << BITS
"""Of the runs of one, two and three characters."""
SPOTS = "@:."
"""Stand in addresses."""
VOID = 0
"""The bucket that has no weight."""
Hashes = npt.NDArray[np.uint32]
Weights = npt.NDArray[np.int16]
_SHIFT = np.uint32(32 - BITS)
_MIX = np.uint32(2654435761)
_NEXT = np.uint32(31)
_SPREAD = (np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35))


def _compiled() -> ModuleType | None:
    try:
        return import_module("classifiers._loops")
    except ModuleNotFoundError:  # no C compiler where this was installed
        return None


compiled = _compiled()


def fold(text: str, table: Chars) -> tuple[Chars, Chars, Index]:
    """The characters of a text, what ``table`` has for them, and where one of SPOTS is."""
    if compiled:
        raw, light = np.empty(len(text), dtype=np.uint32), np.empty(len(text), dtype=np.uint32)
        spots = np.empty(len(text), dtype=np.int64)
        return raw, light, spots[: compiled.fold(text, table, raw, light, spots)].copy()
    raw = codes(text)
    return raw, look_up(table, raw), np.flatnonzero(np.isin(raw, codes(SPOTS)))


def squeeze(chars: Chars, stops: Index, mark: int) -> tuple[Chars, Index, Index]:
    """What is not 0, where it stood, and where ``mark`` stands then; it stands at the ``stops`` and nowhere else.

    ``chars`` is used up.
    """
    if compiled:
        index, ends = np.empty(len(chars), dtype=np.int64), np.empty(len(stops), dtype=np.int64)
        kept = compiled.squeeze(chars, index, ends, mark)
        return chars[:kept], index[:kept], ends
    index = np.flatnonzero(chars != 0)
    return look_up(chars, index), index, np.searchsorted(index, stops)


def runs(heavy: Chars, ends: Index) -> tuple[Hashes, Hashes, Hashes]:
    """Buckets of the runs of one, two and three characters, by the place where they begin.

    Texts end at ``ends``, where a separator stands; a run that would reach into the next text is VOID.
    """
    one = heavy * _MIX
    two = one[:-1] * _NEXT + one[1:]
    three = two[:-1] * _NEXT + one[2:]
    third = (three * _SPREAD[2]) >> _SHIFT
    third[ends[:-1][ends[:-1] > 0] - 1] = VOID
    return (one * _SPREAD[0]) >> _SHIFT, (two * _SPREAD[1]) >> _SHIFT, third


def totals(chars: Chars, table: Chars, weights: Weights, ends: Index) -> npt.NDArray[np.int32]:
    """Sums of the weights of all runs that begin before each place, and of all; characters are read as ``table`` has
    them, and the last of ``ends`` is the last character.

    The weight of VOID is 0, those of three runs together fit into 16 bits.
    """
    total = np.empty(len(chars) + 1, dtype=np.int32)
    if compiled:
        compiled.totals(chars, table, weights, total, int(chars[-1]), int(_SHIFT))
        return total
    one, two, three = runs(look_up(table, chars), ends)
    at = look_up(weights, one)
    at[:-1] += look_up(weights, two)
    at[:-2] += look_up(weights, three)
    total[0] = 0
    np.cumsum(at, dtype=np.int32, out=total[1:])
    return total


def pairs(chars: Chars, ident: npt.NDArray[np.uint16], pair: Marks, number: int) -> tuple[Index, Marks]:
    """Where two neighbours have bits in ``pair``, and which; it is asked by the ``ident`` of the first times ``number``
    and that of the second.
    """
    if compiled:
        places, bits = np.empty(len(chars), dtype=np.int64), np.empty(len(chars), dtype=np.uint8)
        found = compiled.pairs(chars, ident, number, pair, places, bits)
        return places[:found].copy(), bits[:found].copy()
    ids = look_up(ident, chars).astype(np.int64)
    both = look_up(pair, ids[:-1] * number + ids[1:])
    places = np.flatnonzero(both)
    return places, both[places]


def marks(chars: Chars, ident: Marks, latin: int, numeral: int) -> tuple[Marks, Index, Index, Index]:
    """Numbers of the characters in ``ident``, where one has any, and where runs of five of at least ``latin`` and of
    ten of at least ``numeral`` begin.
    """
    if compiled:
        size = len(chars)
        ids, known, fives, tens = np.empty(size, dtype=np.uint8), *(np.empty(size, dtype=np.int64) for _ in range(3))
        ends = compiled.marks(chars, ident, ids, known, fives, tens, latin, numeral)
        known, fives, tens = (places[:end].copy() for places, end in zip((known, fives, tens), ends, strict=True))
        return ids, known, fives, tens
    ids = look_up(ident, chars)
    five, ten = run_beginnings(ids >= latin, (1, 2, 1)), run_beginnings(ids >= numeral, (1, 2, 3, 3))
    return ids, np.flatnonzero(ids), np.flatnonzero(five), np.flatnonzero(ten)
