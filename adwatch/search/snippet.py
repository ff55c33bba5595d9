"""The line shown for a hit: masked raw text around the first place where the query is found."""

from __future__ import annotations

from adwatch.text import highlight_spans, one_line

WIDTH = 80
BEFORE = 20
"""Characters shown before the first hit."""


def snippet(title: str | None, text: str | None, query: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """At most WIDTH characters on one line, and the spans of the hits in it; the text's hits go before the title's."""
    for raw in (text, title):
        spans = highlight_spans(raw, query) if raw and query.strip() else []
        if raw and spans:
            return _around(raw, spans[0][0], query)
    return one_line(text or title or "", WIDTH), ()


def _around(raw: str, first: int, query: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    start = max(0, min(first - BEFORE, len(raw) - WIDTH))
    line = one_line(raw[start : start + 2 * WIDTH])
    if start:
        line = one_line("…" + line)
    return line, tuple(highlight_spans(line, query))
