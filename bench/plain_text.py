"""Texts of real programs and of the truth made comparable."""

from __future__ import annotations

import re

SIGNS = str.maketrans(
    {"‘": "'", "’": "'", "′": "'", "“": '"', "”": '"', "″": '"', "—": "--", "–": "-", "…": "...", "×": "x"}
)


def plain(text: str | None) -> str:
    """Text without typographic signs, invisible characters and runs of blanks."""
    kept = "".join(one for one in (text or "").translate(SIGNS) if one.isprintable() or one == "\n")
    kept = re.sub("-{2,}", "--", kept)
    return "\n".join(line for part in kept.split("\n") if (line := " ".join(part.split())))
