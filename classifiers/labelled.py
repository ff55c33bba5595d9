"""Labelled texts and ordinary lines, read from files.

Labelled files are JSON lines in our own format or in that of the shared development set (scope ``safety``, type
``forged_or_traded_certificate``). Rows labelled for review are not scored; near duplicates (``cluster``) count once.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adwatch.errors import InputRefused

UNSCORED = frozenset(("borderline", "review"))
TYPES = {"forged_or_traded_certificate": "forged_or_traded", "other": ""}
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled text."""

    id: str
    """As the file has it, else its line."""
    title: str
    """Headline; empty where there is none."""
    text: str
    """Body."""
    offer: bool
    """Whether it offers."""
    scope: str
    """safety_production, other_credential or none."""
    types: tuple[str, ...]
    """Offer classes."""
    genre: str
    """Kind of text."""
    disguise: str
    """How it is disguised; none."""
    cluster: str
    """Near duplicates share it."""
    families: tuple[str, ...] = ()
    """Certificate families."""


def _names(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else []
    return tuple(filter(None, (TYPES.get(str(name), str(name)) for name in listed)))


def labelled(file: Path) -> tuple[list[Labelled], int]:
    """Scored rows, one of each cluster, and the number left out."""
    rows: list[Labelled] = []
    seen: set[str] = set()
    left = 0
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            label, identity = row["label"], str(row.get("id", number))
            cluster = str(row.get("cluster") or identity)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputRefused(f"{file}:{number}: no labelled text; write id, title, text, label") from error
        if label in UNSCORED or cluster in seen:
            left += 1
            continue
        seen.add(cluster)
        scope = str(row.get("scope") or "none")
        known = ("safety", "safety_production", "none")
        scope = {"safety": "safety_production"}.get(scope, scope if scope in known else "other_credential")
        genre = str(row.get("genre") or row.get("kind_of_page") or "")
        rows.append(
            Labelled(
                identity, row.get("title") or "", row.get("text") or "", label == "offer", scope,
                _names(row.get("offer_types")), genre, str(row.get("disguise") or "none"), cluster,
                _names(row.get("families") or row.get("certificate_kinds")),
            )
        )  # fmt: skip
    return rows, left


def lines(file: Path) -> Iterator[list[str]]:
    """Ordinary lines of a text file, in batches."""
    batch: list[str] = []
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as handle:
        for line in handle:
            batch.append(line.decode("utf-8", "replace").rstrip("\r\n"))
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch
