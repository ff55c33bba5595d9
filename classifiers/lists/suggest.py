"""Finds words that mark confirmed offers and not other text, and writings of listed words that are in no list yet.

Candidates are runs of one to four words (as rjieba cuts them) in confirmed texts, outside everything the lists explain
already. Each is then counted as a substring of the folded texts, once a text, and judged by the log-odds ratio with an
informative Dirichlet prior (Monroe, Colaresi, Quinn: Fightin' Words, Political Analysis 2008, eqs. 15-22), the prior
being how often the word occurs in all texts together. A text counts once however often a shop repeats it.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ahocorasick_rs
import orjson
import rjieba

from classifiers.analysis import Reader, Reading
from classifiers.lexicon import Lexicon
from classifiers.lists.nearby import Nearby
from classifiers.scan import LONE, Hit
from classifiers.variants import is_han

PRIOR = 1000.0
"""Weight of the prior, in texts: much less, and a word that stands nowhere else has too wide an error to be seen."""
RATIO = 5.0
"""A word marks an offer if it stands in so many times as large a share of confirmed texts as of others."""
TRAINING = Path(__file__).parents[1] / "training"
WORDS = 4
EDGES = frozenset("的了是我你您他她它们在有这那也都就和与及或把被让从到着吗呢吧啊呀嘛个")
"""Words of grammar: a run that begins or ends with one is the end of a phrase and the beginning of another."""
LONGEST, SHORTEST = 8, 2
CLAUSE = re.compile(r"[^\w]+")
EXPLAINED = 2
"""Weight from which a hit of a list explains the words that it covers."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text of one of the three kinds."""

    title: str | None
    text: str | None
    seller: str | None = None
    """Whose it is: a word of one shop alone is its name or its habit."""


@dataclass(slots=True)
class Suggestion:
    """A word that a person may accept."""

    word: str
    """Light-folded."""
    source: str
    """words: marks confirmed texts; folded: a disguise that was undone; near: one character from a listed word."""
    near: str
    """The listed word that it is a writing of; empty for a new one."""
    z: float = 0.0
    """Log-odds ratio over its standard error; beyond 1.96 it is hardly chance."""
    confirmed: int = 0
    """Confirmed texts that hold it."""
    sellers: int = 0
    dismissed: int = 0
    ordinary: int = 0
    texts: list[int] = field(default_factory=list)
    """Numbers of the confirmed texts that hold it."""


def log_odds(here: int, of: int, there: int, of_there: int) -> float:
    """z of the log-odds ratio of a word that ``here`` of ``of`` texts hold, and ``there`` of ``of_there`` others."""
    prior = PRIOR * (here + there) / (of + of_there)
    one = math.log((here + prior) / (of + PRIOR - here - prior))
    other = math.log((there + prior) / (of_there + PRIOR - there - prior))
    return (one - other) / math.sqrt(1 / (here + prior) + 1 / (there + prior))


def common_speech() -> list[Sample]:
    """The shipped texts that are no offers: what people say who sell nothing, in the sellers' own trade and outside."""
    samples = [Sample(None, line) for line in (TRAINING / "ordinary.txt").read_text(encoding="utf-8").splitlines()]
    for file in sorted(TRAINING.glob("*.jsonl")):
        for line in file.read_bytes().splitlines():
            row = orjson.loads(line)
            if row["label"] == "not_offer":
                samples.append(Sample(row["title"], row["text"]))
    return samples


class Suggester:
    """Looks through confirmed texts with the lists in force."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.reader = Reader(lexicon=lexicon)
        self.folds = self.reader.scanner.folds
        self.known = {self.folds.fold(entry.word) for entry in lexicon.entries}
        self.nearby = Nearby(lexicon, self.folds)

    def suggest(
        self,
        confirmed: Sequence[Sample],
        dismissed: Sequence[Sample],
        ordinary: Sequence[Sample],
        least: int = 3,
        sellers: int = 2,
        z: float = 1.96,
    ) -> list[Suggestion]:
        """Words that ``least`` confirmed texts of so many sellers hold, strongest first.

        ``confirmed`` and ``dismissed`` hold each text once (``fingerprint``).
        """
        found: dict[str, Suggestion] = {}
        for sample in confirmed:
            reading = self.reader.read(sample.title, sample.text)
            for suggestion in self._candidates(reading):
                found.setdefault(suggestion.word, suggestion)
        if not found:
            return []
        count = Counting(sorted(found), self.folds.fold)
        ordinary = [*ordinary, *common_speech()]
        groups = [[count.held(sample) for sample in group] for group in (confirmed, dismissed, ordinary)]
        for number, held in enumerate(groups[0]):
            for word in held:
                found[word].texts.append(number)
        elsewhere = [defaultdict(int, _totals(group)) for group in groups[1:]]
        others = len(groups[1]) + len(groups[2])
        for word, item in found.items():
            item.confirmed = len(item.texts)
            item.sellers = len({confirmed[number].seller or number for number in item.texts})
            item.dismissed, item.ordinary = (table[word] for table in elsewhere)
            item.z = log_odds(item.confirmed, len(confirmed), item.dismissed + item.ordinary, max(1, others))
        share = {word: (i.dismissed + i.ordinary) / max(1, others) for word, i in found.items()}
        enough = [
            item
            for word, item in found.items()
            if item.confirmed >= least
            and item.sellers >= sellers
            and item.z >= z
            and item.confirmed / len(confirmed) >= RATIO * share[word]
        ]
        return _distinctive(sorted(enough, key=lambda i: (-i.z, -len(i.word), i.word)))

    def _candidates(self, reading: Reading) -> Iterator[Suggestion]:
        for hit in reading.text.hits:
            surface = reading.text.light[hit.at : hit.to]
            if _varied(hit) and surface not in self.known and SHORTEST <= len(surface) <= LONGEST:
                yield Suggestion(surface, "folded", hit.entry.word)
        for clause in self._unexplained(reading):
            words = rjieba.cut(clause, False)
            for word, entry in self.nearby.of(words):
                if word not in self.known and not {word[0], word[-1]} & EDGES:
                    yield Suggestion(word, "near", entry.word)
            for word in self._grams(words):
                yield Suggestion(word, "words", "")

    def _unexplained(self, reading: Reading) -> Iterator[str]:
        """Folded stretches between punctuation, contacts and the words that lists explain."""
        raw = list(reading.text.raw)
        explained = [(h.start, h.end) for h in reading.text.hits if h.entry.weight >= EXPLAINED]
        for start, end in [*explained, *((c.start, c.end) for c in reading.contacts)]:
            raw[start:end] = "，" * (end - start)
        for clause in CLAUSE.split("".join(raw)):
            folded = self.folds.fold(LONE.sub("", clause))
            if len(folded) >= SHORTEST:
                yield folded

    def _grams(self, words: Sequence[str]) -> Iterator[str]:
        for size in range(1, WORDS + 1):
            for at in range(len(words) - size + 1):
                if words[at] in EDGES or words[at + size - 1] in EDGES:
                    continue
                gram = "".join(words[at : at + size])
                if SHORTEST <= len(gram) <= LONGEST and any(map(is_han, gram)) and gram not in self.known:
                    yield gram


class Counting:
    """Which of the candidates a text holds."""

    def __init__(self, words: Sequence[str], fold: Callable[[str], str]) -> None:
        self.words = words
        self.fold = fold
        self.automaton = ahocorasick_rs.AhoCorasick(words, store_patterns=False)

    def held(self, sample: Sample) -> set[str]:
        """Each once; no word runs from the title into the text."""
        folded = "\n".join(self.fold(part or "") for part in (sample.title, sample.text))
        found = self.automaton.find_matches_as_indexes(folded, overlapping=True)
        return {self.words[number] for number, _, _ in found}


def _varied(hit: Hit) -> bool:
    return hit.entry.weight >= EXPLAINED and any(fold in ("homophone", "lookalike", "split") for fold in hit.folds)


def _totals(group: Sequence[set[str]]) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for held in group:
        for word in held:
            totals[word] += 1
    return totals


def fingerprint(title: str | None, text: str | None) -> str:
    """Equal for texts that differ in digits and signs only: such texts count once."""
    return re.sub(r"[\d\W]+", "", f"{title or ''}\n{text or ''}")


def _distinctive(ranked: Sequence[Suggestion]) -> list[Suggestion]:
    """Of words within one another, the one that says most: the longer where it stands in nearly as many texts."""
    kept: list[Suggestion] = []
    for item in sorted(ranked, key=lambda i: -len(i.word)):
        longer = [other for other in kept if item.word in other.word]
        if not any(other.confirmed * 5 >= item.confirmed * 4 for other in longer):
            kept.append(item)
    result: list[Suggestion] = []
    for item in sorted(kept, key=lambda i: (-i.z, i.word)):
        if not any(other.word in item.word and other.confirmed >= 2 * item.confirmed for other in result):
            result.append(item)
    return result
