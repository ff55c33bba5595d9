"""A passage as numbers: hashed runs of characters and of words, and the grammar's facts by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt
import rjieba

from classifiers.folds import Index, codes
from classifiers.scan import LONE, Text

BUCKETS = 1 << 18
MASK = 0xFFFFFFFF
DIGITS = re.compile(r"\d+")
Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vector:
    """What the model reads of one passage."""

    buckets: Index
    """Numbers of the hashed runs, each once, ascending."""
    facts: dict[str, float]
    """The grammar's facts."""


def canonical(text: Text, span: tuple[int, int]) -> str:
    """The light text of a passage, disguised words replaced by the keyword, runs of digits by one 0."""
    first = int(np.searchsorted(text.index, span[0]))
    last = int(np.searchsorted(text.index, span[1]))
    pieces: list[str] = []
    at = first
    for hit in text.hits:
        if hit.exact and not hit.cost:
            continue
        if hit.at < at or hit.to > last:
            continue
        pieces.append(text.light[at : hit.at])
        pieces.append(hit.entry.word)
        at = hit.to
    pieces.append(text.light[at:last])
    return DIGITS.sub("0", "".join(pieces))


def buckets(text: str) -> Index:
    """Hashed runs of one to four characters, with the ends marked; pairs at a distance; words and pairs of them."""
    numbers = np.concatenate(([1], codes(text).astype(np.int64), [2]))
    one = (numbers * 2654435761) & MASK
    runs = [one[1:-1]]
    two = (one[:-1] * 31 + one[1:] * 17) & MASK
    runs.append(two ^ (two >> 15))
    if len(numbers) > 2:
        three = (two[:-1] * 37 + one[2:] * 101) & MASK
        runs.append(three ^ (three >> 13))
    if len(numbers) > 3:
        four = (three[:-1] * 41 + one[3:] * 211) & MASK
        runs.append(four ^ (four >> 14))
    for distance in (2, 3, 4):
        skip = (one[:-distance] * 43 + one[distance:] * 307 + distance * 7) & MASK
        runs.append(skip ^ (skip >> 12))
    words = [crc32(word.encode("utf-8", "replace")) for word in rjieba.cut(LONE.sub("?", text), False)]
    single = np.array(words, dtype=np.int64)
    runs.append((single * 47 + 11) & MASK)
    runs.append((single[:-1] * 53 + single[1:] * 59) & MASK)
    return _bucket(np.concatenate(runs))


def _bucket(hashed: Index) -> Index:
    return np.unique((hashed * 0x9E3779B1 >> 9) % BUCKETS)


def breaks(text: Text, span: tuple[int, int]) -> Index:
    """Hashed characters on both sides of punctuation: how clauses begin and end."""
    first, last = np.searchsorted(text.index, span)
    index = text.index[first:last]
    one = (codes(text.light[first:last]).astype(np.int64) * 2654435761) & MASK
    gaps = np.flatnonzero(np.diff(index) > 1)
    gaps = gaps[(gaps >= 1) & (gaps < len(one) - 2)]
    pair = (one[gaps] * 61 + one[gaps + 1] * 67) & MASK
    before = (one[gaps - 1] * 71 + one[gaps] * 73) & MASK
    after = (one[gaps + 1] * 79 + one[gaps + 2] * 83) & MASK
    return _bucket(np.concatenate((pair, before, after)))


def vector(text: Text, span: tuple[int, int], facts: dict[str, float]) -> Vector:
    """Both kinds of features of a passage."""
    return Vector(np.union1d(buckets(canonical(text, span)), breaks(text, span)), facts)
