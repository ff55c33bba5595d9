"""Pairs of neighbouring characters and the listings that they stand in, as sorted numbers: NumPy only, no tables.

A posting is ``key << 32 | place``: the key is a hash of two neighbouring characters of one text, the place a number of
the listing within its run (see adwatch.search.runs). A part, the piece of a run that is read at a time, has the number
of its keys (4 bytes), the keys (4 bytes each, ascending), how many places each has, less one (2 bytes each), and the
places (2 bytes each). Two pairs may share a key: what is found by keys is a candidate, and looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from adwatch.search.document import BREAK

Postings = npt.NDArray[np.uint64]
Places = npt.NDArray[np.uint16]
Numbers = npt.NDArray[np.int64]
"""Surrogate keys of listings, ascending."""

MOST = 1 << 16
"""Listings of a run: a place has two bytes."""
PART = 4096
"""Postings of a part, about: 8 to 12 kB are read to look up one key."""
_KEY_BITS = 32
_NEWLINE, _SPACE, _BREAK = ord("\n"), ord(" "), ord(BREAK)


def _keys(left: npt.NDArray[np.uint32], right: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Multiplied and shifted so that the upper bits, by which parts are made, are as mixed as the lower."""
    mixed = (left * np.uint32(0x9E3779B1) + right) * np.uint32(0x85EBCA6B)
    return (mixed ^ (mixed >> np.uint32(15))) * np.uint32(0xC2B2AE35)


def keys_of(phrase: str) -> list[int]:
    """The keys of a folded phrase of two characters or more, each once."""
    points = np.frombuffer(phrase.encode("utf-32-le"), dtype=np.uint32)
    found: list[int] = np.unique(_keys(points[:-1], points[1:])).tolist()
    return found


def postings_of(chars: Sequence[str]) -> Postings:
    """Postings of texts as Document.chars has them, whose places are their order; no pair reaches across a BREAK."""
    points = np.frombuffer("\n".join(chars).encode("utf-32-le"), dtype=np.uint32)
    letters = points[points != _SPACE]
    ends = letters == _NEWLINE
    apart = ends | (letters == _BREAK)
    pairs = np.flatnonzero(~apart[:-1] & ~apart[1:])
    places = np.cumsum(ends, dtype=np.uint32)[pairs].astype(np.uint64)
    return ascending((_keys(letters[pairs], letters[pairs + 1]).astype(np.uint64) << np.uint64(_KEY_BITS)) | places)


def ascending(postings: Postings) -> Postings:
    """Sorted, each once."""
    postings.sort()
    return postings[_first(postings)] if len(postings) else postings


def _first(values: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Where another value begins; there is at least one."""
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def bits_of(size: int) -> int:
    """By how many upper bits of its key a posting of a run of that size finds its part."""
    return (size // PART).bit_length()


def part_of(key: int, bits: int) -> int:
    """The part that a key is in."""
    return key >> (_KEY_BITS - bits)


def parts(postings: Postings, bits: int) -> Iterator[tuple[int, bytes]]:
    """The parts of ascending postings, each with its number."""
    if not len(postings):
        return
    keys = (postings >> np.uint64(_KEY_BITS)).astype(np.uint32)
    places = postings.astype(np.uint16)
    starts = np.append(np.flatnonzero(_first(keys)), len(keys))
    names, counts = keys[starts[:-1]], (np.diff(starts) - 1).astype(np.uint16)
    numbers = names.astype(np.uint64) >> np.uint64(_KEY_BITS - bits)
    cuts = np.append(np.flatnonzero(_first(numbers)), len(names)).tolist()
    for begin, end in pairwise(cuts):
        pieces = (np.uint32(end - begin), names[begin:end], counts[begin:end], places[starts[begin] : starts[end]])
        yield int(numbers[begin]), b"".join(piece.tobytes() for piece in pieces)


def _arrays(part: bytes) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16], Places]:
    """Keys, how many places each has (less one), places."""
    number = int.from_bytes(part[:4], "little")
    keys = np.frombuffer(part, np.uint32, number, 4)
    counts = np.frombuffer(part, np.uint16, number, 4 + 4 * number)
    return keys, counts, np.frombuffer(part, np.uint16, -1, 4 + 6 * number)


def postings_in(part: bytes) -> tuple[npt.NDArray[np.uint64], Places]:
    """The key, shifted to where a posting has it, and the place of every posting of a part."""
    keys, counts, places = _arrays(part)
    shifted = keys.astype(np.uint64) << np.uint64(_KEY_BITS)
    return np.repeat(shifted, counts.astype(np.int64) + 1), places


def places_of(key: int, part: bytes) -> Places:
    """Where the pair of this key stands, ascending; empty when it stands nowhere."""
    keys, counts, places = _arrays(part)
    at = int(np.searchsorted(keys, np.uint32(key)))
    if at == len(keys) or int(keys[at]) != key:
        return places[:0]
    start = int(counts[:at].sum(dtype=np.int64)) + at
    return places[start : start + int(counts[at]) + 1]


def packed(numbers: Numbers) -> bytes:
    """Listings as stretches of successive numbers: where each begins (8 bytes each), then how long each is (4 each)."""
    cuts = np.flatnonzero(np.diff(numbers) != 1) + 1
    starts = np.concatenate(([0], cuts))
    lengths = np.diff(np.append(starts, len(numbers))).astype(np.uint32)
    return numbers[starts].tobytes() + lengths.tobytes() if len(numbers) else b""


def unpacked(stored: bytes) -> Numbers:
    """What packed() was given."""
    many = len(stored) // 12
    lengths = np.frombuffer(stored, np.uint32, many, 8 * many).astype(np.int64)
    before = np.cumsum(lengths) - lengths
    return np.repeat(np.frombuffer(stored, np.int64, many) - before, lengths) + np.arange(lengths.sum())
