"""Finds the lists' words in many texts with one pass of one automaton, and reads each hit back in the raw text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, islice

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
import rjieba

from classifiers.arrays import Index, codes, look_up, string
from classifiers.folds import EXACT, Batch, Folds
from classifiers.gate import Gate
from classifiers.lexicon import Entry, Lexicon
from classifiers.matches import Gathered, gathered
from classifiers.variants import COSTS, Pattern, Variants

FOLDABLE = frozenset({"promise", "certificate", "contact", "order", "material", "result", "absent"})
SHIELDS = frozenset({"lawful", "goods", "textbook", "school"})
"""Kinds whose longer words take a promise out that stands inside them: 社保挂靠, 即买即办证."""
SAFETY = ("special_operations", "safety_knowledge", "construction", "special_equipment")
"""Families of the scope safety_production."""
PAPERS = ("证", "书", "本")
"""What the full name of a paper ends with."""
STOPS = frozenset("，。！？；：、\n")
REMEMBERED = 1 << 15
"""Writings of words whose entry is kept at hand."""
BETWEEN = "\n"
"""Stands in no light text."""
LONE = re.compile("[\ud800-\udfff]")
TORN_AS_WRITTEN, TORN_HOMOPHONE = np.uint8(1), np.uint8(2)
FOLLOWERS = np.zeros(0x110000, dtype=np.bool_)
FOLLOWERS[codes("试证关科级本班包考生人")] = True
"""A keyword may run into a word that begins with its last character if that word goes on so: 代|考试, 包|过关."""


@dataclass(slots=True)
class Hit:
    """A word of a list found in a text."""

    entry: Entry
    """The list's entry."""
    start: int
    """Offset in the raw text."""
    end: int
    """End offset in the raw text, exclusive."""
    at: int
    """Offset in the light text."""
    to: int
    """End offset in the light text, exclusive."""
    folds: tuple[str, ...]
    """Foldings needed, none for the words as written."""
    cost: int
    """How doubtful the foldings are together."""
    status: str = "plain"
    """For promises: plain, negated, ascribed, quoted or asked."""

    @property
    def exact(self) -> bool:
        """Whether nothing but width and traditional forms was undone."""
        return not self.folds or EXACT.issuperset(self.folds)


@dataclass(slots=True)
class Text:
    """One text with what was found in it."""

    raw: str
    """Title, newline and text."""
    light: str
    """Light-folded, letters and digits only."""
    index: Index
    """Raw offset of each character of ``light``."""
    title_end: int
    """Length of the title."""
    hits: list[Hit] = field(default_factory=list)
    """In order of their start."""
    starts: list[int] = field(default_factory=list)
    """Of the hits."""
    cuts: Index = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    """Where the words of the light text begin, and its end."""


def within(text: Text, span: tuple[int, int]) -> list[Hit]:
    """The hits that begin in a passage."""
    return text.hits[bisect_left(text.starts, span[0]) : bisect_left(text.starts, span[1])]


def _telling(entry: Entry) -> bool:
    """Whether a text is read in full for this word alone: a sure promise, or the name of a certificate or paper."""
    if entry.weight < 3 or entry.kind not in ("promise", "certificate"):
        return False
    paper = len(entry.word) > 2 and entry.word.endswith(PAPERS)
    return entry.kind == "promise" or entry.list in SAFETY or paper


class Scanner:
    """Folds, gate and automaton over one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.folds = Folds()
        self.lexicon = lexicon
        patterns = Variants(self.folds).patterns(lexicon)
        telling = [item for item in patterns if not item.way and _telling(item.entry)]
        own = {id(entry) for entry in lexicon.own()}
        self.gate = Gate(item.plain for item in telling if id(item.entry) not in own)
        self.fresh = Gate(item.plain for item in telling if id(item.entry) in own)
        """Words that training has not seen: the prefilter knows nothing of them."""
        groups: dict[str, list[Pattern]] = defaultdict(list)
        for pattern in patterns:
            groups[pattern.text].append(pattern)
        self.strings = list(groups)
        self.groups = [sorted(group, key=lambda item: -item.entry.weight) for group in groups.values()]
        self._choose = lru_cache(REMEMBERED)(self._chosen)
        self.automaton = ahocorasick_rs.AhoCorasick(self.strings, store_patterns=False)

    def scan(self, batch: Batch, numbers: Index, raws: Sequence[str], titles: Sequence[int]) -> dict[int, Text]:
        """The texts ``numbers``, read, by number; ``titles`` are the lengths of their titles."""
        result: dict[int, Text] = {}
        if not len(numbers):
            return result
        some = gathered(batch, numbers)
        matches, owners = some.find(self.automaton, look_up(self.folds.heavy, some.chars), overlapping=True)
        spans = some.raw_spans(matches, owners)
        texts = [
            Text(raws[number], string(batch.light[start:end]), batch.index[start:end] - offset, title)
            for number, title, start, end, offset in zip(
                numbers.tolist(),
                titles,
                batch.starts[numbers],
                batch.ends[numbers],
                batch.offsets[numbers],
                strict=True,
            )
        ]
        torn = _torn(some, texts, matches)
        matches[:, 1:] -= some.begins[owners, None]
        found = zip(*np.column_stack((matches, spans, torn)).T.tolist(), strict=True)
        for text, size in zip(texts, np.bincount(owners, minlength=len(texts)).tolist(), strict=True):
            self._read(text, islice(found, size))
        return dict(zip(numbers.tolist(), texts, strict=True))

    def _read(self, text: Text, rows: Iterable[tuple[int, ...]]) -> None:
        """``rows``: string number, start and end in the light text, start and end in the raw text, and bits
        of TORN_AS_WRITTEN and TORN_HOMOPHONE.
        """
        light, whole = text.light, text.raw
        for number, at, to, start, end, torn in rows:
            surface = light[at:to]
            chosen = self._choose(number, surface)
            if chosen is None:
                continue
            entry, way, cost, heavy = chosen
            if surface.isascii():
                if not self._alone(whole, start, end):
                    continue
            elif torn & (TORN_HOMOPHONE if heavy or way else TORN_AS_WRITTEN) and (heavy or way or to - at <= 2):
                continue
            raw = whole[start:end]
            wide = end - start > to - at
            if wide and not self._separated(raw, to - at, entry, bool(way)):
                continue
            folds = self.folds.kinds(raw) if raw != surface else []
            if way:
                folds.append(way)
            if wide:
                folds.append("separators")
            if heavy:
                folds.append(heavy)
            text.hits.append(Hit(entry, start, end, at, to, tuple(folds), cost))
        _settle(text)

    def _chosen(self, number: int, surface: str) -> tuple[Entry, str, int, str] | None:
        """Entry, way of writing, cost and heavy fold, if any, of what the automaton found."""
        group = self.groups[number]
        same = next((item for item in group if item.plain == surface), None)
        if same is not None:
            return same.entry, same.way, COSTS[same.way], ""
        other = next((item for item in group if self._foldable(item)), None)
        if other is None:
            return None
        cost = COSTS[other.way] + (1 if len(surface) > 2 else 2)
        return other.entry, other.way, cost, self._heavy(surface, other.plain)

    @staticmethod
    def _foldable(pattern: Pattern) -> bool:
        """Whether homophones may stand for the pattern's characters: frames and other ways of writing must be as
        listed.
        """
        entry = pattern.entry
        return entry.kind in FOLDABLE and entry.weight >= 2 and len(pattern.text) >= 2 and pattern.way in ("", "pinyin")

    @staticmethod
    def _alone(raw: str, start: int, end: int) -> bool:
        before, after = raw[start - 1 : start].lower(), raw[end : end + 1].lower()
        return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())

    @staticmethod
    def _separated(raw: str, size: int, entry: Entry, varied: bool) -> bool:
        """Whether the characters between look put in; sentence ends between two ordinary words do not."""
        if len(raw) > size * 8 + 16:
            return False
        stops = sum(map(STOPS.__contains__, raw))
        if not stops:
            return True
        return entry.kind in ("promise", "certificate") and stops >= size - 1 and size >= 3 and not varied

    def _heavy(self, surface: str, plain: str) -> str:
        for one, other in zip(surface, plain, strict=False):
            if one != other and self.folds.heavy_kind.get(ord(one)) == 8:
                return "lookalike"
        return "homophone"


def word_cuts(text: str) -> Index:
    """Where its words begin, and its end."""
    words = rjieba.cut(text if text.isascii() else LONE.sub("?", text), False)
    return np.fromiter(accumulate(map(len, words), initial=0), dtype=np.int64, count=len(words) + 1)


def _torn(some: Gathered, texts: Sequence[Text], matches: Index) -> npt.NDArray[np.uint8]:
    """Whether a dictionary word runs across an end of a match (避免|考生), or a homophone is itself part of one: bits
    of TORN_AS_WRITTEN and TORN_HOMOPHONE.
    """
    cuts = word_cuts(BETWEEN.join([text.light for text in texts]))  # as if cut one by one, and sooner
    inside = np.searchsorted(cuts, np.column_stack((some.begins[:-1], some.begins[1:] - 1)))
    for text, begin, (first, last) in zip(texts, some.begins.tolist(), inside.tolist(), strict=False):
        text.cuts = cuts[first : last + 1] - begin
    at, to = matches[:, 1], matches[:, 2]
    place = np.searchsorted(cuts, at, side="right")
    left, right = cuts[place - 1], cuts[place]
    begun = left < at  # 出炉 names no furnace, 准考证 no certificate
    place = np.searchsorted(cuts, to - 1, side="right")
    last = cuts[place - 1]
    goes_on = (cuts[place] > to) & (last >= at)
    within_word = (to <= right) & (right - left >= 2)
    ends_in_other = goes_on & (last > at) & ~FOLLOWERS[some.chars[to]]
    written = (begun & ((right < to) | (to - at == 1))) | ends_in_other
    homophone = begun | goes_on | within_word
    torn: npt.NDArray[np.uint8] = written * TORN_AS_WRITTEN + homophone * TORN_HOMOPHONE
    return torn


def _settle(text: Text) -> None:
    """Drop hits inside longer hits of their kind, promises inside words that shield, doubtful folds inside exact
    hits.
    """
    text.hits.sort(key=lambda hit: (hit.start, hit.start - hit.end, hit.cost, -hit.entry.weight))
    kept: list[Hit] = []
    shields = [hit for hit in text.hits if hit.entry.kind in SHIELDS and hit.end - hit.start > 2]
    shielded = [hit.start for hit in shields]
    reach = 0
    for hit in text.hits:
        inside = False
        if hit.end <= reach:
            for other in reversed(kept[-12:]):
                if hit.end <= other.end and (
                    other.entry.kind == hit.entry.kind or (hit.cost and not other.cost) or _trade_inside(hit, other)
                ):
                    inside = True
                    break
        if not inside and hit.entry.kind == "promise":
            near = shields[bisect_left(shielded, hit.start - 30) : bisect_right(shielded, hit.start)]
            size = hit.end - hit.start
            inside = any(hit.end <= other.end and other.end - other.start > size for other in near)
        if not inside:
            kept.append(hit)
            reach = max(reach, hit.end)
    text.hits = kept
    text.starts = [hit.start for hit in kept]


def _trade_inside(hit: Hit, other: Hit) -> bool:
    """Whether a trade's name is only part of another word: the 信号 of 微信号 is no signalman."""
    trade = hit.entry.kind == "certificate" and hit.entry.weight < 3
    return trade and not other.cost and other.end - other.start > hit.end - hit.start
