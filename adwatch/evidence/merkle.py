"""The Merkle tree hash of RFC 6962, section 2.1, over leaves that come one after another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """Digest of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Digest of a node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Takes leaves in order and gives the root over those so far; keeps one digest for each level only."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[bytes] = []
        """Roots of the whole subtrees, the largest first, one for each bit of ``size``."""

    def add(self, data: bytes) -> None:
        """The next leaf."""
        digest, size = leaf_hash(data), self.size
        while size & 1:
            digest = node_hash(self._whole.pop(), digest)
            size >>= 1
        self._whole.append(digest)
        self.size += 1

    def root(self) -> bytes:
        """The tree hash; of no leaves that of nothing."""
        if not self._whole:
            return hashlib.sha256(b"").digest()
        digest = self._whole[-1]
        for left in reversed(self._whole[:-1]):
            digest = node_hash(left, digest)
        return digest


class WholeTree:
    """The tree over leaves that are all there, hashed already: gives the path of each to the root."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self._levels = [list(hashes)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            pairs = [node_hash(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)]
            self._levels.append(pairs + below[len(below) - (len(below) & 1) :])

    def root(self) -> bytes:
        """The tree hash."""
        top = self._levels[-1]
        return top[0] if top else hashlib.sha256(b"").digest()

    def path(self, index: int) -> list[bytes]:
        """What must be hashed with a leaf to come to the root, lowest first (RFC 6962, section 2.1.1)."""
        out = []
        for level in self._levels[:-1]:
            if (beside := index ^ 1) < len(level):
                out.append(level[beside])
            index >>= 1
        return out


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf's hash and its path lead to (RFC 9162, section 2.1.3.2); None where the path cannot fit."""
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = node_hash(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None
