"""Texts in which nobody speaks, and which therefore are not read: rows of keywords, and babble.

To read each word of a row of keywords in its frame costs a hundred times what ordinary text does and says nothing; a
person sees it in the review band, named by its words. Babble is long and has a handful of letters only. Of 15,000
written texts (offers and others, tag clouds among them) none is either.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from classifiers.folds import Batch, Chars, Index, run_beginnings

LEAST = 40
"""Words of two characters or more in a row of keywords, those inside others counted too: a short offer that says
everything in the lists' own words (低压电工证免考包过，人不用来，三天拿证) has twenty-four.
"""
UNLIKE = 20
"""So many of them are different ones: who says the same again and again is read."""
COVERED = 0.95
"""Share of the letters and digits that stand in such words."""
LONGEST_GAP = 3
"""Neighbours that stand in none: a sentence of somebody's own, put among keywords, has more, and is read; so is what
has a single letter or digit of none, since it may be of an account.
"""
KEYWORDS_ONLY = "keywords_only"
"""Reason of the verdict."""
SHOWN = 3
"""Words of each kind that are shown."""
ASCII = 128
BABBLE, LETTERS = 40, 8
"""So many letters and digits, and at most so many different ones; the poorest written offer of that length has 15."""


def crowded(chars: Chars, matches: Index, owners: Index, begins: Index) -> npt.NDArray[np.bool_]:
    """Which texts are crowds of words.

    ``chars``: the texts' characters, folded; ``matches``: rows of string number, start and end; ``owners``: the text of
    each; ``begins``: where texts begin, each with one separator behind it, and the end of the last.
    """
    number = len(begins) - 1
    long = matches[:, 2] - matches[:, 1] > 1
    result = np.bincount(owners[long], minlength=number) >= LEAST
    if not result.any():
        return result
    size = int(begins[-1]) + 1
    starts, ends = (np.bincount(matches[long, side], minlength=size) for side in (1, 2))
    covered = np.cumsum(starts - ends) > 0
    letters = np.diff(begins) - 1
    result &= np.add.reduceat(covered[:-1], begins[:-1], dtype=np.int64) >= COVERED * letters
    bare = ~covered[:-1]
    bare[begins[1:] - 1] = False
    result[np.searchsorted(begins, np.flatnonzero(bare & (chars < ASCII)), side="right") - 1] = False
    gaps = np.flatnonzero(run_beginnings(bare, (1, LONGEST_GAP - 1)))
    result[np.searchsorted(begins, gaps, side="right") - 1] = False
    bounds = np.searchsorted(owners, np.arange(number + 1)).tolist()
    strings = matches[:, 0]
    for text in np.flatnonzero(result).tolist():
        result[text] = len(set(strings[bounds[text] : bounds[text + 1]].tolist())) >= UNLIKE
    return result


def babble(batch: Batch, numbers: Index) -> Index:
    """Those of the texts ``numbers`` that are long and made of a few letters."""
    starts, ends = batch.starts[numbers], batch.ends[numbers]
    long = np.flatnonzero(ends - starts >= BABBLE).tolist()
    return numbers[[at for at in long if len(set(batch.light[starts[at] : ends[at]].tolist())) <= LETTERS]]
