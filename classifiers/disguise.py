"""Disguises for training: takes the same plain text to another writing of it, the same each time for the same seed.

Tests use generators of their own; a model that only knows these would be found out there.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from functools import cache
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
CLAUSES = re.compile(r"([，。！？、,\s]+)")
POEMS = (
    "春风又绿江南岸，明月何时照我还。",
    "祝各位老板生意兴隆，阖家欢乐。",
    "采菊东篱下，悠然见南山。",
    "早安，愿你今天也有好心情。",
    "孤帆远影碧空尽，唯见长江天际流。",
)


EMOJI = {
    "证": "🪪📜📄",
    "电": "⚡🔌",
    "车": "🚗🚙",
    "钱": "💰💵",
    "加": "➕",
    "信": "❤💚",
    "包": "👜💼",
    "过": "🈴✅",
    "照": "📷",
    "天": "🌞",
    "考": "📝",
    "不": "🙅🚫",
    "百": "💯",
    "学": "🎓",
    "焊": "🔥",
    "火": "🔥",
    "塔": "🗼",
    "吊": "🏗",
    "家": "🏠",
    "送": "📦",
    "人": "🧑👤",
}
SHAPES = {
    "证": "怔",
    "代": "伐",
    "考": "孝老",
    "本": "夲",
    "办": "协为",
    "包": "句勹",
    "过": "迂辻",
    "免": "兔",
    "作": "怍",
    "工": "エ",
    "口": "ロ",
    "子": "孑孓",
    "人": "亼仌",
    "电": "甩龟",
    "低": "彽氐",
    "压": "圧",
    "高": "髙",
    "保": "褓",
    "操": "噪",
    "试": "拭",
    "真": "嫃",
    "天": "兲",
    "全": "佺",
    "国": "囯",
    "不": "卟吥",
    "到": "箌",
    "今": "紟",
    "我": "涐",
    "有": "洧",
    "中": "狆",
    "机": "凣",
    "几": "凢",
    "八": "ハ",
    "二": "ニ",
    "力": "カ",
}


@cache
def _parts() -> tuple[dict[str, str], dict[str, list[str]]]:
    body = json.loads(Path(__file__).with_name("fold_parts.json").read_text(encoding="utf-8"))
    return body["pinyin"], body["split"]


@cache
def _sounding() -> dict[str, str]:
    """Characters of the lists that sound alike."""
    groups: dict[str, str] = {}
    for char, sound in _parts()[0].items():
        groups[sound] = groups.get(sound, "") + char
    return {char: groups[sound].replace(char, "") for char, sound in _parts()[0].items() if len(groups[sound]) > 1}


def replaced(text: str, table: dict[str, str], share: float, chance: random.Random) -> str:
    """Some of the characters a table knows, each by one of its values' characters."""
    return "".join(chance.choice(table[char]) if char in table and chance.random() < share else char for char in text)


def separated(text: str, chance: random.Random) -> str:
    """A separator between some Chinese characters."""
    mark = chance.choice(SEPARATORS)
    return "".join(char + (mark if char >= "一" and chance.random() < 0.5 else "") for char in text)


def sounded(text: str, chance: random.Random) -> str:
    """Pinyin for some characters, of all or of the core."""
    sounds = _parts()[0]
    share, every = chance.choice(((0.5, False), (0.15, True), (0.4, True)))
    return "".join(
        sounds[char] if char in sounds and (every or char in HOMOPHONES) and chance.random() < share else char
        for char in text
    )


def initialed(text: str, chance: random.Random) -> str:
    """First letters for some characters, of all or of the core."""
    sounds = _parts()[0]
    share, every = chance.choice(((0.35, False), (0.2, True), (0.5, True)))
    return "".join(
        sounds[char][0] if char in sounds and (every or char in HOMOPHONES) and chance.random() < share else char
        for char in text
    )


def split(text: str, chance: random.Random) -> str:
    """Two parts for some characters."""
    parts = _parts()[1]
    share = chance.choice((0.2, 0.5))
    return "".join(chance.choice(parts[char]) if char in parts and chance.random() < share else char for char in text)


def swapped(text: str, chance: random.Random) -> str:
    """Some neighbours change places; now and then a whole clause stands backwards."""
    if chance.random() < 0.25:
        return "".join(part[::-1] if len(part) < 9 else part for part in CLAUSES.split(text))
    chars = list(text)
    at = 0
    while at < len(chars) - 1:
        if chars[at] >= "一" and chars[at + 1] >= "一" and chance.random() < 0.25:
            chars[at], chars[at + 1] = chars[at + 1], chars[at]
            at += 1
        at += 1
    return "".join(chars)


def pictured(text: str, chance: random.Random) -> str:
    """Emoji for characters, and some between."""
    mark = chance.choice("🔥✨💯👇🌟")
    text = replaced(text, EMOJI, 0.6, chance)
    return "".join(char + (mark if chance.random() < 0.06 else "") for char in text)


def shaped(text: str, chance: random.Random) -> str:
    """Characters that look or are built alike."""
    return replaced(text, SHAPES, 0.6, chance)


def stacked(text: str, _: random.Random) -> str:
    """Written downwards: every character on a line of its own."""
    return "\n".join(text) if len(text) < 60 else text


def widened(text: str, _: random.Random) -> str:
    """Full-width letters and digits."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def padded(text: str, chance: random.Random) -> str:
    """A greeting or a line of a poem before and behind."""
    return chance.choice(POEMS) + text + chance.choice(POEMS)


def homophonic(text: str, chance: random.Random) -> str:
    """Homophones of core characters or of all."""
    if chance.random() < 0.5:
        return replaced(text, HOMOPHONES, 0.5, chance)
    return replaced(text, _sounding(), chance.choice((0.1, 0.25)), chance)


def traditional(text: str, chance: random.Random) -> str:
    """Traditional characters and circled digits."""
    return replaced(replaced(text, TRADITIONAL, 1.0, chance), CIRCLED, 0.7, chance)


def spelled(text: str, chance: random.Random) -> str:
    """Chinese numerals for digits."""
    return replaced(text, NUMERALS, 0.8, chance)


def mixed(text: str, chance: random.Random) -> str:
    """Two ways at once."""
    first, second = chance.sample((homophonic, sounded, split, shaped, separated, pictured, swapped), 2)
    return second(first(text, chance), chance)


WAYS: tuple[Callable[[str, random.Random], str], ...] = (
    separated, sounded, initialed, split, widened, padded, homophonic, traditional, spelled, swapped, pictured, shaped,
    stacked, mixed, homophonic, sounded, swapped,
)  # fmt: skip


def disguised(title: str, text: str, seed: int) -> tuple[str, str]:
    """Title and text in one disguise, chosen by the seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    way = WAYS[seed % len(WAYS)]
    return (way(title, chance) if title else ""), way(text, chance)
