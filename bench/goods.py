"""Ordinary goods for the benches: invented second-hand listings, put together from phrases (goods.txt) by a seed."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path


@cache
def phrases() -> dict[str, list[str]]:
    """Phrases by heading."""
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("goods.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            current = found.setdefault(line.removeprefix("# "), [])
        else:
            current.append(line)
    return found


def goods(chooser: random.Random, length: int) -> str:
    """One listing of about so many characters."""
    known = phrases()
    text = f"{chooser.choice(known['city'])}出{chooser.choice(known['what'])}一件。"
    while len(text) < length:
        text += chooser.choice(known["how"]) + "，" + chooser.choice(known["what"]) + "也可以一起看看。"
    return text[:length]
