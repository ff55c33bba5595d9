"""Makes a candidate model from the shipped training text and decided texts; needs the ``dev`` extra like ``train``."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers import train, train_prefilter, train_rows
from classifiers.analysis import Reader
from classifiers.model import Model

WRITER = "decisions"
"""Decided texts are held out together, like those of a writer, when the score is calibrated."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One decided text."""

    title: str
    """Headline."""
    text: str
    """Body, raw: it is read in memory and never written down."""
    offer: bool
    """What the person found."""
    types: tuple[str, ...]
    """Offer classes of an offer."""

    def row(self, number: int) -> dict[str, object]:
        """As a row of training text."""
        label = "offer" if self.offer else "not_offer"
        types = [name for name in self.types if name in train.HEADS] if self.offer else []
        row = {"id": f"d-{number}", "title": self.title, "text": self.text, "label": label, "offer_types": types}
        return {**row, "genre": "decided"}


@dataclass(frozen=True, slots=True)
class Made:
    """A candidate."""

    digest: str
    """Of its files: the name of its folder."""
    shipped_rows: int
    """Rows of written and composed text."""
    training_sha256: str
    """Digest of all rows, the decided ones included."""


def make(
    models: Path,
    lessons: Sequence[Lesson],
    data: Path | None = None,
    training: Path | None = None,
    every: int = 1,
) -> Made:
    """Train into ``models/DIGEST/``; for tests ``training`` is another folder of training text, and only each
    ``every``-th of the composed ordinary rows is read.
    """
    reader = Reader(data)
    shipped = train_rows.load(training) if training else train_rows.load()
    kept = [row for number, row in enumerate(shipped) if row[0] != train_rows.ORDINARY or number % every == 0]
    source = kept + [(WRITER, lesson.row(number)) for number, lesson in enumerate(lessons, 1)]
    digest = hashlib.sha256()
    for writer, row in source:
        digest.update(json.dumps([writer, row], ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass"))
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models, prefix=".making-") as name:
        folder = Path(name)
        train.write(
            folder, train.rows(reader, source), train_prefilter.quick_salads(reader, train_prefilter.SALADS // every)
        )
        made = Model.load(folder).digest
        if not (models / made).exists():
            shutil.copytree(folder, models / made)
    return Made(made, len(kept), digest.hexdigest())
