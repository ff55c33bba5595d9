"""Who wrote an item and when, where plain words say it: 作者：城南老张 发表于 2026-11-29 09:30."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from collectors.documents import HtmlDocument
from collectors.draft.naming import Element, named
from collectors.html import block_text
from collectors.selectors import find
from collectors.spec_fields import Time, Value
from collectors.times import read_time

FORMATS = ("iso", "%Y-%m-%d %H:%M", "%Y年%m月%d日", "%Y/%m/%d %H:%M", "%B %d, %Y", "%d %B %Y", "rfc822", "relative")
"""Forms of a time that are tried in turn."""
_SELLER = r"(?:作者|楼主|发帖人|发布人|发布者|发表人|卖家|店铺|商家|店主)\s*[:：]\s*"
_POSTED = r"(?:(?:发表|发布|发帖|上架|更新)(?:于|时间|日期)|时间|日期)\s*[:：]?\s*"
_CLOCK = r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?"
_LONGEST = 60
"""Characters of an element that may say who and when; a longer one is prose."""
_MOST = 400
"""Elements of a page that are looked at, from its headline on."""


def byline_rules(
    pages: Sequence[HtmlDocument], head: Element | None, seen_at: datetime
) -> tuple[dict[str, Any], list[Element]]:
    """(rules of seller_name and posted_at that hold on every page, their elements on the first page)."""
    fields: dict[str, Any] = {}
    said: list[Element] = []
    if head is None:
        return fields, said
    for element in _short_ones(pages[0], head):
        for name, rule in _rules(element):
            if name not in fields and _holds(pages, name, rule, seen_at):
                fields[name] = {**rule, "format": _format(pages, rule, seen_at)} if name == "posted_at" else rule
                said.append(element)
        if len(fields) == 2:
            break
    return {name: rule["select"] if set(rule) == {"select"} else rule for name, rule in fields.items()}, said


def _short_ones(page: HtmlDocument, head: Element) -> Iterator[Element]:
    """Short elements after the headline, in the order of the page."""
    after = False
    count = 0
    for element in page.root.iter():
        if element is head:
            after = True
        elif after and isinstance(element.tag, str) and element.tag not in ("script", "style", "option"):
            count += 1
            if 0 < len(block_text(element).strip()) <= _LONGEST:
                yield element
            if count >= _MOST:
                return


def _rules(element: Element) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the element may be: by the words before it, or by a label inside it."""
    text, before = " ".join(block_text(element).split()), _before(element)
    way = _way(element)
    if way is None:
        return
    if re.search(rf"(?:^|\s){_SELLER}$", before) and len(text) <= 40:
        yield "seller_name", {"select": way}
    if not len(element) and (found := re.match(rf"{_SELLER}\S{{1,40}}", text)):
        yield "seller_name", {"select": way, "regex": rf"{found[0][:2]}[^:：]{{0,6}}[:：]\s*(\S+)"}
    if re.fullmatch(_CLOCK, text):
        yield "posted_at", {"select": way}
    if not any(re.search(_CLOCK, block_text(one)) for one in element) and re.search(rf"{_POSTED}{_CLOCK}", text):
        yield "posted_at", {"select": way, "regex": rf"({_CLOCK})"}


def _before(element: Element) -> str:
    """The words of its parent right before it."""
    previous, parent = element.getprevious(), element.getparent()
    words = previous.tail if previous is not None else parent.text if parent is not None else ""
    if not (words or "").strip() and previous is not None and isinstance(previous.tag, str):
        words = block_text(previous)
    return " ".join((words or "").split())


def _way(element: Element) -> str | None:
    """A selector by which it is the first on its page: its own name, or below a named element."""
    root = element.getroottree().getroot()
    own, parent = named(element), element.getparent()
    ways = [own] if own != element.tag else []
    while parent is not None and len(ways) < 4:
        if named(parent) != parent.tag:
            ways.append(f"{named(parent)} {own}")
        parent = parent.getparent()
    return next((way for way in ways if (found := find(way, root)) and found[0] is element), None)


def _read(page: HtmlDocument, rule: dict[str, Any]) -> str | None:
    found = page.values(page.root, Value(**rule))
    return found[0].strip() or None if found else None


def _holds(pages: Sequence[HtmlDocument], name: str, rule: dict[str, Any], seen_at: datetime) -> bool:
    read = [_read(page, rule) for page in pages]
    if not all(value is not None and len(value) <= 40 for value in read):
        return False
    return name != "posted_at" or _format(pages, rule, seen_at) is not None


def _format(pages: Sequence[HtmlDocument], rule: dict[str, Any], seen_at: datetime) -> str | None:
    read = [_read(page, rule) or "" for page in pages]
    return next((form for form in FORMATS if all(read_time(Time(format=form), one, seen_at) for one in read)), None)
