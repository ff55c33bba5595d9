"""A passage as numbers: hashed runs of characters and the grammar's facts by name."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.folds import Index, codes
from classifiers.scan import Text, within

BUCKETS = 1 << 17
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
    for hit in within(text, span):
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
    """Hashed runs of one to four characters, with the ends marked."""
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
    return _bucket(np.concatenate(runs))


def _bucket(hashed: Index) -> Index:
    """Each bucket once, ascending; a sort beats ``np.unique`` ten times at this size."""
    numbers: Index = (hashed * 0x9E3779B1 >> 9) % BUCKETS
    numbers.sort()
    fresh = np.empty(len(numbers), dtype=bool)
    fresh[:1] = True
    np.not_equal(numbers[1:], numbers[:-1], out=fresh[1:])
    return numbers[fresh]


def vector(text: Text, span: tuple[int, int], facts: dict[str, float]) -> Vector:
    """Both kinds of features of a passage."""
    return Vector(buckets(canonical(text, span)), facts)
