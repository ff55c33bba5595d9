"""Words of host names with their weights (lookalike_tokens.csv), letters that look like others, misspellings."""

from __future__ import annotations

import csv
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from adwatch.errors import SpecError

WEIGHTS = {
    "gov": 1.6,
    "authority": 1.4,
    "strong": 2.0,
    "lookup": 2.1,
    "query": 1.1,
    "paper": 1.0,
    "trade": 0.9,
    "place": 0.7,
    "posing": 0.6,
    "claim": 0.2,
    "honest": -2.0,
}
"""What a kind of word says, once; query and paper together (``lookup``) are what a fake look-up is called."""
_SWAPS = {
    **dict(zip(map(ord, "013457"), "oleast", strict=True)),
    # UTS #39: Cyrillic and Greek letters that look like Latin ones
    **dict(zip(map(ord, "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0501"), "aeopcyxisd", strict=True)),
    **dict(zip(map(ord, "\u043c\u043a\u0442\u043d\u0432\u0433\u043f\u0458\u051f"), "mkthbrnjk", strict=True)),
    **dict(zip(map(ord, "\u0261\u04bb\u051b\u051d\u03bd\u03bf\u03c1\u03c4\u03b9\u03ba"), "ghqwvoptik", strict=True)),
    # ... and letters of other alphabets, and Latin ones that keep no base letter when they are taken apart
    **dict(zip(map(ord, "\u0251\u0131\u0142\u04cf\u0578\u057d\u0585\u0581\u0570\u03b1"), "aillnuogha", strict=True)),
}
ENDS = 5
"""Letters at one of a word's ends, at least, that a single wrong letter leaves as they were."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def read_tokens(file: Path) -> dict[str, str]:
    """Kind of each word."""
    found: dict[str, str] = {}
    with file.open(encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), 2):
            if row["kind"] not in WEIGHTS:
                raise SpecError(str(file), number, "kind", f"{row['kind']!r}: write one of {', '.join(WEIGHTS)}")
            if row["token"] in found:
                raise SpecError(str(file), number, "token", f"{row['token']} stands twice")
            found[row["token"]] = row["kind"]
    return found


def unswapped(text: str) -> str:
    """Letters in the place of what is written to look like them."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return text.translate(_SWAPS).replace("rn", "m").replace("vv", "w")


@cache
def misspellings(name: str) -> frozenset[str]:
    """Names one letter away (left out, doubled, swapped, replaced) of names long enough to be mistaken for."""
    if len(name) < 5:
        return frozenset()
    cuts = range(len(name))
    left_out = {name[:at] + name[at + 1 :] for at in cuts}
    swapped = {name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in cuts[:-1]}
    replaced = {name[:at] + letter + name[at + 1 :] for at in cuts for letter in LETTERS}
    put_in = {name[:at] + letter + name[at:] for at in range(len(name) + 1) for letter in LETTERS}
    return frozenset((left_out | swapped | replaced | put_in) - {name})


def said(kind: str, word: str) -> str:
    named = {
        "gov": "含政府字样",
        "authority": "含主管部门或其网站名",
        "strong": "含官方网站独有的名称",
        "lookup": "含证书查询字样",
        "query": "含查询字样",
        "paper": "含证书字样",
        "trade": "含工种或考试字样",
        "place": "含地名",
        "posing": "含自称官方的字样",
        "claim": "",
        "honest": "含培训、商业字样",
    }[kind]
    return f"{named}“{word}”" if named else ""


class Misspelt:
    """Long words that are still known with one letter wrong: found by what is left when a letter is taken out."""

    def __init__(self, words: Iterable[str], shortest: int) -> None:
        self.shortest = shortest - 1
        self._words: dict[str, list[str]] = defaultdict(list)
        self._heads, self._tails = set[str](), set[str]()
        for word in words:
            self._heads.add(word[:ENDS])
            self._tails.add(word[-ENDS:])
            for left in _left_out(word):
                self._words[left].append(word)

    def meant(self, piece: str) -> str | None:
        """The word that a piece is one letter away from."""
        if len(piece) < self.shortest or (piece[:ENDS] not in self._heads and piece[-ENDS:] not in self._tails):
            return None
        found = (word for left in _left_out(piece) for word in self._words.get(left, ()))
        return next((word for word in found if _one_away(piece, word)), None)


def _left_out(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _one_away(one: str, other: str) -> bool:
    """Whether a letter is left out, put in, replaced, or swapped with its neighbour."""
    start = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(other))
    a, b = one[start:], other[start:]
    swapped = a[:2] == b[:2][::-1] and a[2:] == b[2:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or swapped
