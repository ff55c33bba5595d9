"""Texts in which nobody speaks, and which therefore are not read: rows of keywords, and babble.

To read each word of a row of keywords in its frame costs a hundred times what ordinary text does and says nothing; a
person sees it in the review band, named by its words. Babble is long and has a handful of letters only. Of 25,000
written texts (offers and others, tag clouds among them) none is either.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import ahocorasick_rs
import numpy as np
import numpy.typing as npt

from classifiers.arrays import Chars, Index, run_beginnings
from classifiers.folds import Batch, Folds
from classifiers.lexicon import Entry, Lexicon
from classifiers.matches import gathered

LEAST = 20
"""Words of two characters or more in a row of keywords, one behind the other; of written texts that hold little else
the richest has seven.
"""
UNLIKE = 16
"""So many of them are different ones: who says the same again and again is read."""
COVERED = 0.95
"""Share of the letters and digits that stand in such words."""
LONGEST_GAP = 3
"""Neighbours that stand in none: a sentence of somebody's own, put among keywords, has more, and is read; so is what
has a single letter or digit of none, since it may be of an account.
"""
KEYWORDS_ONLY = "keywords_only"
"""Reason of the verdict."""
SHOWN = 2
"""Sure words of each kind that are shown."""
SHOWN_KINDS = ("promise", "certificate")
ASCII = 128
BABBLE, LETTERS = 40, 8
"""So many letters and digits, and at most so many different ones; the poorest written offer of that length has 15."""


class Word(NamedTuple):
    """A sure word of a row of keywords."""

    entry: Entry
    """The list's entry."""
    start: int
    """Offset in the raw text."""
    end: int
    """End offset in the raw text, exclusive."""


class Crowds:
    """Finds rows of keywords: the longest words of the lists from left to right, light-folded, as they are listed."""

    def __init__(self, folds: Folds, lexicon: Lexicon) -> None:
        heaviest = sorted(lexicon.entries, key=lambda entry: -entry.weight)
        entries: dict[str, Entry] = {}
        for entry, word in zip(heaviest, folds.fold_all([entry.word for entry in heaviest]), strict=True):
            entries.setdefault(word, entry)
        words = [word for word in entries if len(word) > 1]
        self.entries = np.array([entries[word] for word in words], dtype=object)
        self.shown = np.array(
            [SHOWN_KINDS.index(e.kind) if e.weight == 3 and e.kind in SHOWN_KINDS else -1 for e in self.entries]
        )
        """By word: which of the kinds that are shown it is, -1 for none."""
        self.automaton = ahocorasick_rs.AhoCorasick(
            words,
            matchkind=ahocorasick_rs.MatchKind.LeftmostLongest,
            store_patterns=False,
            implementation=ahocorasick_rs.Implementation.ContiguousNFA,
        )

    def find(self, batch: Batch, numbers: Index) -> dict[int, list[Word]]:
        """Those of the texts ``numbers`` that are rows of keywords, with some of their sure words in order."""
        numbers = numbers[batch.ends[numbers] - batch.starts[numbers] >= 2 * LEAST]
        if not len(numbers):
            return {}
        some = gathered(batch, numbers)
        matches, owners = some.find(self.automaton, some.chars, overlapping=False)
        rows = _rows(some.chars, matches, owners, some.begins)
        kinds = self.shown[matches[:, 0]]
        shown = _first(owners * len(SHOWN_KINDS) + kinds, (kinds >= 0) & rows[owners])
        matches, owners = matches[shown], owners[shown]
        spans = some.raw_spans(matches, owners)
        words = list(map(Word, self.entries[matches[:, 0]].tolist(), *spans.T.tolist()))
        texts = np.flatnonzero(rows)
        bounds = np.searchsorted(owners, (*texts, len(rows))).tolist()
        return {
            number: words[start:end]
            for number, (start, end) in zip(numbers[texts].tolist(), pairwise(bounds), strict=True)
        }


def _rows(chars: Chars, matches: Index, owners: Index, begins: Index) -> npt.NDArray[np.bool_]:
    """Which texts are rows of keywords.

    ``chars``: the texts' characters, each text with a separator behind it; ``matches``: rows of word, start and end, in
    order; ``owners``: the text of each; ``begins``: where texts begin, and the end of the last.
    """
    number = len(begins) - 1
    result = np.bincount(owners, minlength=number) >= LEAST
    sizes = matches[:, 2] - matches[:, 1]
    result &= np.bincount(owners, sizes, minlength=number) >= COVERED * (np.diff(begins) - 1)
    if not result.any():
        return result
    edges = np.zeros(len(chars) + 1, dtype=np.int8)
    edges[matches[:, 1]] = 1
    edges[matches[:, 2]] -= 1
    bare = np.cumsum(edges[:-1], dtype=np.int8) == 0
    bare[begins[1:] - 1] = False
    result[np.searchsorted(begins, np.flatnonzero(bare & (chars < ASCII)), side="right") - 1] = False
    gaps = np.flatnonzero(run_beginnings(bare, (1, LONGEST_GAP - 1)))
    result[np.searchsorted(begins, gaps, side="right") - 1] = False
    bounds = np.searchsorted(owners, np.arange(number + 1)).tolist()
    for text in np.flatnonzero(result).tolist():
        result[text] = len(set(matches[bounds[text] : bounds[text + 1], 0].tolist())) >= UNLIKE
    return result


def _first(groups: Index, among: npt.NDArray[np.bool_]) -> Index:
    """Places of the first SHOWN of each group, ascending, of those that are marked."""
    places = np.flatnonzero(among)
    order = places[np.argsort(groups[places], kind="stable")]
    groups = groups[order]
    late = np.zeros(len(order), dtype=bool)
    late[SHOWN:] = groups[SHOWN:] == groups[:-SHOWN]
    first: Index = np.sort(order[~late])
    return first


def babble(batch: Batch, numbers: Index) -> Index:
    """Those of the texts ``numbers`` that are long and made of a few letters."""
    starts, ends = batch.starts[numbers].tolist(), batch.ends[numbers].tolist()
    poor = [
        end - start >= BABBLE
        and _letters(batch, start, start + BABBLE) <= LETTERS
        and _letters(batch, start, end) <= LETTERS
        for start, end in zip(starts, ends, strict=True)
    ]
    return numbers[poor]


def _letters(batch: Batch, start: int, end: int) -> int:
    return len(set(batch.light[start:end].tolist()))
