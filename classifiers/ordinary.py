"""Ordinary text for training, composed from sentences of all kinds: teaches that words of trade and daily life are no sign."""

from __future__ import annotations

import random
from pathlib import Path

FILE = Path(__file__).parent / "training" / "ordinary.txt"


def sentences(file: Path = FILE) -> list[str]:
    """The written sentences."""
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line]


def compose(number: int, seed: int = 1) -> list[dict[str, object]]:
    """``number`` rows in the training format: each sentence alone, then mixtures of two to twelve."""
    pool = sentences()
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    texts = list(pool)
    while len(texts) < number:
        texts.append("".join(chance.choice(pool) for _ in range(chance.choice((1, 2, 2, 3, 3, 4, 6, 8, 12)))))
    return [
        {"id": f"o-{count:04}", "title": "", "text": text, "label": "not_offer", "offer_types": [], "genre": "ordinary"}
        for count, text in enumerate(texts[:number], 1)
    ]
