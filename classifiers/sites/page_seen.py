"""A page taken apart once, for everything that is asked of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from classifiers.sites.page_fields import fields_of, labels_of, linked, pressed, sent_to
from classifiers.sites.page_parts import SPACE, text_of

HEAD = 80
"""Characters of a page's head, blanks left out."""
TAIL = 400
"""Characters of its foot."""
HEADLINE = 40
"""Characters of what stands big at the top."""
NODES = 4000
"""Pieces of text that are looked at one by one."""
MOST = 200
"""Headings that are read."""
BUTTON = 6
"""Characters of a line on the picture of a page without buttons that may be one."""
_HEADINGS = ("title", "h1", "h2", "legend", "caption", "marquee")
_BIG = ("title", "head", "logo", "banner", "brand", "top", "tit")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person sees of a page."""

    root: Any
    text: str
    """All of it, blanks made one."""
    bare: str
    """Without blanks: letters set apart are together."""
    title: str
    """Title and headings, without blanks."""
    images: str
    """What its pictures and frames are called."""
    nodes: tuple[str, ...]
    """Its pieces of text, in order."""
    fields: tuple[Any, ...]
    labels: tuple[str, ...]
    """What is said of each field."""
    buttons: tuple[str, ...]
    links: tuple[str, ...]
    actions: tuple[str, ...]
    """Where its forms go."""
    pictured: tuple[str, ...] = ()
    """Lines that were read on its picture."""

    @property
    def head(self) -> str:
        """Its first words, title and headings before them."""
        return f"{self.title} {self.bare[:HEAD]}"


def seen(root: Any, url: str, pictured: str = "") -> Seen:
    """Take a page apart; ``pictured``: what was read on its picture, a line a piece."""
    text = " ".join(filter(None, (text_of(root), SPACE.sub(" ", pictured))))
    fields = fields_of(root)
    lines = tuple(filter(None, (SPACE.sub("", each) for each in pictured.split("\n"))))
    nodes = [SPACE.sub(" ", each).strip() for each in [*root.itertext()][:NODES]]
    buttons = tuple(pressed(root)) or tuple(line for line in lines if len(line) <= BUTTON)
    return Seen(
        root,
        text,
        SPACE.sub("", text),
        SPACE.sub("", " ".join(_headings(root, pictured))),
        " ".join(_images(root)),
        tuple(filter(None, nodes)),
        tuple(fields),
        tuple(labels_of(root, fields)),
        buttons,
        tuple(linked(root)),
        tuple(sent_to(root, url)),
        lines,
    )


def _headings(root: Any, pictured: str) -> Iterator[str]:
    for each in islice(root.iter(*_HEADINGS), MOST):
        yield each.text_content()[:200]
    big = (each for each in root.iter("h3", "div", "p", "span", "header", "font", "center", "td", "th") if _big(each))
    for each in islice(big, MOST):
        said = each.text_content().strip()
        if len(said) <= HEADLINE:
            yield said
    yield from pictured.split("\n")[:3]


def _big(each: Any) -> bool:
    called = f"{each.get('class') or ''} {each.get('id') or ''}".lower()
    return each.tag == "h3" or any(word in called for word in _BIG)


def _images(root: Any) -> Iterator[str]:
    for each in root.iter("img", "frame", "iframe", "area", "svg", "image", "object"):
        yield from filter(None, (each.get(name) for name in ("alt", "title", "src", "aria-label")))
    for each in root.iter("div", "header", "body", "td", "span", "a"):
        style = each.get("style") or ""
        if "url(" in style:
            yield style[:300]
