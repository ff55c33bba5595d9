"""HTML bodies as trees: whatever a page holds, nothing of it is run or fetched, and its text is just text."""

from __future__ import annotations

import codecs
import re
from typing import Any

from lxml import etree

from adwatch.text import clean
from collectors.selectors import find

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "windows-1252", "latin-1": "windows-1252"}
_UNSEEN = frozenset(("script", "style", "noscript", "template", "head", "title", "svg", "math", "iframe"))
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "details", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"),
        *("html", "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody"),
        *("td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")


def decode_text(body: bytes, content_type: str | None) -> str:
    """The body as text: by its mark, its header, its meta tag; what is not so declared as UTF-8, else GB18030."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return clean(body[len(mark) :].decode(encoding, "replace"))
    declared = _CHARSET.search(content_type or "")
    meta = _META.search(body[:4096])
    names = [declared[1]] if declared else []
    names += [meta[1].decode("ascii", "replace")] if meta else []
    for name in [*names, "utf-8", "gb18030"]:
        try:
            return clean(body.decode(_WIDER.get(name.lower(), name)))
        except (LookupError, UnicodeError):
            continue
    try:
        return clean(body.decode(names[0] if names else "utf-8", "replace"))
    except LookupError:
        return clean(body.decode("utf-8", "replace"))


def parse_html(text: str) -> etree._Element | None:
    """The tree of a page or a piece of one; None where there is nothing."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root: Any = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root if isinstance(root, etree._Element) else None


def block_text(element: etree._Element, drop: str | None = None) -> str:
    """Text as shown: paragraphs and line breaks become newlines, runs of blanks one blank, scripts nothing."""
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
            if event == "start" and node.text:
                pieces.append(_SPACES.sub(" ", node.text))
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
