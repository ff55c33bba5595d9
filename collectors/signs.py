"""Signs that a page on which no item could be read is a block page, or says that the item is gone.

They are only looked for on such pages: a seller's own words never make an item blocked or gone.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from collectors.documents import Document
from collectors.spec import PlatformSpec


def block_reason(spec: PlatformSpec, url: str, document: Document) -> str | None:
    """Why it is a block, captcha or login page, or None."""
    path = urlsplit(url).path
    for part in spec.block.paths:
        if part in path:
            return f"led to {path}"
    return _word(spec.block.words, document)


def gone_reason(spec: PlatformSpec, document: Document) -> str | None:
    """Why it says that the item is gone, or None."""
    if spec.gone.select is not None and document.nodes(spec.gone.select):
        return f"{spec.gone.select} matches"
    return _word(spec.gone.words, document)


def _word(words: tuple[str, ...], document: Document) -> str | None:
    if not words:
        return None
    shown = document.shown()
    return next((f"the page says {word}" for word in words if word in shown), None)
