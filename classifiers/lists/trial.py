"""Lists on trial: what differs between two versions, a judge over changed lists, and how a word may be written."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from adwatch.text import normal
from classifiers import codebook
from classifiers.folds import Folds
from classifiers.judge import OfferJudge
from classifiers.lexicon import Entry, KeywordList, Lexicon
from classifiers.model import Model
from classifiers.scan import FOLDABLE
from classifiers.variants import Variants

TRIAL = "trial"
"""Name of the list of words that stand in no list yet."""
SAFE_LETTERS = 2
"""Shortest word of which other writings are looked for."""


def judge_with(lexicon: Lexicon, data: Path | None = None, model: Model | None = None) -> OfferJudge:
    """The judge with other lists, the codebook in force and a model, the shipped one if none is given."""
    return OfferJudge(lexicon, model or Model.load(), codebook.load(data))


@dataclass(frozen=True, slots=True)
class Difference:
    """What a list's new version changes."""

    added: tuple[Entry, ...]
    """Entries that were not there, or meant something else."""
    removed: tuple[Entry, ...]
    """Entries that are no more, or mean something else now."""

    @property
    def entries(self) -> list[Entry]:
        """All entries that make a difference; a text that holds none of them is judged as before."""
        return [*self.added, *self.removed]


def difference(old: KeywordList | None, new: KeywordList) -> Difference:
    """Compare by meaning: notes, approvals and order change no verdict."""
    before = {entry.meaning: entry for entry in old.entries} if old else {}
    after = {entry.meaning: entry for entry in new.entries}
    return Difference(
        tuple(entry for meaning, entry in after.items() if meaning not in before),
        tuple(entry for meaning, entry in before.items() if meaning not in after),
    )


def single(word: str, kind: str, weight: int, speaks_for: str, file: Path) -> KeywordList:
    """A list of one word, for a word that stands in no list yet."""
    entry = Entry(word.lower(), kind, weight, speaks_for, False, 1, TRIAL)
    digest = hashlib.sha256("\0".join(map(str, entry.meaning)).encode()).hexdigest()
    return KeywordList(TRIAL, "", "", word, date.min, None, (entry,), digest, file)


def only(entries: Iterable[Entry]) -> Lexicon:
    """A lexicon of these entries alone: its automaton finds every text on which they can make a difference."""
    lexicon = Lexicon([])
    lexicon.entries = list(entries)
    return lexicon


class Writings:
    """The strings under which an index that knows no detection fold may hold a word."""

    def __init__(self) -> None:
        self.folds = Folds()
        self.variants = Variants(self.folds)

    @cached_property
    def same(self) -> dict[str, list[str]]:
        """Characters that stand for another in a disguise, by what they are folded to."""
        found: dict[str, list[str]] = defaultdict(list)
        heavy = self.folds.heavy_map
        for point, to in self.folds.light_map.items():
            found[self.folds.heavily(chr(to))].append(chr(point))
        for point, to in heavy.items():
            found[chr(to)].append(chr(point))
        return found

    def of(self, entry: Entry) -> list[str]:
        """The word, its other writings (pinyin, split, swapped ...), and it with one homophone or look-alike."""
        word = self.folds.fold(entry.word)
        found = {entry.word: None, word: None}
        found.update((pattern.plain, None) for pattern in self.variants.patterns(only([entry])))
        if entry.kind in FOLDABLE and entry.weight >= 2 and len(word) >= SAFE_LETTERS:
            for at, char in enumerate(word):
                folded = self.folds.heavily(char)
                for other in (folded, *self.same.get(folded, ())):
                    if normal(other):  # else the index would be asked for the rest of the word alone
                        found[word[:at] + other + word[at + 1 :]] = None
        return [writing for writing in found if writing]
