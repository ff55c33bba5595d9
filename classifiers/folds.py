"""Detection folds: many texts at once as one NumPy array of characters, with a map back to the raw offsets.

Two layers. *Light* undoes what changes neither sound nor meaning (width, case, traditional forms, enclosed letters,
radicals,
emoji with a conventional reading) and drops everything that is neither a letter nor a digit. *Heavy* then maps
homophones and
look-alikes of the lists' core characters to one representative; it only serves to find, the light text is what is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from classifiers.arrays import Chars, Index, codes, look_up, string
from classifiers.loops import fold, squeeze

KINDS = ("none", "width", "traditional", "enclosed", "radical", "shape", "emoji", "homophone", "lookalike", "martian")
"""Names of the one-to-one folds, by their number in folds.npz."""
EXACT = frozenset({"none", "width", "traditional"})
"""Folds that leave a hit in the tier "exact"."""
SEPARATOR = 0x10FFFF
"""Stands between the texts of a batch; in a raw text it is dropped."""
MARKUP = re.compile(r"<[^<>]{0,300}>|&(?:#\d{2,7}|#x[0-9a-fA-F]{2,6}|[a-zA-Z]{2,8});")


def _marked(together: str, texts: Sequence[str], stops: Index) -> set[int]:
    """Texts that may hold markup; ``together`` are all of them, which end at ``stops``."""
    found: set[int] = set()
    for opening, closing in (("<", ">"), ("&", ";")):
        at = together.find(opening)
        while at >= 0:
            number = int(np.searchsorted(stops, at))
            if closing in texts[number]:
                found.add(number)
            at = together.find(opening, int(stops[number]))
    return found


@dataclass(frozen=True, slots=True)
class Batch:
    """Folded texts, one after another, each followed by a separator."""

    light: Chars
    """Light-folded characters."""
    index: Index
    """Position of each in the joined raw texts (a separator counts as one character)."""
    starts: Index
    """Where each text starts in ``light``."""
    ends: Index
    """Where each text ends in ``light``; its separator stands there."""
    offsets: Index
    """Where each text starts in the joined raw texts."""
    spots: Index
    """Where characters of addresses (``loops.SPOTS``) stand in ``raw``."""
    raw: Chars
    """The joined raw texts; only letters and digits fold, so that anything else is looked for here."""
    table: Chars
    """The light fold."""

    def owners(self, places: Index) -> Index:
        """The text each of some places in ``raw`` is in."""
        owners: Index = np.searchsorted(self.offsets, places, side="right") - 1
        return owners

    def wholes(self, numbers: Index) -> list[str]:
        """Some texts light-folded with nothing dropped: offsets are those of the raw texts."""
        if not len(numbers):
            return []
        begins, ends = self.offsets[numbers], np.append(self.offsets[1:], len(self.raw))[numbers] - 1
        raw = np.concatenate([self.raw[begin:end] for begin, end in zip(begins, ends, strict=True)])
        folded = look_up(self.table, raw)
        joined = string(np.where(folded != 0, folded, raw))
        return [joined[start:end] for start, end in pairwise((0, *np.cumsum(ends - begins).tolist()))]


class Folds:
    """The fold tables, looked up by code point."""

    def __init__(self, file: Path | None = None) -> None:
        with np.load(file or Path(__file__).with_name("folds.npz")) as data:
            self.light = np.arange(0x110000, dtype=np.uint32)
            self.light[data["light_from"]] = data["light_to"]
            self.light[np.unpackbits(data["deleted"])[:0x110000].astype(bool)] = 0
            self.light[SEPARATOR] = 0
            self.heavy = np.arange(0x110000, dtype=np.uint32)
            self.heavy[data["heavy_from"]] = data["heavy_to"]
            self.light_map = dict(zip(data["light_from"].tolist(), data["light_to"].tolist(), strict=True))
            self.heavy_map = dict(zip(data["heavy_from"].tolist(), data["heavy_to"].tolist(), strict=True))
            self.light_kind = dict(zip(data["light_from"].tolist(), data["light_kind"].tolist(), strict=True))
            self.heavy_kind = dict(zip(data["heavy_from"].tolist(), data["heavy_kind"].tolist(), strict=True))

    def batch(self, texts: Sequence[str]) -> Batch:
        """Light-fold the texts; linear in their length."""
        together = "\x00".join((*texts, ""))
        joined, light, spots = fold(together, self.light)
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        stops = np.cumsum(lengths + 1) - 1
        offsets = stops - lengths
        for number in _marked(together, texts, stops):
            self._markup(texts[number], light[offsets[number] : stops[number]])
        light[stops] = SEPARATOR
        light, index, ends = squeeze(light, stops, SEPARATOR)
        starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1] + 1))
        return Batch(light, index, starts, ends, offsets, spots, joined, self.light)

    def _markup(self, text: str, light: Chars) -> None:
        for match in MARKUP.finditer(text):
            start, end = match.span()
            light[start:end] = 0
            if text.startswith("&#", start):
                digits = text[start + 2 : end - 1]
                code = int(digits[1:], 16) if digits[0] == "x" else int(digits)
                if code < SEPARATOR:
                    light[start] = self.light[code]

    def fold(self, text: str) -> str:
        """One text light-folded, as a string."""
        return self.fold_all([text])[0]

    def fold_all(self, texts: Sequence[str]) -> list[str]:
        """Texts light-folded, as strings."""
        return string(self.batch(texts).light).split(chr(SEPARATOR))[:-1]

    def flat(self, text: str) -> str:
        """One text light-folded with nothing dropped: offsets are those of the raw text."""
        return self.flat_all([text])[0]

    def flat_all(self, texts: Sequence[str]) -> list[str]:
        """Texts light-folded with nothing dropped."""
        return self.batch(texts).wholes(np.arange(len(texts)))

    def heavily(self, text: str) -> str:
        """A light-folded text with its homophones folded."""
        return self.heavily_all([text])[0]

    def heavily_all(self, texts: Sequence[str]) -> list[str]:
        """Light-folded texts with their homophones folded."""
        between = chr(SEPARATOR)
        return string(look_up(self.heavy, codes(between.join((*texts, ""))))).split(between)[:-1]

    def kinds(self, raw: str) -> list[str]:
        """Names of the light folds that a stretch of raw text needed, in order of their number."""
        numbers = {self.light_kind.get(ord(char), 0) for char in set(raw)}
        return [KINDS[number] for number in sorted(numbers - {0})]
