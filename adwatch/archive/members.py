"""Gzip members of a WARC file: two ways of writing one, and a reader that names what is wrong with one.

Every member starts with the same ten bytes. Large records are deflated; the small records that guard them (warcinfo,
metadata) are *stored*, so that their bytes can be rebuilt exactly from their content: gzip alone would let a flipped
header field or padding bit pass.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

HEADER = bytes.fromhex("1f8b08000000000000ff")
CHUNK = 1 << 16
_STORED_LIMIT = 0xFFFF


class Damaged(Exception):
    """A member cannot be read: ``cut`` where the file ends inside it, else ``altered``."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


@dataclass(frozen=True, slots=True)
class Member:
    """Where a member lies and the digest of its bytes in the file."""

    offset: int
    """In bytes from the start of the file."""
    length: int
    """In bytes."""
    sha256: str
    """Hex digest of the compressed bytes."""


class MemberWriter:
    """Deflates one member piece by piece; ``emit`` is given the compressed bytes."""

    def __init__(self, emit: Callable[[bytes], object], level: int) -> None:
        self._emit = emit
        self._compressor = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._crc, self._size = 0, 0
        self._digest = hashlib.sha256()
        self.length = 0
        self._out(HEADER)

    def _out(self, data: bytes) -> None:
        self._digest.update(data)
        self.length += len(data)
        self._emit(data)

    def write(self, data: bytes) -> None:
        """Add plain bytes."""
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        packed = self._compressor.compress(data)
        if packed:
            self._out(packed)

    def close(self) -> str:
        """End the member; gives the digest of its compressed bytes."""
        self._out(self._compressor.flush() + _trailer(self._crc, self._size))
        return self._digest.hexdigest()


def _trailer(crc: int, size: int) -> bytes:
    return crc.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


def deflated(data: bytes, level: int = 6) -> bytes:
    """One compressed member."""
    compressor = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = compressor.compress(data) + compressor.flush()
    return HEADER + packed + _trailer(zlib.crc32(data), len(data))


def stored(data: bytes) -> bytes:
    """One member of stored blocks: the same bytes from every zlib there is."""
    out = [HEADER]
    for at in range(0, max(len(data), 1), _STORED_LIMIT):
        block = data[at : at + _STORED_LIMIT]
        last = at + _STORED_LIMIT >= len(data)
        size = len(block)
        out.append(bytes([last]) + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + block)
    out.append(_trailer(zlib.crc32(data), len(data)))
    return b"".join(out)


def read_member(file: BinaryIO, offset: int, sink: Callable[[bytes], object]) -> Member:
    """Inflate the member at ``offset`` into ``sink`` in pieces of at most 1 MiB; memory stays flat."""
    file.seek(offset)
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    digest = hashlib.sha256()
    length = 0
    while not inflater.eof:
        chunk = file.read(CHUNK)
        if not chunk:
            raise Damaged("cut", "the file ends inside this record")
        data = chunk
        while data and not inflater.eof:
            try:
                plain = inflater.decompress(data, 1 << 20)
            except zlib.error as error:
                raise Damaged("altered", f"this record cannot be decompressed ({error})") from error
            if plain:
                sink(plain)
            data = inflater.unconsumed_tail
        used = chunk[: len(chunk) - len(inflater.unused_data)] if inflater.eof else chunk
        digest.update(used)
        length += len(used)
    return Member(offset, length, digest.hexdigest())


def next_member(file: BinaryIO, after: int) -> int | None:
    """Offset of the next record that starts behind ``after``: where reading can go on behind damage."""
    file.seek(after)
    base, held = after, b""
    while chunk := file.read(CHUNK):
        held += chunk
        at = held.find(HEADER)
        while at >= 0:
            if _opens_record(file, base + at):
                return base + at
            at = held.find(HEADER, at + 1)
        keep = len(HEADER) - 1
        base += max(0, len(held) - keep)
        held = held[-keep:]
        file.seek(base + len(held))
    return None


def _opens_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(file.read(CHUNK), 5)
    except zlib.error:
        return False
    return start == b"WARC/"


def walk(
    file: BinaryIO, size: int, sink_for: Callable[[int], Callable[[bytes], object]], start: int = 0
) -> Iterator[Member | Damaged]:
    """Every member from ``start`` on; behind a damaged one reading goes on at the next that can be found.

    ``sink_for`` is given a member's offset and gives what takes its plain bytes.
    """
    offset = start
    while offset < size:
        try:
            member = read_member(file, offset, sink_for(offset))
        except Damaged as damage:
            found = next_member(file, offset + 1)
            yield damage if found is None else Damaged("altered", str(damage))
            if found is None:
                return
            offset = found
        else:
            yield member
            offset += member.length
