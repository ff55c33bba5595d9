"""Generates search_fold.npz: the one-to-one search fold (width, case, traditional forms; letters and digits are kept).

Run with the dev extra: ``python -m adwatch.text.make_fold``. The fold is stable: it knows no keyword list. A change of
it means that every index must be rebuilt, so its digest is pinned by a test.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import numpy as np
from opencc import OpenCC

from adwatch.text.fold import FOLD_FILE, POINTS


def fold_point(point: int, to_simplified: OpenCC) -> int:
    """The folded code point, or 0 where it is deleted."""
    char = chr(point)
    if 0xD800 <= point <= 0xDFFF:
        return 0
    compat = unicodedata.normalize("NFKC", char)
    if len(compat) == 1:
        char = compat
    lower = char.lower()
    if len(lower) == 1:
        char = lower
    if 0x3400 <= ord(char) <= 0x9FFF or 0x20000 <= ord(char) <= 0x3FFFF:
        simple = to_simplified.convert(char)
        if len(simple) == 1:
            char = simple
    return ord(char) if unicodedata.category(char)[0] in "LN" else 0


def main() -> None:
    """Write the table as the list of points that change, with what they become."""
    to_simplified = OpenCC("t2s")
    table = np.fromiter((fold_point(p, to_simplified) for p in range(POINTS)), dtype=np.uint32, count=POINTS)
    again = table[table]
    if not np.array_equal(np.where(table == 0, 0, again), table):
        table = np.where(table == 0, 0, again)
    kept = np.flatnonzero(table).astype(np.uint32)
    np.savez_compressed(FOLD_FILE, points=kept, folded=table[kept])
    print(f"{Path(FOLD_FILE).name}: {len(kept)} points kept of {POINTS}", file=sys.stderr)


if __name__ == "__main__":
    main()
