"""Disguises for tests: written apart from those of the training text, with libraries where there are some."""

from __future__ import annotations

import random
from collections.abc import Callable

from opencc import OpenCC
from pypinyin import lazy_pinyin

CORE = "证考包保过微信办代免试假操作电工焊拿速成挂查学时刷登高叉车照到场"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
MARKS = (" ", "、", "。", "+", "=", "/", "^", "—", "★", "☆", "●", "✦")
STROKES = "丶丨灬"
"""Strokes that count as Chinese characters: a separator that no deletion of signs removes."""
EMOJI = ("😀", "🌟", "✅", "💯", "👉", "🎉", "🔔", "🌹")
SOUND = {
    "证": "政征正", "考": "烤拷", "包": "苞胞", "保": "堡葆", "过": "锅", "微": "薇威", "信": "芯訫", "办": "瓣",
    "代": "带玳", "免": "勉", "试": "式", "假": "甲", "焊": "旱", "拿": "哪", "挂": "卦", "查": "茬", "学": "穴",
}  # fmt: skip
SHAPE = {
    "证": "証", "考": "栲", "包": "佨", "过": "过", "微": "徽", "免": "兔", "办": "力", "代": "伐", "保": "堡",
    "工": "エ", "电": "甴", "到": "菿", "不": "卟", "加": "咖", "出": "岀", "本": "夲", "人": "亾", "一": "①",
}  # fmt: skip
PARTS = {"证": "讠正", "信": "亻言", "操": "扌喿", "焊": "火旱", "保": "亻呆", "试": "讠式", "代": "亻弋", "拿": "合手"}
CIRCLED = {str(n): "⓪①②③④⑤⑥⑦⑧⑨"[n] for n in range(10)}
KEYCAP = {str(n): f"{n}\ufe0f\u20e3" for n in range(10)}
SPELLED = {str(n): "零壹贰叁肆伍陆柒捌玖"[n] for n in range(10)}
LINES = ("云淡风轻近午天，傍花随柳过前川。", "愿大家平安喜乐，万事顺遂。", "昨夜雨疏风骤，浓睡不消残酒。")

_TRADITIONAL = OpenCC("s2t")


def _some(text: str, chance: random.Random, table: dict[str, str], share: float) -> str:
    return "".join(chance.choice(table[c]) if c in table and chance.random() < share else c for c in text)


def _whole(text: str, chance: random.Random, table: dict[str, str], share: float) -> str:
    return "".join(table[c] if c in table and chance.random() < share else c for c in text)


def _between(text: str, chance: random.Random, mark: Callable[[], str], share: float) -> str:
    return "".join(c + (mark() if c >= "一" and chance.random() < share else "") for c in text)


def separators(text: str, chance: random.Random) -> str:
    mark = chance.choice(MARKS)
    return _between(text, chance, lambda: mark, 0.6)


def strokes(text: str, chance: random.Random) -> str:
    mark = chance.choice(STROKES)
    return _between(text, chance, lambda: mark, 0.6)


def invisible(text: str, chance: random.Random) -> str:
    return _between(text, chance, lambda: chance.choice(INVISIBLE), 0.7)


def emoji(text: str, chance: random.Random) -> str:
    return _between(text, chance, lambda: chance.choice(EMOJI), 0.3)


def traditional(text: str, chance: random.Random) -> str:
    return str(_TRADITIONAL.convert(text))


def fullwidth(text: str, chance: random.Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def homophones(text: str, chance: random.Random) -> str:
    return _some(text, chance, SOUND, 0.6)


def lookalikes(text: str, chance: random.Random) -> str:
    return _whole(text, chance, SHAPE, 0.6)


def pinyin(text: str, chance: random.Random) -> str:
    return "".join(lazy_pinyin(c)[0] if c in CORE and chance.random() < 0.4 else c for c in text)


def initials(text: str, chance: random.Random) -> str:
    return "".join(lazy_pinyin(c)[0][0] if c in "证考包过微信办免焊" and chance.random() < 0.35 else c for c in text)


def split_characters(text: str, chance: random.Random) -> str:
    return _whole(text, chance, PARTS, 0.6)


def digits(text: str, chance: random.Random) -> str:
    return _whole(text, chance, chance.choice((CIRCLED, KEYCAP, SPELLED)), 1.0)


def swapped(text: str, chance: random.Random) -> str:
    """Here and there two neighbours of a core word change places."""
    chars = list(text)
    for at in range(len(chars) - 1):
        if chars[at] in CORE and chars[at + 1] in CORE and chance.random() < 0.25:
            chars[at], chars[at + 1] = chars[at + 1], chars[at]
    return "".join(chars)


def padded(text: str, chance: random.Random) -> str:
    return chance.choice(LINES) + "\n" + text + "\n" + chance.choice(LINES)


def mixed(text: str, chance: random.Random) -> str:
    return invisible(homophones(traditional(text, chance), chance), chance)


WAYS: tuple[Callable[[str, random.Random], str], ...] = (
    separators, strokes, invisible, emoji, traditional, fullwidth, homophones, lookalikes, pinyin, initials, split_characters,
    digits, swapped, padded, mixed,
)  # fmt: skip
