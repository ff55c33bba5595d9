"""The words of an automaton in some texts of a batch, and where they stand in the raw texts."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

import ahocorasick_rs
import numpy as np

from classifiers.arrays import Chars, Index, string
from classifiers.folds import Batch


class Gathered(NamedTuple):
    """Some texts of a batch, one after another, each with its separator."""

    batch: Batch
    numbers: Index
    """Of the texts."""
    chars: Chars
    """Light-folded."""
    begins: Index
    """Where each text begins in ``chars``, and the end of the last."""

    def find(self, automaton: ahocorasick_rs.AhoCorasick, chars: Chars, overlapping: bool) -> tuple[Index, Index]:
        """Word number, start and end of all matches in ``chars`` (those of this, folded further), and the text each is
        in, by its place in ``numbers``; in order of texts, since none goes over a separator.
        """
        found = automaton.find_matches_as_indexes(string(chars), overlapping=overlapping)
        matches = np.fromiter(chain.from_iterable(found), dtype=np.int64, count=3 * len(found)).reshape(-1, 3)
        return matches, np.searchsorted(self.begins, matches[:, 1], side="right") - 1

    def raw_spans(self, matches: Index, owners: Index) -> Index:
        """Start and end of matches in their raw texts."""
        texts = self.numbers[owners]
        light = matches[:, 1:] + (self.batch.starts[texts] - self.begins[owners])[:, None]
        spans: Index = self.batch.index[light - (0, 1)] - self.batch.offsets[texts, None] + (0, 1)
        return spans


def gathered(batch: Batch, numbers: Index) -> Gathered:
    """The texts ``numbers``, at least one."""
    starts, ends = batch.starts[numbers], batch.ends[numbers] + 1
    chars = np.concatenate([batch.light[start:end] for start, end in zip(starts, ends, strict=True)])
    return Gathered(batch, numbers, chars, np.cumsum([0, *(ends - starts)]))
