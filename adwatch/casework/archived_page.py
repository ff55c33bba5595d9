"""An archived page made harmless: its words and its shape, without anything that runs, loads, moves or links away.

It is shown in a sandboxed frame under a policy that forbids all of that as well: this is the inner of two walls.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree, html


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


LONGEST = 2_000_000
"""Characters of a page that are shown."""
DROPPED = _names(
    "script style link meta base iframe frame frameset object embed applet param source track audio video portal "
    "template noscript svg math canvas map area dialog slot"
)
"""Elements that are left out with all that is in them."""
KEPT = _names(
    "a abbr address article aside b blockquote body br caption center cite code col colgroup dd del div dl dt em "
    "figcaption figure font footer h1 h2 h3 h4 h5 h6 head header hr html i img ins label li main mark nav ol p pre q "
    "s section small span strong sub sup table tbody td tfoot th thead time title tr u ul"
)
"""Elements that stay what they are; every other one becomes a span."""
ATTRIBUTES = frozenset(("colspan", "rowspan"))
"""Attributes that stay, if they are numbers: none that loads, links, names a style or runs."""


def harmless(text: str) -> bytes:
    """The page as UTF-8; pictures are named by their alternative text, links lead nowhere."""
    try:
        root = html.document_fromstring(text[:LONGEST].replace("\x00", "\ufffd"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return plain(text)
    for node in list(_elements(root)):
        _strip(node)
    body = etree.tostring(root, encoding="utf-8", method="html")
    return b'<!doctype html><meta charset="utf-8">' + body


def plain(text: str) -> bytes:
    """What is no HTML, as text."""
    root = html.Element("pre")
    root.text = "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text[:LONGEST])
    return b'<!doctype html><meta charset="utf-8">' + etree.tostring(root, encoding="utf-8", method="html")


def _elements(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    for node in list(root.iter()):  # not on the way: what is emptied would end the walk
        if not isinstance(node.tag, str) or node.tag.lower() in DROPPED:
            _drop(node)
        else:
            yield node


def _drop(node: html.HtmlElement) -> None:
    parent = node.getparent()
    if parent is not None and isinstance(node.tag, str):
        node.clear(keep_tail=True)
        node.tag = "span"
    elif parent is not None:
        node.text = ""


def _strip(node: html.HtmlElement) -> None:
    if node.tag == "img":
        node.text = f"[图 {node.get('alt') or ''}]"
        node.tag = "span"
    elif node.tag not in KEPT:
        node.tag = "span"
    for name, value in list(node.attrib.items()):
        if name not in ATTRIBUTES or not (value.isascii() and value.isdecimal() and len(value) < 4):
            del node.attrib[name]
