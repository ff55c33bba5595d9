"""Ordinary text for training, composed from sentences of all kinds: teaches that words of trade and daily life are
no sign.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

FOLDER = Path(__file__).parent / "training"
REACH = (
    "微信", "加微信", "微信号", "薇信", "卫星", "V信", "vx", "QQ", "qq", "扣扣", "Q群", "电话", "手机", "联系",
    "联系电话", "热线", "私信", "咨询", "客服", "公众号", "请加", "详询", "致电", "留言", "邮箱",
)  # fmt: skip
"""How people of every trade say where they are found."""


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
        "".join(chance.choices(words, cum_weights=summed, k=chance.choice((3, 6, 12, 25, 60, 120))))
        for _ in range(number)
    ]


def letters(chance: random.Random) -> str:
    """An invented Latin word, model number, account name, masked number or amount."""
    word = "".join(
        chance.choice("bcdfghjklmnprstvwxyz") + chance.choice("aeiou") for _ in range(chance.choice((1, 2, 3, 4)))
    )
    capitals = "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=chance.choice((1, 2, 3, 4))))
    number = str(chance.randrange(10 ** chance.choice((1, 2, 3, 4, 8, 11))))
    masked = chance.choice(("x", "X", "*")) * chance.choice((2, 4, 8, 11))
    forms = (word, word.capitalize(), word.upper(), capitals, number, masked, capitals + number, word + number)
    return chance.choice((*forms, f"{capitals}-{number}", f"{word} {word[::-1]}", word + masked, number + capitals))


def lettered(number: int, seed: int = 4) -> list[str]:
    """Ordinary sentences with Latin words, numbers and ways to reach somebody: none of them makes an offer."""
    pool = sentences()
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    texts: list[str] = []
    for count in range(number):
        text = chance.choice(pool)
        for _ in range(chance.choice((1, 1, 2, 3))):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + letters(chance) + text[at:]
        if count % 2:
            reach = chance.choice(REACH) + chance.choice(("", " ", "：", ":")) + letters(chance)
            text = chance.choice((text + " " + reach, text + reach, reach + text, reach))
        texts.append(text)
    return texts


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


def compose(mixtures: int, random_words: int = 0, with_letters: int = 0, seed: int = 1) -> list[dict[str, object]]:
    """Rows in the training format: each text alone, mixtures of two to twelve, some of random words, some with Latin
    letters and contacts.
    """
    pool = sentences()
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    mixed = ["".join(chance.choice(pool) for _ in range(chance.choice((2, 2, 3, 4, 6, 12)))) for _ in range(mixtures)]
    return [
        {"id": f"o-{count:04}", "title": "", "text": text, "label": "not_offer", "offer_types": [], "genre": "ordinary"}
        for count, text in enumerate(pool + mixed + salads(random_words) + lettered(with_letters), 1)
    ]
