"""Finds the texts in which a telling word stands as written: those are read in full whatever the prefilter thinks.

A table over pairs of characters looks at every place at once and errs only towards letting through; an automaton over
the words alone then decides. So an office's new list counts from its first day, without training.
"""

from __future__ import annotations

from collections.abc import Iterable

import ahocorasick_rs
import numpy as np
import numpy.typing as npt

from classifiers.folds import Batch, Index, string

TWO, MORE = 1, 2
"""Bits of a pair: it is a word; a longer word begins so."""


class Gate:
    """A table of pairs, a list of beginnings and an automaton over light-folded words of two characters or more."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted({word for word in words if len(word) > 1})
        alphabet = sorted({ord(char) for word in self.words for char in word})
        number = {code: index for index, code in enumerate(alphabet, 1)}
        self.ident = np.zeros(0x110000, dtype=np.uint16)
        self.ident[alphabet] = np.arange(1, len(alphabet) + 1, dtype=np.uint16)
        self.size = len(alphabet) + 1
        self.pair = np.zeros(self.size * self.size, dtype=np.uint8)
        beginnings: set[int] = set()
        for word in self.words:
            ids = [number[ord(char)] for char in word[:3]]
            pair = ids[0] * self.size + ids[1]
            self.pair[pair] |= TWO if len(word) == 2 else MORE
            if len(word) > 2:
                beginnings.add(pair * self.size + ids[2])
        self.beginnings = np.array(sorted(beginnings), dtype=np.int64)
        self.automaton = ahocorasick_rs.AhoCorasick(self.words, store_patterns=False)

    def maybe(self, batch: Batch) -> Index:
        """Numbers of the texts in which a word may stand."""
        ids = self.ident[batch.light].astype(np.int32)
        pairs = ids[:-1] * np.int32(self.size) + ids[1:]
        places = np.flatnonzero(self.pair[pairs])
        found = pairs[places]
        sure = self.pair[found] & TWO != 0
        longer = places[~sure & (places + 2 < len(ids))]
        triples = pairs[longer].astype(np.int64) * self.size + ids[longer + 2]
        longer = longer[np.isin(triples, self.beginnings)]
        return np.unique(np.searchsorted(batch.ends, np.concatenate((places[sure], longer))))

    def passing(self, batch: Batch) -> npt.NDArray[np.int64]:
        """Numbers of the texts in which a word stands."""
        if not self.words:
            return np.zeros(0, dtype=np.int64)
        found = [
            number
            for number in self.maybe(batch).tolist()
            if self.automaton.find_matches_as_indexes(string(batch.light[batch.starts[number] : batch.ends[number]]))
        ]
        return np.array(found, dtype=np.int64)
