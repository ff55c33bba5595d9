"""Walks the files of a ZIP by their own headers, whatever was done to it; nothing in it is unpacked."""

from __future__ import annotations

import hashlib
import mmap
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from adwatch.evidence.plain_zip import CENTRAL, LOCAL, LONGEST_HEADER, parse_local

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A file as the ZIP has it."""

    name: str
    offset: int
    """Of its header."""
    start: int
    """Of its content."""
    size: int
    sha256: str
    crc: int
    header: bytes
    method: int

    @property
    def agrees(self) -> bool:
        """Whether its content is that of its own check sum in the ZIP."""
        return not self.method and self.header[14:18] == self.crc.to_bytes(4, "little")


def digest_of(data: mmap.mmap, start: int, size: int) -> tuple[str, int]:
    """(SHA-256, CRC-32) of a part."""
    digest, crc = hashlib.sha256(), 0
    for at in range(start, start + size, _CHUNK):
        part = data[at : min(at + _CHUNK, start + size)]
        digest.update(part)
        crc = zlib.crc32(part, crc)
    return digest.hexdigest(), crc


def walked(data: mmap.mmap, expected: Mapping[bytes, bytes]) -> Iterator[Found]:
    """Files in the order of the ZIP. Behind what cannot be read it goes on at the next header that is expected.

    ``expected``: whole headers by name; a file in the package may be a ZIP itself, whose headers are none of ours.
    """
    at = 0
    while 0 <= at < len(data):
        parsed = parse_local(data[at : at + LONGEST_HEADER])
        if parsed is not None:
            name, length, size, method = parsed
            header, after = data[at : at + length], at + length + size
            if after <= len(data):
                digest, crc = digest_of(data, at + length, size)
                found = Found(_shown(name), at, at + length, size, digest, crc, header, method)
                if data[after : after + 4] in _FOLLOWS or found.agrees:
                    yield found
                    at = after
                    continue
                if expected.get(name) == header:  # bytes were put into it or taken out of it
                    yield found
        at = _next_expected(data, at + 1, expected)


def _next_expected(data: mmap.mmap, at: int, expected: Mapping[bytes, bytes]) -> int:
    """Where the next header begins that is one of those expected; -1 where there is none."""
    while expected and (at := data.find(LOCAL, at)) >= 0:
        parsed = parse_local(data[at : at + LONGEST_HEADER])
        if parsed is not None and expected.get(parsed[0]) == data[at : at + parsed[1]]:
            return at
        at += 1
    return -1


_FOLLOWS = (b"PK\x03\x04", CENTRAL, b"PK\x05\x06", b"PK\x06\x06")


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
