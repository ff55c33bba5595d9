"""XML of strangers made harmless: what declares entities is refused, other document types are cut off.

An entity that stands for ten others, ten times over, turns a kilobyte into gigabytes; an external one reads files.
"""

from __future__ import annotations

import re

_DOCTYPE = re.compile(r"<!DOCTYPE(?:[^>\[\"']|\"[^\"]*\"|'[^']*')*([>\[])", re.IGNORECASE)
_PROLOG = (("<?", "?>"), ("<!--", "-->"))


class UnsafeXml(ValueError):
    """The document declares entities, or its prolog has no end."""


def safe_xml(text: str) -> str:
    """The document from its root element on, without declarations; UnsafeXml for what is refused."""
    at = 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip("\ufeff \t\r\n\x00"))
        for opening, closing in _PROLOG:
            if text.startswith(opening, at):
                end = text.find(closing, at)
                if end < 0:
                    raise UnsafeXml(f"{opening} is not closed")
                at = end + len(closing)
                break
        else:
            if text[at : at + 9].upper() != "<!DOCTYPE":
                return text[at:]
            found = _DOCTYPE.match(text, at)
            if found is None or found[1] == "[":
                raise UnsafeXml("it declares entities of its own, which honest feeds and sitemaps do not")
            at = found.end()
