"""The cheap first look at every text: pairs of folded characters say which texts are worth a scan.

Nine texts in ten hold no trace of an offer. A table over pairs of characters gives the kinds of words that may
begin at each place, as eight bits; the union over a text decides. It errs only towards letting through: a text in
which the automaton
would find enough always passes (a property test says so).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from classifiers.folds import Batch, Folds
from classifiers.variants import Pattern

PROMISE, HINT, CERTIFICATE, TRADE, EXAM, REACH, GIVEN, GOT = (1 << bit for bit in range(8))


def role(pattern: Pattern) -> int:
    """Which bit a pattern sets; 0 for frames, which matter only in a text that passes for another reason."""
    entry = pattern.entry
    if entry.kind == "promise":
        return PROMISE if entry.weight == 3 else HINT
    if entry.kind == "certificate":
        return CERTIFICATE if entry.weight == 3 else TRADE
    return {
        "exam": EXAM,
        "contact": REACH,
        "order": REACH,
        "seller": HINT,
        "material": GIVEN,
        "absent": GIVEN,
        "renewal": GIVEN,
        "result": GOT,
    }.get(entry.kind, 0)


def enough(mask: int) -> bool:
    """Whether the kinds found could make an offer together."""
    if mask & (PROMISE | CERTIFICATE):
        return True
    company = bin(mask & (HINT | REACH | GIVEN | GOT)).count("1")
    if mask & TRADE and (mask & EXAM or company):
        return True
    return bool(mask & EXAM and company) or bool(mask & GIVEN and mask & GOT)


PASSES = np.array([enough(mask) for mask in range(256)], dtype=bool)


class Gate:
    """One table over character pairs, made from the patterns.

    Four bytes a pair: the bits of patterns of two characters; of those of three that begin so; of four or more that
    begin so; and
    of those that go on so (characters two and three of three, three and four of more).
    """

    def __init__(self, folds: Folds, patterns: Sequence[Pattern]) -> None:
        alphabet = sorted({ord(char) for pattern in patterns for char in pattern.text})
        number = {code: index for index, code in enumerate(alphabet, 1)}
        plain = np.zeros(0x110000, dtype=np.uint16)
        plain[alphabet] = np.arange(1, len(alphabet) + 1, dtype=np.uint16)
        self.ident: npt.NDArray[np.uint16] = plain[folds.heavy]
        self.size = len(alphabet) + 1
        self.single = np.zeros(self.size, dtype=np.uint8)
        self.pair = np.zeros((self.size * self.size, 4), dtype=np.uint8)
        for pattern in patterns:
            bit = role(pattern)
            ids = [number[ord(char)] for char in pattern.text]
            if len(ids) == 1:
                self.single[ids[0]] |= bit & TRADE
                continue
            first = ids[0] * self.size + ids[1]
            if len(ids) == 2:
                self.pair[first, 0] |= bit
            else:
                self.pair[first, 1 if len(ids) == 3 else 2] |= bit
                second = (1, 2) if len(ids) == 3 else (2, 3)
                self.pair[ids[second[0]] * self.size + ids[second[1]], 3] |= bit

    def masks(self, batch: Batch) -> npt.NDArray[np.uint8]:
        """Per text the union of the bits."""
        ids = self.ident[batch.light].astype(np.int32)
        bits = self.single[ids]
        found = self.pair.view(np.uint32).reshape(-1)[ids[:-1] * np.int32(self.size) + ids[1:]]
        bits[:-1] |= found.astype(np.uint8)
        second = (found >> 24).astype(np.uint8)
        bits[:-2] |= (found[:-1] >> 8).astype(np.uint8) & second[1:]
        bits[:-3] |= (found[:-2] >> 16).astype(np.uint8) & second[2:]
        return np.bitwise_or.reduceat(bits, batch.starts)

    @staticmethod
    def passing(masks: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
        """Numbers of the texts worth a scan."""
        return np.flatnonzero(PASSES[masks])
