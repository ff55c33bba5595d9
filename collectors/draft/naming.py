"""Selectors and patterns out of examples: of elements that are to be found again, of addresses that look alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from collectors.selectors import find

Element = Any
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_STATE = re.compile(r"\d|active|current|first|last|odd|even|selected|hover|col-|^(?:row|mt|mb|p|m|d)-")
"""Classes of one element's place or state, or of a grid: the next item has others."""


def classes(element: Element) -> list[str]:
    """Class names that may tell what an element is."""
    return [name for name in (element.get("class") or "").split() if _NAME.fullmatch(name) and not _STATE.search(name)]


def named(element: Element) -> str:
    """tag.class.class, or tag#id, without a look around."""
    own = element.get("id") or ""
    if _NAME.fullmatch(own) and not re.search(r"\d", own):
        return f"{element.tag}#{own}"
    return ".".join([element.tag, *classes(element)[:2]])


def shared(elements: Sequence[Element]) -> str:
    """tag with the classes that all elements have."""
    common = Counter(name for element in elements for name in dict.fromkeys(classes(element)))
    kept = [name for name in classes(elements[0]) if common[name] == len(elements)]
    return ".".join([elements[0].tag, *kept[:2]])


def first_inside(node: Element, element: Element) -> str | None:
    """The shortest selector by which ``element`` is the first match inside ``node``."""
    own = named(element)
    ways = [own, element.tag] if "." not in own and "#" not in own else [own]
    parent = element.getparent()
    while parent is not None and parent is not node and len(ways) < 6:
        ways.append(f"{named(parent)} {own}")
        parent = parent.getparent()
    for way in dict.fromkeys(ways):
        matches = find(way, node)
        if matches and matches[0] is element:
            return way
    return None


def agreed(ways: Sequence[str | None], share: float = 0.6) -> str | None:
    """The selector that most items give, if enough of them do."""
    counted = Counter(way for way in ways if way is not None).most_common(1)
    return counted[0][0] if counted and counted[0][1] >= share * len(ways) else None


def pattern_of(addresses: Sequence[str]) -> str:
    """A regular expression of addresses that look alike: numbers and differing parts of the path are left open."""
    parts = [urlsplit(address) for address in addresses]
    size = Counter(part.path.count("/") for part in parts).most_common(1)[0][0]
    rows = [part.path.split("/")[1:] for part in parts if part.path.count("/") == size]
    out = "".join("/" + _segment([row[at] for row in rows]) for at in range(len(rows[0])))
    keys = [key for key, _ in parse_qsl(parts[0].query)]
    common = [key for key in keys if all(key in dict(parse_qsl(part.query)) for part in parts)]
    if common:
        values = [dict(parse_qsl(part.query))[common[0]] for part in parts]
        return rf"{out}\?(?:.*&)?{re.escape(common[0])}={_segment(values)}"
    return out + "$"


def _segment(values: Sequence[str]) -> str:
    if len(set(values)) == 1:
        return re.escape(values[0])
    if all(value.isdigit() for value in values):
        return r"\d+"
    front = _front(values)
    back = _front([value[::-1] for value in values])[::-1]
    if all(value[len(front) : len(value) - len(back)].isdigit() for value in values):
        return rf"{re.escape(front)}\d+{re.escape(back)}"
    if all(re.search(r"\d+$", value) for value in values):
        return r"[^/?]*\d+"
    return r"[^/?]+"


def _front(values: Sequence[str]) -> str:
    """What all values begin with, digits not counted."""
    shortest = min(values, key=len)
    at = 0
    while at < len(shortest) and all(value[at] == shortest[at] for value in values):
        at += 1
    return shortest[:at].rstrip("0123456789")
