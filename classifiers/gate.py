"""Finds the texts in which a telling word stands as written: of those the prefilter asks less, and nothing at all where
the word is an office's own.

Tables over characters and pairs look at every place at once; only where a word may begin are its letters compared. So
an office's new list counts from its first day, without training.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from classifiers.folds import Batch, Index, codes

FIRST, SECOND = np.uint8(1), np.uint8(2)
"""Bits of a character: a word begins with it; it is the second of one."""
WIDTH = 4
"""Bytes of a character."""


class Gate:
    """Light-folded words of two characters or more, by their first three."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted({word for word in words if len(word) > 1})
        alphabet = sorted({ord(char) for word in self.words for char in word})
        number = {code: index for index, code in enumerate(alphabet, 1)}
        self.ident = np.zeros(0x110000, dtype=np.uint16)
        self.ident[alphabet] = np.arange(1, len(alphabet) + 1, dtype=np.uint16)
        self.size = len(alphabet) + 1
        self.kinds = np.zeros(0x110000, dtype=np.uint8)
        self.pair = np.zeros(self.size * self.size, dtype=np.uint8)
        longer: dict[int, list[bytes]] = defaultdict(list)
        for word in self.words:
            self.kinds[ord(word[0])] |= FIRST
            self.kinds[ord(word[1])] |= SECOND
            ids = [number[ord(char)] for char in word[:3]]
            pair = ids[0] * self.size + ids[1]
            self.pair[pair] |= 1 if len(word) == 2 else 2
            if len(word) > 2:
                longer[pair * self.size + ids[2]].append(codes(word).tobytes())
        self.longer = {first: tuple(words) for first, words in longer.items()}
        """Words of three characters and more, by their first three."""
        self.beginnings = np.array(sorted(self.longer), dtype=np.int64)

    def places(self, batch: Batch) -> Index:
        """Where in the batch a word begins, ascending."""
        if not self.words:
            return np.zeros(0, dtype=np.int64)
        light = batch.light
        kinds = self.kinds[light]
        places = np.flatnonzero((kinds[:-1] & FIRST) & ((kinds[1:] & SECOND) >> 1))
        pairs = self.ident[light[places]].astype(np.int64) * self.size + self.ident[light[places + 1]]
        found = self.pair[pairs]
        more = (found > 1) & (places + 2 < len(light))
        longer = places[more]
        triples = pairs[more] * self.size + self.ident[light[longer + 2]]
        known = np.isin(triples, self.beginnings)
        data = light.tobytes() if known.any() else b""
        sure = [
            place
            for place, triple in zip(longer[known].tolist(), triples[known].tolist(), strict=True)
            if data.startswith(self.longer[triple], place * WIDTH)
        ]
        return np.unique(np.concatenate((places[found & 1 > 0], np.array(sure, dtype=np.int64))))

    def texts(self, batch: Batch) -> Index:
        """Numbers of the texts in which a word stands, ascending."""
        return np.unique(np.searchsorted(batch.ends, self.places(batch)))
