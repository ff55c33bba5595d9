"""Ordinary text for training, composed from sentences of all kinds: teaches that words of trade and daily life are
no sign.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

FOLDER = Path(__file__).parent / "training"


def sentences(folder: Path = FOLDER) -> list[str]:
    """The written texts of all writers, a line each."""
    files = sorted(folder.glob("ordinary*.txt"))
    return [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line]


def vocabulary() -> tuple[list[str], list[float]]:
    """Words of jieba's dictionary with weights that let rare ones be seen."""
    import jieba

    words: list[str] = []
    weights: list[float] = []
    with jieba.get_dict_file() as handle:
        for line in handle:
            word, count, _ = line.decode("utf-8").split(" ", 2)
            words.append(word)
            weights.append(int(count) ** 0.6)
    return words, weights


def salads(number: int, seed: int = 2) -> list[str]:
    """Texts of random words: they lend the whole vocabulary a little weight against an offer."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    words, weights = vocabulary()
    summed = list(accumulate(weights))  # summed up once, not for every text: the same draws, a thousand times as fast
    return [
        "".join(chance.choices(words, cum_weights=summed, k=chance.choice((6, 12, 25, 60, 120)))) for _ in range(number)
    ]


def strewn(number: int, words: Sequence[str], seed: int = 3) -> list[str]:
    """Ordinary sentences and random words with one to three words of our lists among them: alone they mean nothing."""
    pool = sentences()
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    noise = salads(number, seed + 1)
    texts: list[str] = []
    for count in range(number):
        parts = [chance.choice(pool) for _ in range(chance.choice((1, 2, 3, 5)))] if count % 2 else [noise[count]]
        for _ in range(chance.choice((1, 2, 2, 3))):
            place = chance.randrange(len(parts))
            at = chance.randrange(len(parts[place]) + 1)
            parts[place] = parts[place][:at] + chance.choice(words) + parts[place][at:]
        texts.append("".join(parts))
    return texts


def compose(mixtures: int, random_words: int = 0, seed: int = 1) -> list[dict[str, object]]:
    """Rows in the training format: each text alone, mixtures of two to twelve, and some of random words."""
    pool = sentences()
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    mixed = ["".join(chance.choice(pool) for _ in range(chance.choice((2, 2, 3, 4, 6, 12)))) for _ in range(mixtures)]
    return [
        {"id": f"o-{count:04}", "title": "", "text": text, "label": "not_offer", "offer_types": [], "genre": "ordinary"}
        for count, text in enumerate(pool + mixed + salads(random_words), 1)
    ]
