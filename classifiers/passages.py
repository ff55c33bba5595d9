"""Which stretches of a text are scored by themselves: blocks, windows, and what sells whatever stands around it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

from adwatch.models import Contact
from classifiers.grammar import Frame
from classifiers.scan import Text

BLOCK = 420
WINDOW = 120
SIGNS = frozenset(
    ("promise", "certificate", "exam", "contact", "order", "seller", "material", "result", "absent", "renewal")
)
"""Kinds of words that make a window worth a score."""


def passages(text: Text, frame: Frame) -> list[tuple[int, int]]:
    """Raw spans to be scored: the text or its blocks, then lines and windows in which enough was found.

    A block has at most about BLOCK characters and ends with a sentence; a window has at most WINDOW and is made of
    whole clauses, half of them shared with the next, so that one selling sentence is not diluted by what stands
    around.
    """
    signs = [hit for hit in text.hits if hit.entry.kind in SIGNS]
    starts = [hit.start for hit in signs]

    def kinds(span: tuple[int, int]) -> int:
        return len({hit.entry.kind for hit in signs[bisect_left(starts, span[0]) : bisect_left(starts, span[1])]})

    found = [span for span in paragraphs(text.raw) if kinds(span)]
    if len(text.raw) > WINDOW * 5 // 4:
        found += [span for span in _windows(len(text.raw), frame.clauses) if kinds(span) > 1]
    return list(dict.fromkeys(_blocks(len(text.raw), frame.sentences) + found))


def paragraphs(raw: str) -> list[tuple[int, int]]:
    """The lines of a text of several."""
    cuts = [0, *accumulate(len(line) + 1 for line in raw.split("\n"))]
    cuts[-1] -= 1
    lines = [(start, end) for start, end in pairwise(cuts) if end - start > 1]
    return lines if len(lines) > 1 else []


def _blocks(length: int, sentences: list[int]) -> list[tuple[int, int]]:
    if length <= BLOCK * 3 // 2:
        return [(0, length)]
    ends = [at + 1 for at in sentences]
    spans: list[tuple[int, int]] = []
    start = 0
    while start < length:
        limit = start + BLOCK
        place = bisect_right(ends, limit) - 1
        end = ends[place] if place >= 0 and ends[place] > start + BLOCK // 3 else min(limit, length)
        if length - end < BLOCK // 4:
            end = length
        spans.append((start, end))
        start = end
    return spans


def _windows(length: int, clauses: list[int]) -> list[tuple[int, int]]:
    cuts = [0]
    for end in [*(at + 1 for at in clauses), length]:
        while end - cuts[-1] > WINDOW:
            cuts.append(cuts[-1] + WINDOW)
        if end > cuts[-1]:
            cuts.append(end)
    spans: list[tuple[int, int]] = []
    first = 0
    while not spans or spans[-1][1] < cuts[-1]:
        last = bisect_right(cuts, cuts[first] + WINDOW) - 1
        spans.append((cuts[first], cuts[last]))
        first = max(first + 1, bisect_left(cuts, (cuts[first] + cuts[last]) // 2))
    return spans


def live(text: Text, frame: Frame, contacts: Sequence[Contact]) -> list[tuple[int, int]]:
    """Raw spans that sell by themselves whatever stands around: the frame of a report clears only what it quotes.

    Paragraphs, and what follows the last word of a report or notice, with a contact and a plain promise or a
    certificate of their own.
    """
    reach = [item.start for item in contacts if item.kind != "id_number"]
    if not reach:
        return []
    length = len(text.raw)
    spans = paragraphs(text.raw)
    told = [hit.end for hit in text.hits if hit.entry.kind in ("report", "notice")]
    if told:
        place = bisect_left(frame.sentences, told[-1])
        spans.append((frame.sentences[place] + 1 if place < len(frame.sentences) else length, length))
    subject = [
        hit.start
        for hit in text.hits
        if hit.entry.kind == "certificate" or (hit.entry.kind == "promise" and hit.status == "plain")
    ]
    return [
        (start, end)
        for start, end in dict.fromkeys(spans)
        if end - start < length - 1
        and any(start <= at < end for at in reach)
        and any(start <= at < end for at in subject)
    ]
