"""Text on its way in (surrogates, NUL) and on its way out (masking, one-line excerpts)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from adwatch.models import Contact

_BAD = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def clean(text: str) -> str:
    """Lone surrogates and NUL become U+FFFD, one to one, so that offsets stay."""
    return _BAD.sub("\ufffd", text) if _BAD.search(text) else text


def clean_or_none(text: str | None) -> str | None:
    """As clean; blank text is absent."""
    if text is None:
        return None
    text = clean(text).strip()
    return text or None


def mask(raw: str, contacts: Iterable[Contact]) -> str:
    """The text with each contact replaced by its masked form, at the same length, so that offsets stay."""
    out, at = [], 0
    for contact in sorted(contacts, key=lambda c: c.start):
        if contact.start < at:  # overlaps the one before: what sticks out is starred
            out.append("*" * (contact.end - at))
        else:
            length = contact.end - contact.start
            out += [raw[at : contact.start], contact.masked[:length].ljust(length, "*")]
        at = max(at, contact.end)
    return "".join([*out, raw[at:]]) if out else raw


def one_line(text: str, limit: int = 80) -> str:
    """A line safe for a terminal or a log: control and bidirectional characters gone, cut at ``limit`` characters."""
    line = _CONTROL.sub(" ", text).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"
