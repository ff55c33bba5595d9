"""Disguises for training: takes the same plain text to another writing of it, the same each time for the same seed.

Tests use generators of their own; a model that only knows these would be found out there.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

SEPARATORS = (" ", ".", "·", "-", "*", "|", "/", "~", "_", "　", "\u200b", "\u2060", "◆", "✨", "🔥")
HOMOPHONES = {
    "证": "正政怔症", "考": "拷烤靠栲", "包": "苞煲堡鲍", "保": "堡宝饱", "过": "锅果裹", "微": "薇威溦徽", "信":
    "芯心新", "办": "半板扮", "代": "带贷待袋",
    "免": "勉面冕", "试": "式拭", "假": "甲贾", "操": "糙曹", "作": "做坐", "电": "店淀", "工": "公弓", "焊":
    "汗旱捍", "拿": "哪", "速": "素诉", "挂": "卦褂",
    "加": "伽佳家", "查": "察茶", "学": "雪", "刷": "唰", "高": "糕膏", "登": "灯蹬",
}  # fmt: skip
TRADITIONAL = dict(
    zip(
        "证过办电学时试师业书网专员队联系单费验复审资质机构产设备费录库质",
        "證過辦電學時試師業書網專員隊聯繫單費驗複審資質機構產設備費錄庫質",
        strict=True,
    )
)
CIRCLED = {str(digit): "⓪①②③④⑤⑥⑦⑧⑨"[digit] for digit in range(10)}
NUMERALS = {str(digit): "零一二三四五六七八九"[digit] for digit in range(10)}
POEMS = (
    "春风又绿江南岸，明月何时照我还。",
    "祝各位老板生意兴隆，阖家欢乐。",
    "采菊东篱下，悠然见南山。",
    "早安，愿你今天也有好心情。",
    "孤帆远影碧空尽，唯见长江天际流。",
)


def _parts() -> tuple[dict[str, str], dict[str, list[str]]]:
    body = json.loads(Path(__file__).with_name("fold_parts.json").read_text(encoding="utf-8"))
    return body["pinyin"], body["split"]


def replaced(text: str, table: dict[str, str], share: float, chance: random.Random) -> str:
    """Some of the characters a table knows, each by one of its values' characters."""
    return "".join(chance.choice(table[char]) if char in table and chance.random() < share else char for char in text)


def separated(text: str, chance: random.Random) -> str:
    """A separator between some Chinese characters."""
    mark = chance.choice(SEPARATORS)
    return "".join(char + (mark if char >= "一" and chance.random() < 0.5 else "") for char in text)


def sounded(text: str, chance: random.Random) -> str:
    """Pinyin for some core characters."""
    sounds = _parts()[0]
    return "".join(
        sounds[char] if char in HOMOPHONES and char in sounds and chance.random() < 0.5 else char for char in text
    )


def initialed(text: str, chance: random.Random) -> str:
    """First letters for some core characters."""
    sounds = _parts()[0]
    return "".join(
        sounds[char][0] if char in HOMOPHONES and char in sounds and chance.random() < 0.35 else char for char in text
    )


def split(text: str, chance: random.Random) -> str:
    """Two parts for some core characters."""
    parts = _parts()[1]
    return "".join(
        chance.choice(parts[char]) if char in HOMOPHONES and char in parts and chance.random() < 0.5 else char
        for char in text
    )


def widened(text: str, _: random.Random) -> str:
    """Full-width letters and digits."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def padded(text: str, chance: random.Random) -> str:
    """A greeting or a line of a poem before and behind."""
    return chance.choice(POEMS) + text + chance.choice(POEMS)


def homophonic(text: str, chance: random.Random) -> str:
    """Homophones of core characters."""
    return replaced(text, HOMOPHONES, 0.5, chance)


def traditional(text: str, chance: random.Random) -> str:
    """Traditional characters and circled digits."""
    return replaced(replaced(text, TRADITIONAL, 1.0, chance), CIRCLED, 0.7, chance)


def spelled(text: str, chance: random.Random) -> str:
    """Chinese numerals for digits."""
    return replaced(text, NUMERALS, 0.8, chance)


WAYS: tuple[Callable[[str, random.Random], str], ...] = (
    separated, sounded, initialed, split, widened, padded, homophonic, traditional, spelled, homophonic, separated,
)  # fmt: skip


def disguised(title: str, text: str, seed: int) -> tuple[str, str]:
    """Title and text in one disguise, chosen by the seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    way = WAYS[seed % len(WAYS)]
    return (way(title, chance) if title else ""), way(text, chance)
