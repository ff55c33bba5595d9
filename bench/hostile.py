"""Hostile and random texts through the judge: ``python -m bench hostile [N] [FILE]`` (default 100,000 texts).

Prints crashes, throughput beside ordinary text (a batch of each in turn, since what else runs on the machine slows
both), and the time a character at doubling sizes. Ordinary are invented descriptions of goods as long as the hostile
texts, which hardly any word of the lists touches, and the lines of FILE (.txt or .txt.gz, a text a line).
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.goods import goods
from classifiers.evaluate import lines
from classifiers.judge import OfferJudge

LENGTH = 120
BATCH = 2000
TURNS = 6
"""Batches of ordinary text, over and over."""
SIZES = (100_000, 200_000, 400_000, 800_000)
Chance = random.Random


def any_characters(chance: Chance) -> str:
    """Code points of the whole range, lone surrogates included."""
    return "".join(chr(chance.randrange(0x110000)) for _ in range(LENGTH))


def han(chance: Chance) -> str:
    """Random Chinese characters."""
    return "".join(chr(chance.randrange(0x4E00, 0x9FA6)) for _ in range(LENGTH))


def towers(chance: Chance) -> str:
    """Combining characters on every letter, bidi controls between."""
    return "".join("证考包过"[chance.randrange(4)] + "\u0300\u0336\u202e\u2066" * 7 for _ in range(4))


def separators(chance: Chance) -> str:
    """Only separators."""
    return chance.choice(" \u200b·-*|，。\n") * LENGTH


def markup(chance: Chance) -> str:
    """Tags and entities that never end."""
    return chance.choice(("<", "&#", "&amp;", "<a ", "“", "[")) * (LENGTH // 2)


def digits(chance: Chance) -> str:
    """Endless numbers and contact words."""
    return chance.choice(("1380000", "一三八", "vx", "加微", "qq1", "@a.", "www.", "t.me/")) * (LENGTH // 4)


KINDS: tuple[Callable[[Chance], str], ...] = (any_characters, han, towers, separators, markup, digits)


def keywords(judge: OfferJudge) -> Callable[[Chance], str]:
    """Words of the lists in a row."""
    words = [entry.word for entry in judge.scanner.lexicon.entries]

    def rows_of_keywords(chance: Chance) -> str:
        return "".join(chance.choices(words, k=LENGTH // 4))

    return rows_of_keywords


@dataclass(slots=True)
class Spent:
    """Characters judged, and seconds of the processor that they took."""

    characters: int = 0
    seconds: float = 0.0

    def run(self, judge: OfferJudge, texts: Sequence[str]) -> None:
        """Judge some more; the time counts even where that crashes."""
        pairs = [("", text) for text in texts]
        begin = time.process_time()
        try:
            judge.judge(pairs)
        finally:
            self.seconds += time.process_time() - begin
            self.characters += sum(map(len, texts))

    @property
    def rate(self) -> float:
        """Mchar/s."""
        return self.characters / self.seconds / 1e6


def speed(judge: OfferJudge, texts: Sequence[str]) -> float:
    """Mchar/s of processor time."""
    spent = Spent()
    spent.run(judge, texts)
    return spent.rate


def batches(kinds: Sequence[Callable[[Chance], str]], number: int) -> Iterator[list[str]]:
    """Texts of all kinds in turn."""
    chance = random.Random(7)
    for start in range(0, number, BATCH):
        yield [kinds[(start + place) % len(kinds)](chance) for place in range(min(BATCH, number - start))]


def main() -> int:
    """Print the figures; 1 after a crash."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    judge = OfferJudge.load()
    chooser = random.Random(3)
    ordinary = {"goods": [goods(chooser, LENGTH) for _ in range(TURNS * BATCH)]}
    if len(sys.argv) > 2:
        given = [text for batch in lines(Path(sys.argv[2])) for text in batch]
        ordinary["lines"] = chooser.sample(given, TURNS * BATCH)
    for texts in ordinary.values():
        speed(judge, texts)
    usual = {name: Spent() for name in ordinary}
    hostile = Spent()
    crashes = 0
    for turn, texts in enumerate(batches((*KINDS, keywords(judge)), number)):
        for name, spent in usual.items():
            spent.run(judge, ordinary[name][turn % TURNS * BATCH :][:BATCH])
        try:
            hostile.run(judge, texts)
        except Exception as error:  # noqa: BLE001 - counted and named: that is the bench
            crashes += 1
            print(f"crash: {error!r}")
    print(f"{number:,} hostile texts: {crashes} crashes, {hostile.rate:.2f} Mchar/s")
    for name, spent in usual.items():
        print(f"ordinary, {name}: {spent.rate:.2f} Mchar/s, hostile {hostile.rate / spent.rate:.2f} of it", flush=True)
    for kind in (*KINDS, keywords(judge)):
        chance = random.Random(5)
        texts = [kind(chance) for _ in range(BATCH)]
        print(f"  {kind.__name__:16} {speed(judge, texts):8.2f} Mchar/s")
    for name, piece in (
        ("one character", "证"),
        ("separators", "·"),
        ("keywords", "电工证包过加微信"),
        ("quotes", "“包过"),
        ("tags", "<b"),
    ):
        rates = []
        for size in SIZES:
            text = (piece * (size // len(piece) + 1))[:size]
            begin = time.process_time()
            judge.judge([("", text)])
            rates.append((time.process_time() - begin) / size * 1e6)
        print(f"  {name:16} µs a character at {SIZES}: " + ", ".join(f"{rate:.2f}" for rate in rates), flush=True)
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
