"""Passages as numbers: hashed runs of characters, hashed words, and the grammar's facts by name.

The passages of many texts are hashed at once: on a short one NumPy spends more on calls than on numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from classifiers.arrays import Chars, Index, T, codes, distinct, look_up
from classifiers.scan import Text, word_cuts

RUN_BITS = 20
RUNS = 1 << RUN_BITS
"""Buckets of runs of characters; those of words come behind them."""
WORD_BITS = 20
BUCKETS = RUNS + (1 << WORD_BITS)
LONGEST = 12
"""Characters of a word that are looked at."""
POWERS = np.array([pow(0x9E3779B97F4A7C15, place + 1, 1 << 64) for place in range(LONGEST)], dtype=np.uint64)
SALT = np.uint64(0xC2B2AE3D27D4EB4F)
SPREAD = np.uint64(0xD6E8FEB86659FD93)
SHIFT = np.uint64(64 - WORD_BITS)
ZERO, NINE = np.uint32(ord("0")), np.uint32(ord("9"))
HEAD, TAIL = 1, 2
"""Stand before and behind a passage."""
TOGETHER = 1 << 16
"""Passages of so many characters together are hashed at once, each counted with LEAST more: so the number of one fits
into 32 bits with a bucket.
"""
LEAST = 32
Keys = npt.NDArray[np.uint32]
Span = tuple[int, int]
Facts = dict[str, float]


@dataclass(frozen=True, slots=True)
class Vector:
    """What the model reads of one passage."""

    buckets: Keys
    """Numbers of the hashed runs, each once, ascending; below RUNS."""
    words: Keys
    """Numbers of the hashed words and pairs of neighbours, each once, ascending; RUNS and more."""
    facts: Facts
    """The grammar's facts."""


def vectors(read: Sequence[tuple[Text, Sequence[Span], Sequence[Facts]]]) -> list[list[Vector]]:
    """All features of passages: texts with the raw spans of their passages and the facts of each."""
    if not read:
        return []
    plain = _Plain([text for text, _, _ in read])
    bounds = list(accumulate((len(spans) for _, spans, _ in read), initial=0))
    raws = np.repeat(plain.raws, np.diff(bounds))
    spans = np.array([span for _, spans, _ in read for span in spans], dtype=np.int64).reshape(-1, 2)
    first, last = np.searchsorted(plain.places, (spans + raws[:, None]).T)
    named = [each for _, _, facts in read for each in facts]
    cuts = np.flatnonzero(np.diff(np.cumsum(last - first + LEAST) // TOGETHER)) + 1
    found: list[Vector] = []
    for start, end in pairwise((0, *cuts.tolist(), len(named))):
        runs, words = plain.hashed(first[start:end], last[start:end])
        found += map(Vector, runs, words, named[start:end])
    return [found[start:end] for start, end in pairwise(bounds)]


class _Plain:
    """Light texts, each with a gap behind it, with disguised words replaced by the keyword and runs of digits by one 0;
    and their words.
    """

    def __init__(self, texts: Sequence[Text]) -> None:
        plains: list[str] = []
        places: list[Index] = []
        begins: list[Index] = []
        self.raws = np.cumsum([0, *(len(text.raw) + 1 for text in texts[:-1])])
        """Where the raw texts begin, each with a gap behind it."""
        at = 0
        for text, raw in zip(texts, self.raws.tolist(), strict=True):
            plain, place, cuts = _plain(text)
            plains.append(plain)
            places += (place + raw, np.array([raw + len(text.raw)]))
            begins.append(cuts + at)
            at += len(plain) + 1
        chars = codes("\0".join((*plains, "")))
        digits = (chars >= ZERO) & (chars <= NINE)
        kept = np.ones(len(chars), dtype=bool)
        kept[1:] = ~(digits[1:] & digits[:-1])
        self.chars = np.where(digits, ZERO, chars)[kept]
        self.places = np.concatenate(places)[kept]
        """Raw offset of each character, ``raws`` added."""
        before = np.zeros(len(chars) + 1, dtype=np.int64)
        np.cumsum(kept, out=before[1:])
        self.begins = _once(before[np.concatenate(begins)])
        """Of words and gaps."""
        self.words = _words(self.chars, self.begins)
        self.pairs = self.words[:-1] * SALT + self.words[1:]

    def hashed(self, first: Index, last: Index) -> tuple[list[Keys], list[Keys]]:
        """Buckets of the runs and of the words of passages, by their first character and the one behind the last."""
        begin, end = np.searchsorted(self.begins, first), np.searchsorted(self.begins, last)
        words, owners = _flat(begin, end)
        pairs, others = _flat(begin, np.maximum(begin, end - 1))
        hashed = np.concatenate((self.words[words], self.pairs[pairs])) * SPREAD >> SHIFT
        keys = _keys(np.concatenate((owners, others)), hashed, WORD_BITS)
        return (
            _each(_runs(self.chars, first, last), RUN_BITS, 0, len(first)),
            _each(keys, WORD_BITS, RUNS, len(first)),
        )


def _plain(text: Text) -> tuple[str, Index, Index]:
    """A text without disguises, the raw offset of each character, and where its words begin and the last ends."""
    pieces: list[str] = []
    places: list[Index] = []
    at = 0
    for hit in text.hits:
        if (hit.cost or not hit.exact) and hit.at >= at:
            pieces += (text.light[at : hit.at], hit.entry.word)
            places += (text.index[at : hit.at], np.full(len(hit.entry.word), hit.start))
            at = hit.to
    if not pieces:
        return text.light, text.index, text.cuts
    plain = "".join((*pieces, text.light[at:]))
    return plain, np.concatenate((*places, text.index[at:])), word_cuts(plain)


def _flat(starts: Index, ends: Index) -> tuple[Index, Index]:
    """The numbers of ranges, and which range each is of."""
    sizes = ends - starts
    owners = np.repeat(np.arange(len(sizes)), sizes)
    return np.arange(len(owners)) + (starts - np.cumsum(sizes) + sizes)[owners], owners


def _runs(chars: Chars, first: Index, last: Index) -> Keys:
    """Hashed runs of one to four characters of passages, with the ends marked; the passage's number stands above."""
    full = last > first
    places, owners = _flat(first - full, last + full)
    left = last[owners] - places
    """How far behind the place the end's mark is."""
    head = places < first[owners]
    marked = look_up(chars, places)
    marked[head], marked[left == 0] = HEAD, TAIL
    one: Keys = marked * 2654435761  # modulo 2**32, as all that follows
    two: Keys = one[:-1] * 31 + one[1:] * 17
    three: Keys = two[:-1] * 37 + one[2:] * 101
    four: Keys = three[:-1] * 41 + one[3:] * 211
    inner = ~head & (left > 0)
    runs = [one[inner]]
    begins = [owners[inner]]
    for size, hashed, shift in ((2, two, np.uint32(15)), (3, three, np.uint32(13)), (4, four, np.uint32(14))):
        whole = left[: len(hashed)] >= size - 1
        runs.append((hashed ^ (hashed >> shift))[whole])
        begins.append(owners[: len(hashed)][whole])
    hashed = np.concatenate(runs) * np.uint32(0x9E3779B1) >> np.uint32(9)
    return _keys(np.concatenate(begins), hashed, RUN_BITS)


def _keys(owners: Index, hashed: npt.NDArray[np.unsignedinteger[Any]], bits: int) -> Keys:
    low = hashed.astype(np.uint32) & np.uint32((1 << bits) - 1)
    keys: Keys = (owners.astype(np.uint32) << np.uint32(bits)) | low
    return keys


def _each(keys: Keys, bits: int, shift: int, number: int) -> list[Keys]:
    """The lower ``bits`` of keys, ``shift`` added, each once and ascending, for each of ``number`` owners that stand
    above them.
    """
    keys = _once(keys)
    bounds = [*np.searchsorted(keys, np.arange(number, dtype=np.uint32) << np.uint32(bits)).tolist(), len(keys)]
    low: Keys = (keys & np.uint32((1 << bits) - 1)) + np.uint32(shift)
    return [low[start:end] for start, end in pairwise(bounds)]


def _words(chars: Chars, begins: Index) -> npt.NDArray[np.uint64]:
    """Each word as a polynomial over its first characters modulo 2**64."""
    sizes = np.diff(begins, append=len(chars))
    hashed = sizes.astype(np.uint64)
    for place, power in enumerate(POWERS[: int(sizes.max(initial=0))]):
        longer = np.flatnonzero(sizes > place)
        hashed[longer] += chars[begins[longer] + place] * power
    return hashed


def _once(numbers: npt.NDArray[T]) -> npt.NDArray[T]:
    """Each number once, ascending."""
    numbers.sort()
    return distinct(numbers)
