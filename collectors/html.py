"""HTML bodies as trees: whatever a page holds, nothing of it is run or fetched, and its text is just text."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from collectors.selectors import find

_UNSEEN = frozenset(("script", "style", "noscript", "template", "head", "title", "svg", "math", "iframe"))
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "details", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"),
        *("html", "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody"),
        *("td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_SIGN = re.compile(r"emoji|smil[ei]y|emoticon", re.IGNORECASE)
_NO_TAG = re.compile(
    r"<(?!/?(?:a|abbr|b|big|br|code|div|em|font|h[1-6]|i|img|li|mark|ol|p|pre|s|small|span|strike|strong|sub|sup|tt|u|ul)"
    r"(?:\s[^<>]*)?/?>)",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")


def parse_html(text: str) -> etree._Element | None:
    """The tree of a page or a piece of one; None where there is nothing."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root: Any = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root if isinstance(root, etree._Element) else None


def sign_of(element: etree._Element) -> str | None:
    """The sign that a picture stands for (WordPress puts one for each emoji), or None for a real picture."""
    return element.get("alt") or None if element.tag == "img" and _SIGN.search(element.get("class", "")) else None


def block_text(element: etree._Element, drop: str | None = None) -> str:
    """Text as shown: paragraphs and line breaks become newlines, runs of blanks one blank, scripts nothing.

    Pictures of signs are the signs: a contact is often written in them.
    """
    dropped = find(drop, element) if drop else []
    left_out = {id(found) for found in dropped}
    pieces: list[str] = []
    hidden = 0
    for event, node in etree.iterwalk(element, events=("start", "end")):
        tag = node.tag if isinstance(node.tag, str) else ""
        gone = tag in _UNSEEN and node is not element
        if gone or id(node) in left_out:
            hidden += 1 if event == "start" else -1
        elif not hidden:
            if tag in _BLOCKS:
                pieces.append("\n")
            if event == "start" and (text := node.text or sign_of(node)):
                pieces.append(_SPACES.sub(" ", text))
        if event == "end" and not hidden and node is not element and node.tail:
            pieces.append(_SPACES.sub(" ", node.tail))
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def fragment_text(markup: str, drop: str | None = None) -> str:
    """Text of a piece of HTML, such as a JSON field holds."""
    if "<" not in markup and "&" not in markup:
        return _SPACES.sub(" ", markup).strip()
    root = parse_html(f"<html><body>{markup}</body></html>")
    return block_text(root, drop) if root is not None else ""


def title_text(markup: str) -> str:
    """Text of a title, HTML or plain: only what is a tag of HTML goes, <n1叉车证> stays as it is written."""
    return fragment_text(_NO_TAG.sub("&lt;", markup))
