"""Wording that is nearly the same: bands of its MinHash find what may be alike, its shingles decide whether it is.

Of two texts that share a third of their three-character shingles a band in common is found in six of ten cases, of
those that share half in nineteen of twenty (21 bands of 3 permutations). What is compared is the folded text without
contacts, digits and places (``link_marks``), since these are what changes when an offer is put up again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from adwatch.casework.link_marks import PERMUTATIONS, digests_of, letters
from adwatch.store.views import ListingView

ROWS = 3
"""Permutations in a band."""
SHORTEST = 20
"""Characters that a wording must have to be compared."""
ALIKE = 0.35
"""Share of common shingles (Jaccard) from which two wordings are the same, put differently. Of the demo's offers those
that are no relistings of each other share 0.12 at most, those put up again with few words changed 0.34 and more."""


def wording(view: ListingView) -> str:
    """What is compared of a version."""
    item, found = view.listing, view.verdict.contacts if view.verdict is not None else ()
    return letters(f"{item.title or ''}\n{item.text or ''}", [(each.start, each.end) for each in found])


def bands(texts: Sequence[str]) -> list[list[int]]:
    """Bands of each wording as numbers of 63 bits; none of those that are too short."""
    return [
        [_number(at, digest[at : at + ROWS]) for at in range(0, PERMUTATIONS - ROWS + 1, ROWS)] if digest else []
        for digest in digests_of(texts, SHORTEST)
    ]


def alike(one: str, other: str) -> bool:
    """Whether two wordings are nearly the same."""
    first, second = _shingles(one), _shingles(other)
    return len(first & second) >= ALIKE * len(first | second) > 0


def _shingles(text: str) -> set[str]:
    return {text[at : at + 3] for at in range(len(text) - 2)}


def _number(at: int, rows: Sequence[int]) -> int:
    digest = hashlib.blake2b(f"{at}:{','.join(map(str, rows))}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
