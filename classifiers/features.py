"""A passage as numbers: hashed runs of characters, hashed words, and the grammar's facts by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.folds import Chars, Index, codes
from classifiers.scan import Text, beginnings

RUNS = 1 << 20
"""Buckets of runs of characters; those of words come behind them."""
WORD_BITS = 20
BUCKETS = RUNS + (1 << WORD_BITS)
LONGEST = 12
"""Characters of a word that are looked at."""
POWERS = np.array([pow(0x9E3779B97F4A7C15, place + 1, 1 << 64) for place in range(LONGEST)], dtype=np.uint64)
SALT = np.uint64(0xC2B2AE3D27D4EB4F)
SPREAD = np.uint64(0xD6E8FEB86659FD93)
SHIFT = np.uint64(64 - WORD_BITS)
MASK = 0xFFFFFFFF
ZERO, NINE = np.uint32(ord("0")), np.uint32(ord("9"))
HEAD, TAIL = np.array([1], dtype=np.uint32), np.array([2], dtype=np.uint32)
NONE: Index = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Vector:
    """What the model reads of one passage."""

    buckets: Index
    """Numbers of the hashed runs, each once, ascending; below RUNS."""
    words: Index
    """Numbers of the hashed words and pairs of neighbours, each once, ascending; RUNS and more."""
    facts: dict[str, float]
    """The grammar's facts."""


class Plain:
    """The light text with disguised words replaced by the keyword and runs of digits by one 0, and its words."""

    def __init__(self, text: Text) -> None:
        pieces: list[str] = []
        places: list[Index] = []
        at = 0
        for hit in text.hits:
            if (hit.cost or not hit.exact) and hit.at >= at:
                pieces += (text.light[at : hit.at], hit.entry.word)
                places += (text.index[at : hit.at], np.full(len(hit.entry.word), hit.start))
                at = hit.to
        pieces.append(text.light[at:])
        places.append(text.index[at:])
        plain = "".join(pieces)
        begins = text.begins if len(pieces) == 1 else beginnings(plain)
        chars = codes(plain)
        digits = (chars >= ZERO) & (chars <= NINE)
        kept = np.ones(len(chars), dtype=bool)
        kept[1:] = ~(digits[1:] & digits[:-1])
        self.chars = np.where(digits, ZERO, chars)[kept]
        self.places = np.concatenate(places)[kept]
        """Raw offset of each character."""
        before = np.zeros(len(chars) + 1, dtype=np.int64)
        np.cumsum(kept, out=before[1:])
        self.begins = _once(before[begins]) if begins else NONE
        self.words = _words(self.chars, self.begins)

    def vector(self, span: tuple[int, int], facts: dict[str, float]) -> Vector:
        """All features of a passage."""
        first, last = np.searchsorted(self.places, span)
        chars = self.chars[first:last]
        if not len(chars):
            return Vector(NONE, NONE, facts)
        begin, end = np.searchsorted(self.begins, (first, last))
        single = self.words[begin:end]
        pairs = single[:-1] * SALT + single[1:]
        hashed = (np.concatenate((single, pairs)) * SPREAD >> SHIFT).astype(np.int64)
        return Vector(_runs(chars), _once(hashed + RUNS), facts)


def _runs(chars: Chars) -> Index:
    """Hashed runs of one to four characters, with the ends marked."""
    one = (np.concatenate((HEAD, chars, TAIL)).astype(np.int64) * 2654435761) & MASK
    runs = [one[1:-1]]
    two = (one[:-1] * 31 + one[1:] * 17) & MASK
    runs.append(two ^ (two >> 15))
    if len(one) > 2:
        three = (two[:-1] * 37 + one[2:] * 101) & MASK
        runs.append(three ^ (three >> 13))
    if len(one) > 3:
        four = (three[:-1] * 41 + one[3:] * 211) & MASK
        runs.append(four ^ (four >> 14))
    return _once((np.concatenate(runs) * 0x9E3779B1 >> 9) % RUNS)


def _words(chars: Chars, begins: Index) -> npt.NDArray[np.uint64]:
    """Each word as a polynomial over its first characters modulo 2**64."""
    sizes = np.diff(begins, append=len(chars))
    hashed = sizes.astype(np.uint64)
    for place, power in enumerate(POWERS[: int(sizes.max(initial=0))]):
        longer = np.flatnonzero(sizes > place)
        hashed[longer] += chars[begins[longer] + place] * power
    return hashed


def _once(numbers: Index) -> Index:
    """Each number once, ascending; a sort beats ``np.unique`` ten times at this size."""
    numbers.sort()
    fresh = np.empty(len(numbers), dtype=bool)
    fresh[:1] = True
    np.not_equal(numbers[1:], numbers[:-1], out=fresh[1:])
    return numbers[fresh]
