"""The grammar of an offer: which words stand with which, who says them, and whether they are meant; given as named
facts.

A promise is *plain*, or negated (本校不包过), ascribed (谎称包过), quoted (“包过”) or asked (能包过吗). Facts are
counts by
name, of one passage, with those of the whole document beside them (``d:``), since a report's frame stands in its
first lines.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from adwatch.models import Contact
from classifiers.scan import Hit, Text

CLAUSE = re.compile(r"[。！？!?；;\n，,、]")
WITHIN_SENTENCES = "，,、"
"""Ends of clauses that are none of sentences."""
OPENING = '“「『"‘《'
QUOTES = re.compile(
    r"“([^“”\n]{1,60})”|「([^「」\n]{1,60})」|『([^『』\n]{1,60})』|\"([^\"\n]{1,60})\"|‘([^‘’\n]{1,60})’|《([^《》\n]{1,60})》"
)
PRICE = re.compile(r"[\d¥￥](?:(?<=\d)\d{1,4}\s{0,2}(?:元|块|[rR]\b|米|¥|💰)|(?<=[¥￥])\s{0,2}\d{2,5})")
"""By its first character: so it is searched several times faster."""
STRANGE = re.compile("[\u2190-\u2fff\ua000-\uf8ff\uff66-\uffff\U00010000-\U0010ffff]")
NOT_DENIAL = frozenset("过错仅少但限同论管用必需")
FRAMES = ("report", "notice", "question", "school", "demand", "lawful", "textbook", "job", "goods", "victim")
REMEMBERED = 1 << 14
"""What so many kinds of hits say is kept at hand."""
LOGS = tuple(map(math.log1p, range(64)))
COMPANY = ("contact", "order", "seller", "material", "result", "absent", "renewal", "exam")
ASCRIBING = frozenset(
    (
        "声称", "谎称", "宣称", "自称", "号称", "所谓", "打着", "旗号",
        "冒充", "诱骗", "诱导", "诱饵", "噱头", "吹嘘", "标榜",
        "对方称", "对方表示", "对方说", "卖家称", "客服称", "店家称", "商家称", "商家声称", "广告称", "广告语", "打出",
        "称可", "称能", "称只要", "听说", "有人说", "据说",
    )
)  # fmt: skip


class Frame:
    """Sentence ends and quotations of one text."""

    def __init__(self, text: Text) -> None:
        self.raw = text.raw
        self.clauses = [match.start() for match in CLAUSE.finditer(text.raw)]
        self.sentences = [at for at in self.clauses if text.raw[at] not in WITHIN_SENTENCES]
        quoted = any(mark in text.raw for mark in OPENING)
        self.quotes = [match.span() for match in QUOTES.finditer(text.raw)] if quoted else []

    def sentence(self, at: int) -> int:
        """Number of the sentence at an offset."""
        return bisect_right(self.sentences, at)

    def clause(self, at: int) -> int:
        """Number of the clause at an offset."""
        return bisect_right(self.clauses, at)

    def quoted(self, hit: Hit) -> bool:
        """Whether a hit stands inside quotation marks."""
        place = bisect_left(self.quotes, (hit.start, 0)) - 1
        return place >= 0 and hit.end < self.quotes[place][1]

    def asked(self, hit: Hit) -> bool:
        """Whether its sentence ends as a question."""
        place = bisect_left(self.sentences, hit.end)
        end = self.sentences[place] if place < len(self.sentences) else len(self.raw)
        tail = self.raw[max(hit.end, end - 3) : end + 1]
        return tail.endswith(("?", "？")) or any(char in "吗么" for char in tail[-3:])


def assign(text: Text, frame: Frame) -> None:
    """Give every promise its status."""
    denials = [hit for hit in text.hits if hit.entry.kind == "negation"]
    ascribed: dict[int, int] = {}
    for hit in text.hits:
        if hit.entry.word in ASCRIBING:
            ascribed.setdefault(frame.sentence(hit.start), hit.end)
    starts = [hit.start for hit in denials]
    for hit in text.hits:
        if hit.entry.kind != "promise":
            continue
        if _denied(text.raw, hit, denials, starts, frame):
            hit.status = "negated"
        elif ascribed.get(frame.sentence(hit.start), len(text.raw)) <= hit.start:
            hit.status = "ascribed"
        elif frame.quoted(hit):
            hit.status = "quoted"
        elif frame.asked(hit):
            hit.status = "asked"


def _denied(raw: str, hit: Hit, denials: Sequence[Hit], starts: list[int], frame: Frame) -> bool:
    place = bisect_left(starts, hit.start) - 1
    while place >= 0:
        other = denials[place]
        if hit.start - other.start > 14:
            return False
        place -= 1
        if other.end > hit.start or frame.sentence(other.start) != frame.sentence(hit.start):
            continue
        size = other.end - other.start
        gap = hit.start - other.end
        if size == 1 and (gap > 1 or raw[other.end] in NOT_DENIAL):
            continue
        if frame.clause(other.start) != frame.clause(hit.start) and size == 1:
            continue
        if gap <= 10:
            return True
    return False


class Said(NamedTuple):
    """What a word says in every passage that it stands in."""

    names: tuple[str, ...]
    """Of the facts that count it."""
    alone: float
    """How much it is about certificates with no word of trade or exam beside it."""
    near: float
    """The same with one."""
    company: bool
    """Whether it is such a word."""


def said(hit: Hit) -> Said:
    """Of one hit, once its status is settled."""
    entry = hit.entry
    return _said(
        entry.kind, entry.list, entry.weight, hit.status, min(hit.cost, 3), hit.end - hit.start > 2, not hit.exact
    )


@lru_cache(REMEMBERED)
def _said(kind: str, source: str, weight: int, status: str, cost: int, long: bool, folded: bool) -> Said:
    """``cost`` is at most 3; ``source`` is the entry's list."""
    cheap = cost < 2
    alone = near = 0.0
    if kind == "promise":
        names = [f"p:{source}:{weight}:{status}", f"p:{status}:{weight}"]
        if weight == 3:
            alone = near = (1.0 if long else 0.7) if cheap else 0.4
    elif kind == "certificate":
        names = [f"c:{source}:{weight}", f"c:{weight}"]
        trade = source != "other_credential"
        alone, near = (0.25, 0.6) if trade else (0.2, 0.35)
        if weight == 3 or not cheap:
            alone = near = 1.0 if cheap else 0.3
    else:
        names = [f"k:{kind}"]
        if kind == "renewal" or (kind == "exam" and weight > 1):
            alone = near = 0.2 if kind == "renewal" else 0.3
    if folded:
        names += (f"fold:{kind}:{cost}", "fold")
    company = kind in COMPANY or (kind == "promise" and weight > 1)
    return Said(tuple(names), alone, near, company)


def aboutness(hits: Sequence[Hit], words: Sequence[Said]) -> float:
    """How much of a passage is about certificates and exams: 1 or more where it plainly is; ``words`` are what its
    hits say.

    The name of a trade or a school alone (电梯, 本科) says little: it needs a word of trade or exam beside it. A word
    written alike counts once.
    """
    counted = {
        (id(hit.entry), hit.cost < 2, hit.end - hit.start): word
        for hit, word in zip(hits, words, strict=True)
        if word.near
    }
    near = any(word.company for word in words)
    return sum([word.near if near else word.alone for word in counted.values()])


def document_facts(text: Text, hits: Sequence[Hit]) -> dict[str, float]:
    """Facts about how much of a whole text, or of what sells by itself, is the frame of a report, notice and so on."""
    count = Counter(hit.entry.kind for hit in hits)
    result: dict[str, float] = {}
    for name in FRAMES:
        if total := count[name]:
            result[f"d:{name}"] = math.log1p(total)
            result[f"d:{name}:density"] = min(1.0, 20 * total / (len(text.raw) + 40))
    return result


def facts(
    text: Text,
    words: Sequence[Said],
    frame: Frame,
    contacts: Sequence[Contact],
    span: tuple[int, int],
    document: Mapping[str, float],
) -> dict[str, float]:
    """Named facts of one passage; ``words`` say what each hit of the text says, ``document`` holds the facts of the
    whole text, or of what counts as such.
    """
    start, end = span
    first, last = bisect_left(text.starts, start), bisect_left(text.starts, end)
    hits, words = text.hits[first:last], words[first:last]
    inside = [item for item in contacts if start <= item.start < end]
    count = Counter(chain.from_iterable([word.names for word in words]))
    result: dict[str, float] = {}
    sure = [hit for hit in hits if hit.entry.weight == 3]
    plain = [hit for hit in sure if hit.entry.kind == "promise" and hit.status == "plain" and hit.cost < 2]
    certificates = [hit for hit in sure if hit.entry.kind == "certificate"]
    for item in inside:
        count[f"x:{item.kind}"] += 1
        count["x"] += item.kind != "id_number"
    for name, number in count.items():
        result[name] = LOGS[number] if number < len(LOGS) else math.log1p(number)
        result[name + "?"] = 1.0
    topics = {hit.entry.word for hit in hits if hit.entry.kind == "exam"}
    result["topics"] = math.log1p(len(topics))
    result["no topic"] = float(not certificates and not plain and len(topics) < 2)
    result["no certificate"] = float("c:3" not in count and "c:2" not in count)
    about = aboutness(hits, words)
    result["about"] = min(1.0, about)
    result["off topic"] = float(about == 0)
    _together(result, frame, plain, certificates, hits)
    _shape(result, text, span)
    result |= document
    return {name: number for name, number in result.items() if number}


def _together(
    result: dict[str, float], frame: Frame, plain: list[Hit], certificates: list[Hit], hits: list[Hit]
) -> None:
    """Facts about words that stand in one sentence or one passage."""
    present = {hit.entry.kind for hit in hits}
    reach = "x" in result
    where = {frame.sentence(hit.start) for hit in certificates}
    if plain:
        result["promise&certificate"] = float(bool(certificates))
        result["promise&certificate:sentence"] = float(any(frame.sentence(hit.start) in where for hit in plain))
        result["promise&reach"] = float(reach)
        result["promise&contact"] = float("contact" in present)
        result["promise&seller"] = float("seller" in present or "order" in present)
    result["certificate&reach"] = float(bool(certificates) and reach)
    for one, other in (("absent", "result"), ("material", "result"), ("material", "absent"), ("renewal", "absent")):
        if one in present and other in present:
            result[f"{one}&{other}"] = 1.0
            result[f"{one}&{other}&certificate"] = float(bool(certificates))
    frames = [
        name for name in ("report", "notice", "victim", "school", "question", "demand", "lawful") if name in present
    ]
    for name in frames:
        result[f"promise&{name}"] = float(bool(plain))
        result[f"reach&{name}"] = float(reach)
    result["promise&no frame"] = float(bool(plain) and not frames)
    classes = {hit.entry.list for hit in plain}
    result["classes"] = math.log1p(len(classes))


def _shape(result: dict[str, float], text: Text, span: tuple[int, int]) -> None:
    raw = text.raw[span[0] : span[1]]
    size = len(raw)
    result[f"size:{min(size.bit_length(), 10)}"] = 1.0
    result["title"] = float(text.title_end > 0)
    result["price"] = math.log1p(len(PRICE.findall(raw)))
    result["asks"] = math.log1p(raw.count("?") + raw.count("？"))
    result["ends asking"] = float(raw.rstrip().endswith(("?", "？", "吗", "呢", "么")))
    result["exclaims"] = math.log1p(raw.count("!") + raw.count("！"))
    result["quotes"] = math.log1p(raw.count("“") + raw.count("「"))
    result["stops"] = math.log1p(raw.count("。"))
    result["titles"] = math.log1p(raw.count("《"))
    result["strange"] = math.log1p(len(STRANGE.findall(raw)))
