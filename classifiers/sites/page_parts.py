"""A saved page as it is scored: parsed, with what pictures, frames, scripts and styles say where they say it."""

from __future__ import annotations

import re
from typing import Any

import lxml.html
from lxml.etree import ParserError, XMLSyntaxError

from classifiers.sites.page_hidden import framed, scripted, written_by_styles

_FRAMES = re.compile(r"<(/?)(?:frameset|noframes)\b", re.IGNORECASE)
"""What stands in them is read like any other part of a page."""
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
"""Characters that nobody sees, put between others so that no word is found."""
SPACE = re.compile(r"\s+")
SHELL = 300
"""Characters of text below which a page is one that its scripts fill: what they hold is read as its own."""
SHOWN = 60
"""Characters of what an input already holds that are read."""


def read_page(html: str) -> Any:
    """The page as a person would see it, scripts and styles gone; None where there is none."""
    page = _parsed(html)
    if page is None:
        return None
    for element, document in list(framed(page)):
        _put(page, element, document)
    markup, labels = scripted(page)
    styled = list(written_by_styles(page))
    for each in list(page.iter("script", "style", "noscript")):
        each.drop_tree()
    templates = list(page.iter("template"))
    if len(text_of(page)) < SHELL:
        body = page.find("body") if page.find("body") is not None else page
        for document in markup:
            _put(page, body, document)
        for text in (*styled, *labels):
            body.append(_said(text))
    else:
        for each in templates:
            each.drop_tree()
    for image in page.iter("img", "area", "input"):  # labels may be pictures: what they say is read where they stand
        pictured = image.tag != "input" or (image.get("type") or "").lower() == "image"
        if pictured and image.get("alt"):
            image.tail = f" {image.get('alt')} {image.tail or ''}"
        elif image.tag == "input" and image.get("value") and held(image):
            image.tail = f" {image.get('value')[:SHOWN]} {image.tail or ''}"
    return page


def held(field: Any) -> bool:
    """Whether an input shows something that nobody is to change."""
    return field.get("readonly") is not None or field.get("disabled") is not None


def _parsed(html: str) -> Any:
    plain = _UNSEEN.sub("", _FRAMES.sub(r"<\1div", html).replace("\0", "\ufffd"))
    try:
        page: Any = lxml.html.document_fromstring(plain.encode("utf-8", "replace"), _parser())
    except (ParserError, XMLSyntaxError):
        return None
    return page


def _put(page: Any, where: Any, document: str) -> None:
    """Put a document that stands in another behind an element of it, or at the end of its body."""
    found = _parsed(document) if document.strip() else None
    if found is None:
        return
    for each in list(found.iter("script", "style")):
        each.drop_tree()
    inner = found.find("body") if found.find("body") is not None else found
    inner.tag = "div"
    title = found.findtext(".//title")
    if title:
        heading = _said(title)
        heading.tag = "h2"
        inner.insert(0, heading)
    if where.tag == "body" or where is page or where.getparent() is None:
        where.append(inner)
    else:
        where.addnext(inner)


def _said(text: str) -> Any:
    element = lxml.html.Element("div")
    element.text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
    return element


def _parser() -> Any:
    return lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=False)


def text_of(page: Any) -> str:
    """All that is read on it, blanks made one."""
    return SPACE.sub(" ", " ".join(page.itertext())).strip()
