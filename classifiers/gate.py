"""Finds the texts in which a telling word stands as written: of those the prefilter asks less, and nothing at all where
the word is an office's own.

Tables over characters and pairs look at every place at once; only where a word may begin are its letters compared. So
an office's new list counts from its first day, without training.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from classifiers.arrays import Index, codes, distinct, look_up
from classifiers.folds import Batch
from classifiers.loops import pairs

WIDTH = 4
"""Bytes of a character."""
HASH_BITS = 16
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - HASH_BITS)


def _hash(numbers: Index) -> npt.NDArray[np.uint64]:
    return numbers.astype(np.uint64) * _MIX >> _SHIFT


class Known:
    """A set of numbers that is asked for many at once: a table of hashes first, the numbers themselves for the rest."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.numbers = np.array(sorted(numbers), dtype=np.int64)
        self.table = np.zeros(1 << HASH_BITS, dtype=bool)
        self.table[_hash(self.numbers)] = True

    def among(self, numbers: Index) -> npt.NDArray[np.bool_]:
        """Which of the numbers are known."""
        result = self.table[_hash(numbers)]
        likely = np.flatnonzero(result)
        if len(likely):
            asked = numbers[likely]
            at = np.minimum(np.searchsorted(self.numbers, asked), len(self.numbers) - 1)
            result[likely] = self.numbers[at] == asked
        return result


class Gate:
    """Light-folded words of two characters or more, by their first four."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted({word for word in words if len(word) > 1})
        alphabet = sorted({ord(char) for word in self.words for char in word})
        number = {code: index for index, code in enumerate(alphabet, 1)}
        self.ident = np.zeros(0x110000, dtype=np.uint16)
        self.ident[alphabet] = np.arange(1, len(alphabet) + 1, dtype=np.uint16)
        self.size = len(alphabet) + 1
        self.pair = np.zeros(self.size * self.size, dtype=np.uint8)
        longer: dict[int, list[bytes]] = defaultdict(list)
        exact: dict[int, set[int]] = {3: set(), 4: set()}
        for word in self.words:
            first = self._number([number[ord(char)] for char in word[:4]])
            self.pair[self._number([number[ord(char)] for char in word[:2]])] |= 1 if len(word) == 2 else 2
            if len(word) > 4:
                longer[first].append(codes(word).tobytes())
            elif len(word) > 2:
                exact[len(word)].add(first)
        self.longer = {first: tuple(words) for first, words in longer.items()}
        """Words of five characters and more, by their first four."""
        self.beginnings = Known(self.longer)
        self.threes, self.fours = map(Known, exact.values())
        """Words of three and of four characters."""

    def _number(self, ids: Sequence[int]) -> int:
        """A few characters as one number."""
        found = 0
        for each in ids:
            found = found * self.size + each
        return found

    def places(self, batch: Batch) -> Index:
        """Where in the batch a word begins, ascending."""
        if not self.words:
            return np.zeros(0, dtype=np.int64)
        light = batch.light
        places, found = pairs(light, self.ident, self.pair, self.size)

        def ident(at: Index) -> npt.NDArray[np.uint16]:
            return look_up(self.ident, look_up(light, at))

        sure = found & 1 > 0
        more = np.flatnonzero(found > 1)
        fours = ident(places[more]).astype(np.int64)
        for step in (1, 2, 3):
            triples, fours = fours, fours * self.size + ident(places[more] + step)
        sure[more] |= self.threes.among(triples) | self.fours.among(fours)
        long = np.flatnonzero(self.beginnings.among(fours))
        at = more[long]
        data = light.tobytes() if len(long) else b""
        written = [
            data.startswith(self.longer[first], place * WIDTH)
            for first, place in zip(fours[long].tolist(), places[at].tolist(), strict=True)
        ]
        sure[at] |= np.array(written, dtype=bool)
        found_places: Index = places[sure]
        return found_places

    def texts(self, batch: Batch) -> Index:
        """Numbers of the texts in which a word stands, ascending."""
        return distinct(np.searchsorted(batch.ends, self.places(batch)))
