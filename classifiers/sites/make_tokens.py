"""Writes lookalike_spelled.csv: how the names in lookalike_phrases.csv are spelt in host names.

``python -m classifiers.sites.make_tokens``. Each name as written (for Chinese labels), in full pinyin, and, where that
gives LETTERS letters or more, by the initials of its syllables; what lookalike_tokens.csv says of a spelling wins, and
a spelling that two names share goes to the one that says most.
"""

from __future__ import annotations

import csv
from pathlib import Path

from classifiers.sites.lookalike_words import WEIGHTS, read_tokens

HERE = Path(__file__).parent
LETTERS = 4
"""Letters of initials, at least: fewer stand in any name."""


def spelled(phrase: str) -> list[str]:
    """The name itself, its pinyin, its initials if they are long enough."""
    from pypinyin import lazy_pinyin

    syllables = lazy_pinyin(phrase)
    initials = "".join(syllable[0] for syllable in syllables)
    return [phrase, "".join(syllables), *([initials] if len(initials) >= LETTERS else [])]


def rows() -> list[tuple[str, str, str]]:
    """Spelling, kind and name, in order of the spelling."""
    known = read_tokens(HERE / "lookalike_tokens.csv")
    found: dict[str, tuple[str, str]] = {}
    with (HERE / "lookalike_phrases.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            for token in spelled(row["phrase"]):
                before = found.get(token)
                if token not in known and (before is None or WEIGHTS[before[0]] < WEIGHTS[row["kind"]]):
                    found[token] = row["kind"], row["phrase"]
    return [(token, *found[token]) for token in sorted(found)]


def main() -> None:
    """Write the table."""
    with (HERE / "lookalike_spelled.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("token", "kind", "note"))
        writer.writerows(rows())


if __name__ == "__main__":
    main()
