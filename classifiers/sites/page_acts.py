"""What a page does that only an authority's look-up may: ask for a certificate, show one, swear that one is good."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from classifiers.sites.facts import Point
from classifiers.sites.page_parts import SPACE
from classifiers.sites.page_seen import Seen
from classifiers.sites.page_words import Words

MEANS = ("form", "record", "confirmed")
"""Points that say that a page does one of these; ``framed`` and ``leads`` say that it holds or leads to what does."""
LITTLE = 200
"""Characters of text below which a page shows nothing else."""
BARE = 40
"""Characters of text below which a page's words are all in pictures."""
FEW = 3
"""Inputs of a page that does nothing but look up, at most."""
_FIELDS = ("field_name", "field_id", "field_number", "field_captcha")
TOGETHER = 60
"""Pieces of text within which the labels of one record stand."""
SHORT = 24
"""Characters of a piece of text that is a label, with its value or without."""
WORD = 6
"""Characters of one that is nothing but a label, perhaps with a word before it (下次复审)."""
LONG = 400
"""Characters of a piece of text in which labels are looked for."""
_IDENTITY = re.compile("身份证件?(?:号码?|编号)?|公民身份号码|准考证号?")
"""What has a number too, but is none of the papers looked up."""
_NUMBER = re.compile(
    r"(?<![\dA-Za-z*])(?:T?(?=[\d*xX●•＊]{15,20}(?![\dA-Za-z*]))[1-9]\d{0,5}[\d*xX●•＊]+"
    r"|[\u4e00-\u9fff][A-Z]\d{2}[\d*]{10}|[\u4e00-\u9fff]建安[ABC]\d?[(（]\d{4}[)）][\d*]{5,7})"
)
"""A certificate's number or an ID number, whole or masked."""
_DATE = re.compile(r"(?:19|20)\d\d\s?[-./年]\s?\d{1,2}")
_SWORN = re.compile(
    r"(?<!是否)(?<!真伪)(?:证书|证件|证照|该证|此证|本证|操作证|资格证|作业证|持证人|人员信息|持证信息|持证记录"
    r"|(?:查询|核验|验证|查验)结果|证书状态|状态)[^。；;！!？?，,、]{0,12}?"
    r"(?<![不无未非])(?:真实|有效|属实|存在|一致|通过|在库|在册|正常|真证)(?!期|性|与否|吗)"
)
"""A sentence that says of a certificate that it is good."""


def acts(page: Seen, words: Words) -> list[Point]:
    """Points for what the page does."""
    shown = _record(page, words)
    found = [*_form(page, words), *shown, *([] if shown else _confirmed(page))]
    return found or [*_framed(page), *_leads(page, words)][:1]


def _form(page: Seen, words: Words) -> Iterator[Point]:
    """A form that asks for a person and a certificate, or a number and a captcha."""
    kinds = _asked(page, words)
    said = f"查询表单：{'、'.join(kinds.values())}"
    looks_up = asks(page, words)
    short = len(page.fields) <= FEW
    if "field_number" in kinds and len(kinds) >= 2:
        yield Point("form", 2.2, said)
        yield Point("numbered", 0.0, f"问证书编号：{kinds['field_number']}")
    elif "field_id" in kinds and len(kinds) >= 2:
        yield Point("form", 2.0, said)
    elif "field_number" in kinds or (looks_up and ("field_id" in kinds or ("field_name" in kinds and short))):
        yield Point("form", 1.5, said)
    elif page.fields and short and looks_up and len(page.text) < LITTLE:
        yield Point("form", 1.5, "只有输入框和查询按钮的页面")
    elif page.fields and short and len(page.text) < BARE and any(map(_picture_button, page.root.iter("img", "input"))):
        yield Point("form", 1.5, "只有输入框和图片按钮的页面")
    elif looks_up and _uploads(page, words):
        yield Point("form", 1.5, "上传证件照片来查询")


def _picture_button(each: Any) -> bool:
    """A picture that is pressed: what stands on it is not known."""
    return (each.get("type") or "").lower() == "image" if each.tag == "input" else bool(each.get("onclick"))


def _framed(page: Seen) -> Iterator[Point]:
    """A page that is hardly more than a frame of another address."""
    frames = [each.get("src") or "" for each in page.root.iter("iframe", "frame")]
    if len(page.text) < LITTLE and any(each.startswith(("http://", "https://", "//")) for each in frames):
        yield Point("framed", 1.0, "页面只是另一个网址的框架")


def _leads(page: Seen, words: Words) -> Iterator[Point]:
    """A link of the page's own host that says that it looks up a certificate."""
    for each in page.root.iter("a"):
        said, to = SPACE.sub("", each.text_content())[:SHORT], str(each.get("href") or "").strip().lower()
        if to.startswith(("http://", "https://", "//", "#", "javascript:")) or not to:
            continue
        if words.any("paper", said) and words.any("lookup", said):
            yield Point("leads", 0.5, f"本站链接“{said}”")
            return


def _asked(page: Seen, words: Words) -> dict[str, str]:
    """What the inputs ask for: kind and word; where nothing is said of any, what stands on the page's picture."""
    kinds: dict[str, str] = {}
    for field, about in zip(page.fields, page.labels, strict=True):
        listed = field.tag == "select"
        for kind in _FIELDS:
            chosen = listed and kind != "field_id"  # a list of kinds of papers is no number
            if chosen or kind in kinds:
                continue
            said = _IDENTITY.sub(" ", about) if kind == "field_number" else about
            if (word := words.first(kind, said)) is not None:
                kinds[kind] = word
                break
    if page.fields and not kinds:
        for line in page.pictured:
            told = next((kind for kind in _FIELDS if len(line) <= SHORT and words.any(kind, line)), None)
            if told is not None and len(kinds) < len(page.fields):
                kinds.setdefault(told, line)
    return kinds


def _uploads(page: Seen, words: Words) -> bool:
    """Whether a picture of a certificate is to be sent."""
    files = any((each.get("type") or "").lower() == "file" for each in page.root.iter("input"))
    return files and words.any("field_file", page.bare)


def asks(page: Seen, words: Words) -> bool:
    """Whether something that is pressed asks for a look-up."""
    return any(words.any("ask", said) for said in page.buttons)


def _record(page: Seen, words: Words) -> list[Point]:
    """A certificate's data: labels of a person and a paper, each with its place, not in running text."""
    asked = Counter(label for label in words.of["shown"] if any(label in about for about in page.labels))
    best = max((_together(nodes, words.of["shown"], asked) for nodes in (page.nodes, page.pictured)), key=len)
    persons = {label for label in best if any(word in label for word in ("姓名", "持证", "身份证", "证件号", "name"))}
    papers = {label for label in best if label in words.of["paper_label"]}
    number = _NUMBER.search(page.bare) is not None
    dated = number and _DATE.search(page.text) is not None
    if persons and len(papers) >= 2 and len(best) >= 4:
        return [Point("record", 1.8 if len(best) >= 5 or number else 1.5, f"展示证书信息（{len(best)}项）")]
    if len(papers) >= 2 and dated and len(best) >= 3:
        return [Point("record", 1.5, f"展示证书信息（{len(best)}项，有证号和日期）")]
    return []


def _together(nodes: Sequence[str], known: tuple[str, ...], asked: Counter[str]) -> set[str]:
    """The most labels that stand near each other and are none of an input."""
    places = [(at, label) for at, node in enumerate(nodes) for label in _labels(node, known)]
    often = Counter(label for _, label in places)
    kept = [(at, label) for at, label in places if often[label] > asked[label]]
    best: set[str] = set()
    for start, (first, _) in enumerate(kept):
        near = {label for at, label in kept[start : start + TOGETHER * 2] if at < first + TOGETHER}
        best = max(best, near, key=len)
    return best


def _labels(node: str, known: tuple[str, ...]) -> Iterator[str]:
    """Labels at which a piece of text begins, or that a colon follows."""
    said = node.lower().lstrip("·•●-*【[（( ")
    if len(said) <= SHORT:
        within = len(said) <= WORD
        first = next((label for label in known if said.startswith(label) or (within and label in said)), None)
        if first is not None:
            yield first
            said = said[said.index(first) + len(first) :]
    if len(said) > LONG:
        return
    for colon in re.finditer(r"\s*[:：]", said):
        before = said[: colon.start()]
        label = next((label for label in known if before.endswith(label)), None)
        if label is not None:
            yield label


def _confirmed(page: Seen) -> Iterator[Point]:
    """No record, but a number and the word that the certificate is good."""
    found = _SWORN.search(page.bare)
    if found is not None and len(page.fields) <= FEW and _NUMBER.search(page.bare):
        yield Point("confirmed", 1.5, f"给出证号并称“{found[0]}”")


def sworn(page: Seen) -> str | None:
    """The words that say of a certificate that it is good."""
    found = _SWORN.search(page.bare)
    return found[0] if found is not None else None
