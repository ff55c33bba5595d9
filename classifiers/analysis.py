"""From raw texts to texts with hits, frames, contacts and passage vectors: shared by the judge and by training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adwatch.models import Contact
from classifiers.contacts import find
from classifiers.features import Vector, vectors
from classifiers.grammar import Frame, assign, document_facts, facts, said
from classifiers.lexicon import Lexicon
from classifiers.passages import live, passages
from classifiers.scan import Scanner, Text, within

JOINED = "\n"
"""Stands between title and text."""


@dataclass(slots=True)
class Reading:
    """One text, read."""

    text: Text
    """With hits and their status."""
    frame: Frame
    """Sentences, clauses and quotations."""
    contacts: list[Contact]
    """Contacts and personal numbers."""
    spans: list[tuple[int, int]]
    """Passages."""
    facts: list[dict[str, float]]
    """The grammar's facts, one for each passage."""
    live: int
    """How many of the passages, the last ones, sell by themselves."""

    def vectors(self) -> list[Vector]:
        """What the model reads, one for each passage."""
        return vectors([(self.text, self.spans, self.facts)])[0]


def join(title: str | None, text: str | None) -> str:
    """The raw text that all offsets refer to."""
    return (title or "") + JOINED + (text or "")


def read(text: Text, contacts: list[Contact]) -> Reading:
    """Frames, status and facts of a scanned text."""
    frame = Frame(text)
    assign(text, frame)
    spans = passages(text, frame)
    words = [said(hit) for hit in text.hits]
    document = document_facts(text, text.hits)
    found = [facts(text, words, frame, contacts, span, document) for span in spans]
    alone = live(text, frame, contacts)
    for span in alone:
        spans.append(span)
        found.append(facts(text, words, frame, contacts, span, document_facts(text, within(text, span))))
    return Reading(text, frame, contacts, spans, found, len(alone))


class Reader:
    """Reads single texts whether or not they pass the gate (training, explanations, tests)."""

    def __init__(self, data: Path | None = None, lexicon: Lexicon | None = None) -> None:
        self.scanner = Scanner(lexicon or Lexicon.load(data))

    def read(self, title: str | None, body: str | None) -> Reading:
        """One text, read in full."""
        raw = join(title, body)
        folds = self.scanner.folds
        found = self.scanner.scan(folds.batch([raw]), np.zeros(1, dtype=np.int64), [raw], [len(title or "")])
        return read(found[0], find(raw, folds.flat(raw)))
