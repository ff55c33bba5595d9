"""Bodies without personal data and tokens, in which a platform file reads the same fields at the same places.

Ways to reach people, ID numbers and names of sellers keep their length and their kind of characters: a digit becomes 0
(a phone number keeps its first), a letter x, a Chinese character 某. JSON stays JSON, markup stays markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from adwatch.models import Contact

Find = Callable[[str], list[Contact]]
"""Contacts in a text (the classifier's rules)."""

PERSONAL = ("phone", "wechat", "qq", "telegram", "email", "id_number")
"""Kinds that are masked; an ordinary link or a public account is none."""
_KEYED = r"csrf[\w-]*|xsrf[\w-]*|nonce|[\w-]*token|session[\w-]*|sid|secret|api_?key|passw\w+|sign(?:ature)?"
_TOKEN_KEY = re.compile(rf"(?i)(?:{_KEYED})")
_IN_TEXT = re.compile(
    rf"(?i)(?<![A-Za-z])(?:{_KEYED})[\"']?\s*(?:[:=]\s*|\s(?:value|content)\s*=\s*)[\"']?([A-Za-z0-9_%+/=.-]{{8,}})"
)
"""``name="csrf" value="…"``, ``"token": "…"`` and ``?token=…``; ordinary words are shorter or hold no digit."""
_LONG_NUMBER = 10**10
"""A bare number that may be a phone's has at least so many digits."""
_DIGIT, _WORD = re.compile(r"\d"), re.compile(r"[0-9A-Za-z]")


def masked_body(text: str, find: Find, names: Sequence[str], is_json: bool) -> str:
    """The text of a body, masked; ``names`` are sellers as they were read out of it."""
    if is_json:
        value = _walk(json.loads(text), lambda one: masked_text(one, find, names))
        return json.dumps(value, ensure_ascii=False, indent=1)
    return masked_text(text, find, names)


def masked_text(text: str, find: Find, names: Sequence[str]) -> str:
    """One text, masked."""
    for contact in sorted(find(text), key=lambda one: one.start, reverse=True):
        if contact.kind in PERSONAL:
            text = text[: contact.start] + neutral(text[contact.start : contact.end]) + text[contact.end :]
    for name in sorted({name for name in names if maskable(name)}, key=len, reverse=True):
        text = _name(name).sub(lambda found: neutral(found[0]), text)
    return _IN_TEXT.sub(_without_token, text)


def maskable(name: str) -> bool:
    """Whether a name can be told from other text: not a single character, nor a few letters that markup is full of."""
    return len(name) >= (4 if name.isascii() else 2)


def _name(name: str) -> re.Pattern[str]:
    """The name where no letter or digit goes on with it."""
    front = r"(?<![0-9A-Za-z])" if _WORD.match(name[0]) else ""
    back = r"(?![0-9A-Za-z])" if _WORD.match(name[-1]) else ""
    return re.compile(front + re.escape(name) + back)


def neutral(raw: str) -> str:
    """The same length and kinds of characters; the first digit of a long number stays, so that it stays a number."""
    out = []
    for at, char in enumerate(raw):
        if char.isascii() and char.isdigit():
            out.append(char if at == 0 and char != "0" and raw.isdigit() else "0")
        elif char.isascii() and char.isalpha():
            out.append("x")
        else:
            out.append("某" if char.isalnum() else char)
    return "".join(out)


def _without_token(found: re.Match[str]) -> str:
    value = found[1]
    if not _DIGIT.search(value) and value.lower() == value:
        return found[0]
    return found[0][: -len(value)] + "0" * len(value)


def _walk(value: Any, mask: Callable[[str], str], key: str = "") -> Any:
    """A JSON value with its strings masked; a number that is a phone number, too."""
    if isinstance(value, dict):
        return {name: _walk(one, mask, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_walk(one, mask, key) for one in value]
    if isinstance(value, str):
        return "0" * len(value) if len(value) >= 8 and _TOKEN_KEY.fullmatch(key) else mask(value)
    if isinstance(value, int) and value >= _LONG_NUMBER:
        return int(mask(str(value)))
    return value
