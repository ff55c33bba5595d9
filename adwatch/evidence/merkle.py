"""The Merkle tree hash of RFC 6962, section 2.1, over leaves that come one after another."""

from __future__ import annotations

import hashlib


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
