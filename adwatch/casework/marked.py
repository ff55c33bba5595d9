"""A text cut into pieces for a screen: plain, or marked with what was found and how it reads; what differs in two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

CONTACTS = {
    "phone": "电话",
    "wechat": "微信",
    "qq": "QQ",
    "email": "邮箱",
    "url": "网址",
    "telegram": "电报",
    "account": "账号",
}
"""Chinese names of the kinds of contact."""

LONGEST = 20_000
"""Characters of one text that a screen shows."""
FINE = 4_000
"""Characters up to which two texts are compared letter by letter, beyond it line by line."""

Piece = dict[str, Any]


def pieces(whole: str, evidence: Sequence[Mapping[str, Any]], contacts: Sequence[Mapping[str, Any]]) -> list[Piece]:
    """The text in pieces (text, kind: plain | hit | contact, readings: what ends there, each with reading and why).

    A reading is told where the outermost finding ends, and only where the text is written otherwise than it reads.
    """
    shown = whole[:LONGEST]
    spans = [(e["start"], e["end"], "hit", e) for e in evidence] + [
        (c["start"], c["end"], "contact", c) for c in contacts
    ]
    spans = [span for span in spans if span[0] < min(span[1], len(shown))]
    edges = sorted({0, len(shown), *(min(at, len(shown)) for span in spans for at in span[:2])})
    found = []
    for start, end in pairwise(edges):
        over = [span for span in spans if span[0] <= start and span[1] >= end]
        kind = "contact" if any(span[2] == "contact" for span in over) else "hit" if over else "plain"
        ending = [span for span in over if span[1] == end or (span[1] > end and end == len(shown))]
        found.append({"text": shown[start:end], "kind": kind, "readings": _readings(ending)})
    return found


def _readings(ending: Sequence[tuple[int, int, str, Mapping[str, Any]]]) -> list[Piece]:
    readings: dict[str, Piece] = {}
    for _, _, kind, found in sorted(ending, key=lambda span: span[0]):
        if kind == "contact":
            readings.setdefault(CONTACTS.get(found["kind"], found["kind"]), {"why": "联系方式（已脱敏）"})
        elif found["fold"] != "none":
            readings.setdefault(found["keyword"], {"why": found["fold"]})
    return [{"reading": reading, **told} for reading, told in readings.items()]


def differences(old: str, new: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """(pieces of the old text, pieces of the new one), each with whether the other has it not."""
    old, new = old[:LONGEST], new[:LONGEST]
    fine = max(len(old), len(new)) <= FINE
    left: Sequence[str] = old if fine else old.splitlines(keepends=True)
    right: Sequence[str] = new if fine else new.splitlines(keepends=True)
    before, after = [], []
    for word, a, b, c, d in SequenceMatcher(None, left, right, autojunk=not fine).get_opcodes():
        if a < b:
            before.append(("".join(left[a:b]), word != "equal"))
        if c < d:
            after.append(("".join(right[c:d]), word != "equal"))
    return before, after
