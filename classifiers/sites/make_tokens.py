"""Writes lookalike_spelled.csv: how the names in lookalike_phrases.csv are spelt in host names.

``python -m classifiers.sites.make_tokens``. Each name as written, in traditional characters too, in full pinyin, by the
initials of its syllables, and with some of its words by initials only (tzzuoye). What lookalike_tokens.csv says of a
spelling wins; a spelling that two names share goes to the one that says most.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from classifiers.sites.lookalike_words import WEIGHTS, read_tokens

HERE = Path(__file__).parent
LETTERS = 4
"""Letters of a spelling, at least: fewer stand in any name."""
MIXED = 4
"""Pairs of syllables of a name, at most, that are spelt in full or by initials each."""


def spelled(phrase: str) -> list[str]:
    """The name itself and its spellings."""
    from pypinyin import lazy_pinyin

    syllables = lazy_pinyin(phrase)
    halves = [syllables[at : at + 2] for at in range(0, len(syllables), 2)]
    ways = [{"".join(half), _initials(half) if len(half) > 1 else half[0]} for half in halves]
    found = ["".join(syllables), _initials(syllables)]
    if len(ways) <= MIXED:
        found += map("".join, product(*map(sorted, ways)))
    written = (phrase, _traditional().convert(phrase))
    return list(dict.fromkeys((*written, *(each for each in found if len(each) >= LETTERS))))


@cache
def _traditional() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")


def _initials(syllables: Sequence[str]) -> str:
    return "".join(syllable[0] for syllable in syllables)


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
