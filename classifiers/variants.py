"""Ways to write a keyword that no one-to-one fold undoes, enumerated into the automaton."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

from rjieba import has_word as is_word

from classifiers.folds import Folds
from classifiers.lexicon import Entry, Lexicon

COSTS = {"": 0, "pinyin": 1, "split": 1, "doubled": 1, "swapped": 1, "initials": 2, "reversed": 2}
"""How doubtful a way of writing is; a hit of cost 2 or more never counts alone."""
VARIED = ("promise", "certificate")
LONGEST = 8
SPLITS = 9
"""At most so many ways to split every character of a word."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One string of the automaton."""

    text: str
    """Heavily folded."""
    entry: Entry
    """The entry it stands for."""
    way: str
    """One of COSTS."""
    plain: str
    """The light-folded form of that way of writing: equal to the hit's light text where no homophone was needed."""


def is_han(char: str) -> bool:
    """Whether a character is Chinese."""
    return char >= "㐀"


class Variants:
    """Enumerates patterns for entries."""

    def __init__(self, folds: Folds) -> None:
        self.folds = folds
        parts = json.loads(Path(__file__).with_name("fold_parts.json").read_text(encoding="utf-8"))
        self.pinyin: dict[str, str] = parts["pinyin"]
        self.split: dict[str, list[str]] = parts["split"]

    def ways(self, word: str, short: bool = False) -> Iterator[tuple[str, str]]:
        """Other writings of a light-folded word, with the name of the way; ``short``: three initials are a writing
        too.
        """
        sounds = [self.pinyin.get(char, char) for char in word]
        size = len(word)
        for at in range(size):
            if sounds[at] != word[at]:
                yield word[:at] + sounds[at] + word[at + 1 :], "pinyin"
                if size <= 3 and is_han(word[at]):
                    yield word[:at] + sounds[at][0] + word[at + 1 :], "initials"
            for way in self.split.get(word[at], ()):
                yield word[:at] + way + word[at + 1 :], "split"
        if "".join(sounds) != word:
            yield "".join(sounds), "pinyin"
        if size >= 4 or (size == 3 and short):
            yield "".join(sound[0] for sound in sounds), "initials"
        for choice in islice(product(*(self.split.get(char, [char])[:3] for char in word)), SPLITS):
            if "".join(choice) != word:
                yield "".join(choice), "split"
        yield "".join(char * 2 for char in word), "doubled"
        if size >= 3:
            for at in range(size - 1):
                yield word[:at] + word[at + 1] + word[at] + word[at + 2 :], "swapped"
        if size in (3, 4):
            yield word[-1] + word[:-1], "swapped"
            yield word[1:] + word[0], "swapped"
        if size >= 3:
            yield word[::-1], "reversed"

    def patterns(self, lexicon: Lexicon) -> list[Pattern]:
        """All patterns, the plain ones first; one for each folded string and entry."""
        folds = self.folds
        folded = folds.fold_all([entry.word for entry in lexicon.entries])
        words = [(entry, word) for entry, word in zip(lexicon.entries, folded, strict=True) if word]
        result = [
            Pattern(heavy, entry, "", word)
            for (entry, word), heavy in zip(words, folds.heavily_all([word for _, word in words]), strict=True)
        ]
        varied = [
            (entry, text, way)
            for entry, word in words
            if entry.kind in VARIED and entry.weight == 3 and 2 <= len(word) <= LONGEST and all(map(is_han, word))
            for text, way in self.ways(word, entry.search)
        ]
        lights = folds.flat_all([text for _, text, _ in varied])
        seen = {pattern.text for pattern in result}
        for (entry, _, way), light, heavy in zip(varied, lights, folds.heavily_all(lights), strict=True):
            if heavy in seen or len(light) < 2 or is_word(light):
                continue
            seen.add(heavy)
            result.append(Pattern(heavy, entry, way, light))
        return result
