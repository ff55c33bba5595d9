"""The line shown for a hit: masked raw text around the first place where the query is found."""

from __future__ import annotations

from collections.abc import Sequence

from adwatch.text import highlight_spans, one_line

WIDTH = 80
BEFORE = 20
"""Characters shown before the first hit."""
IN_PICTURE = "〔图片〕"
"""Stands before what was read of a picture."""


def snippet(
    title: str | None, text: str | None, query: str, pictures: Sequence[str] = ()
) -> tuple[str, tuple[tuple[int, int], ...]]:
    """At most WIDTH characters on one line, and the spans of the hits in it; the text's hits go before the title's, and
    both before those in words of pictures, which are told as such.
    """
    for raw in (text, title, *pictures):
        spans = highlight_spans(raw, query) if raw and query.strip() else []
        if raw and spans:
            return _around(raw, spans[0][0], query, "" if raw in (text, title) else IN_PICTURE)
    return one_line(text or title or "", WIDTH), ()


def _around(raw: str, first: int, query: str, label: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    start = max(0, min(first - BEFORE, len(raw) - WIDTH))
    line = one_line(raw[start : start + 2 * WIDTH])
    if start:
        line = one_line("…" + line)
    line = one_line(label + line) if label else line
    spans = highlight_spans(line, query)
    return line, tuple(span for span in spans if span[0] >= len(label))
