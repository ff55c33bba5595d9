"""The inputs of a page: which are filled in, what is said of each, what its buttons and links do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from classifiers.sites.page_parts import SPACE, held

MOST = 300
"""Inputs, and buttons, of a page that are looked at."""
LEVELS = 4
"""How far up an input's label is looked for."""
NEAR = 60
"""Characters of a label."""
_ATTRIBUTES = (
    "name",
    "id",
    "placeholder",
    "title",
    "aria-label",
    "data-placeholder",
    "v-model",
    "ng-model",
    "data-name",
)
_LABELS = ("td", "th", "dt", "label", "div", "span", "p", "li")
_UNASKED = ("hidden", "submit", "button", "image", "password", "checkbox", "radio", "reset")
_BUTTONS = ("submit", "button", "image")


def fields_of(page: Any) -> list[Any]:
    """Inputs that are filled in, not those that show something or are pressed."""
    found = []
    for each in page.iter("input", "select", "textarea", "div", "span"):
        if each.tag in ("div", "span") and each.get("contenteditable") not in ("", "true"):
            continue
        if (each.get("type") or "text").lower() in _UNASKED or held(each):
            continue
        found.append(each)
        if len(found) >= MOST:
            break
    return found


def labels_of(page: Any, fields: list[Any]) -> list[str]:
    """What the page says of each input: its attributes, its label, and what stands round it and no other input."""
    holds: Counter[Any] = Counter(above for field in fields for above in _above(field))
    named: dict[str, str] = {}
    for each in page.iter("label"):
        if each.get("for"):
            named.setdefault(each.get("for"), each.text_content()[:NEAR])
    heads = _heads(page)
    return [" ".join(_about(field, holds, named, heads)).lower() for field in fields]


def _about(field: Any, holds: Counter[Any], named: dict[str, str], heads: dict[Any, str]) -> Iterator[str]:
    yield from (str(field.get(name) or "") for name in _ATTRIBUTES)
    yield named.get(field.get("id") or "", "")
    near = field.getprevious()
    if near is not None:
        yield SPACE.sub(" ", near.text_content())[-NEAR:] + (near.tail or "")[-NEAR:]
    parent = field.getparent()
    if parent is not None:
        yield (parent.text or "")[-NEAR:]
        before = parent.getprevious()
        if before is not None and before.tag in _LABELS and not holds[before]:
            yield SPACE.sub(" ", before.text_content())[-NEAR:]
    for above in _above(field):
        if holds[above] > 1:
            break
        text = SPACE.sub(" ", above.text_content()).strip()
        if len(text) <= NEAR:
            yield text
        yield heads.get(above, "")


def _heads(page: Any) -> dict[Any, str]:
    """Of each cell of a table with heads, the head of its column."""
    found: dict[Any, str] = {}
    for table in list(page.iter("table"))[:50]:
        rows = [[each for each in row if each.tag in ("td", "th")] for row in list(table.iter("tr"))[:50]]
        heads = [SPACE.sub("", cell.text_content())[:NEAR] for cell in rows[0]] if rows else []
        for row in rows[1:]:
            if len(row) == len(heads):
                found.update(zip(row, heads, strict=True))
    return found


def _above(field: Any) -> Iterator[Any]:
    above = field.getparent()
    for _ in range(LEVELS):
        if above is None or above.tag in ("body", "html"):
            return
        yield above
        above = above.getparent()


def asks_password(page: Any) -> bool:
    """Whether one of its inputs is for a password."""
    return any((field.get("type") or "").lower() == "password" for field in page.iter("input"))


def pressed(page: Any) -> Iterator[str]:
    """What stands on buttons, and on links and boxes that are pressed like one."""
    for each in islice(filter(_is_pressed, page.iter("button", "input", "a", "div", "span", "img")), MOST):
        said = f"{each.text_content()} {each.get('value') or ''} {each.get('alt') or ''}"
        yield SPACE.sub("", said)[:NEAR]


def _is_pressed(each: Any) -> bool:
    if each.tag == "input":
        return (each.get("type") or "").lower() in _BUTTONS
    return each.tag in ("button", "a") or bool(each.get("onclick") or each.get("@click")) or _is_button(each)


def _is_button(each: Any) -> bool:
    return each.get("role") == "button" or any("btn" in (each.get(name) or "").lower() for name in ("class", "id"))


def sent_to(page: Any, url: str) -> list[str]:
    """Where its forms go, as whole addresses; those that stay are left out."""
    found = []
    for each in page.iter("form"):
        action = (each.get("action") or "").strip()
        if action and not action.lower().startswith(("javascript:", "#", "mailto:")):
            try:
                found.append(urljoin(url, action))
            except ValueError:
                continue
    return found


def linked(page: Any) -> list[str]:
    """Where its links go, as written."""
    return [str(each.get("href") or "").strip().lower() for each in page.iter("a", "area")]
