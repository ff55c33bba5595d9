"""A saved page as it is scored: parsed, its pictures' labels where they stand, and what is said of each input."""

from __future__ import annotations

import re
from typing import Any

import lxml.html
from lxml.etree import ParserError, XMLSyntaxError

_FRAMES = re.compile(r"<(/?)(?:frameset|noframes)\b", re.IGNORECASE)
"""What stands in them is read like any other part of a page."""
SPACE = re.compile(r"\s+")


def read_page(html: str) -> Any:
    """The page without scripts and styles; None where there is none."""
    try:
        page: Any = lxml.html.document_fromstring(
            _FRAMES.sub(r"<\1div", html).replace("\0", "\ufffd").encode("utf-8", "replace"), _parser()
        )
    except (ParserError, XMLSyntaxError):
        return None
    for each in list(page.iter("script", "style", "noscript", "template")):
        each.drop_tree()
    for image in page.iter("img"):  # labels may be pictures: what they say is read where they stand
        if image.get("alt"):
            image.tail = f" {image.get('alt')} {image.tail or ''}"
    return page


def asks_password(page: Any) -> bool:
    """Whether one of its inputs is for a password."""
    return any((field.get("type") or "").lower() == "password" for field in page.iter("input"))


def _parser() -> Any:
    return lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=False)


def text_of(page: Any) -> str:
    """All that is read on it, blanks made one."""
    return SPACE.sub(" ", " ".join(page.itertext())).strip()


def is_button(field: Any) -> bool:
    """Whether an input is pressed, not filled in."""
    return (field.get("type") or "").lower() in ("submit", "button", "image")


def about_field(field: Any) -> str:
    """What a page says of an input: its attributes, its label, the text of its row before it."""
    said = [str(field.get(name) or "") for name in ("name", "id", "placeholder", "title", "aria-label")]
    label = field.getparent()
    near = field.getprevious()
    if near is not None:
        said.append(SPACE.sub(" ", near.text_content())[-60:] + (near.tail or ""))
    if label is not None:
        said.append((label.text or "")[-60:])
        before = label.getprevious()
        if before is not None and before.tag in ("td", "th", "dt", "label", "div", "span"):
            said.append(SPACE.sub(" ", before.text_content())[-60:])
    if field.get("id") and label is not None:
        for each in field.getroottree().getroot().iter("label"):
            if each.get("for") == field.get("id"):
                said.append(each.text_content()[:60])
    return " ".join(said).lower()
