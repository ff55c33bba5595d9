"""Stretches of text that differ from a listed word in one character: what sellers write once the word is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate

from classifiers.folds import Folds
from classifiers.lexicon import Entry, Lexicon
from classifiers.variants import is_han

KINDS = ("promise", "certificate", "result", "absent")
SHORTEST, LONGEST = 3, 6
"""Of two characters every second word is one character away."""


class Nearby:
    """The words with one character left open, by what is left of them."""

    def __init__(self, lexicon: Lexicon, folds: Folds) -> None:
        self.open: dict[tuple[int, str], Entry] = {}
        self.sizes: set[int] = set()
        known: dict[str, Entry] = {}
        for entry in lexicon.entries:
            word = folds.fold(entry.word)
            if (
                entry.kind in KINDS
                and entry.weight == 3
                and SHORTEST <= len(word) <= LONGEST
                and all(map(is_han, word))
            ):
                known.setdefault(word, entry)
        shared: dict[tuple[int, str], int] = defaultdict(int)
        for word, entry in known.items():
            self.sizes.add(len(word))
            for at in range(len(word)):
                shared[at, word[:at] + word[at + 1 :]] += 1
                self.open[at, word[:at] + word[at + 1 :]] = entry
        for key, number in shared.items():
            if number > 2:  # a frame of many words (电工证, 焊工证, 钳工证 ...) is near to everything
                del self.open[key]

    def of(self, words: Sequence[str]) -> Iterator[tuple[str, Entry]]:
        """(stretch, the word it is near to) in a folded clause that was cut into words; a stretch cuts no word."""
        clause = "".join(words)
        bounds = {0, *accumulate(map(len, words))}
        for start in sorted(bounds):
            for size in self.sizes:
                if start + size not in bounds:
                    continue
                piece = clause[start : start + size]
                for at in range(size):
                    entry = self.open.get((at, piece[:at] + piece[at + 1 :]))
                    if entry is not None and entry.word != piece and is_han(piece[at]):
                        yield piece, entry
