"""A ZIP file of which every byte follows from the names and contents in it: nothing deflated, no clocks, no slack.

Whoever knows names, sizes and check sums can write each header again and compare; a file in it is a slice of the whole.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_BIG, _MANY = 0xFFFFFFFF, 0xFFFF
_DATE = 0x21
"""1 January 1980, in the form of MS-DOS."""
_MODE = 0o100644 << 16
_LOCAL = struct.Struct("<4sHHHHHLLLHH")
_CENTRAL = struct.Struct("<4sHHHHHHLLLHHHHHLL")
_END = struct.Struct("<4sHHHHLLH")
_END64 = struct.Struct("<4sQHHLLQQQQ")
_LOCATOR = struct.Struct("<4sLQL")
_PLAIN, _ZIP64, _UNIX = 20, 45, 3 << 8
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}(/[A-Za-z0-9][A-Za-z0-9._-]{0,120}){0,4}")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a ZIP."""

    name: str
    """ASCII, with / between folders."""
    size: int
    """In bytes."""
    crc: int
    """CRC-32 of its content."""


def is_safe(name: str) -> bool:
    """Whether a name can be unpacked anywhere: no folder above, no drive, no device, nothing hidden."""
    return _SAFE.fullmatch(name) is not None and not any(part.endswith(".") for part in name.split("/"))


def local_header(member: Member) -> bytes:
    """What stands before a file's content."""
    name = member.name.encode("ascii")
    extra, size, needed = b"", member.size, _PLAIN
    if size >= _BIG:
        extra, size, needed = struct.pack("<HHQQ", 1, 16, size, size), _BIG, _ZIP64
    head = _LOCAL.pack(LOCAL, needed, 0, 0, 0, _DATE, member.crc, size, size, len(name), len(extra))
    return head + name + extra


def central_header(member: Member, offset: int) -> bytes:
    """A file's entry in the central directory; ``offset`` is that of its local header."""
    name = member.name.encode("ascii")
    large = [member.size] * 2 if member.size >= _BIG else []
    far = [offset] if offset >= _BIG else []
    extra = struct.pack(f"<HH{len(large + far)}Q", 1, 8 * len(large + far), *large, *far) if large or far else b""
    size, needed = min(member.size, _BIG), _ZIP64 if extra else _PLAIN
    head = (CENTRAL, _UNIX | needed, needed, 0, 0, 0, _DATE, member.crc, size, size, len(name), len(extra))
    return _CENTRAL.pack(*head, 0, 0, 0, _MODE, min(offset, _BIG)) + name + extra


def ending(count: int, size: int, offset: int, comment: bytes) -> bytes:
    """The end of the file; ``size`` and ``offset`` are those of the central directory."""
    out = b""
    if count >= _MANY or size >= _BIG or offset >= _BIG:
        out += _END64.pack(b"PK\x06\x06", 44, _UNIX | _ZIP64, _ZIP64, 0, 0, count, count, size, offset)
        out += _LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
    shown = min(count, _MANY)
    return out + _END.pack(END, 0, 0, shown, shown, min(size, _BIG), min(offset, _BIG), len(comment)) + comment


def offsets(members: Iterable[Member]) -> list[int]:
    """Where each local header stands; the last number is where the central directory begins."""
    out = [0]
    for member in members:
        out.append(out[-1] + len(local_header(member)) + member.size)
    return out


def tail(members: list[Member], comment: bytes) -> bytes:
    """Central directory and end."""
    places = offsets(members)
    central = b"".join(central_header(*pair) for pair in zip(members, places[:-1], strict=True))
    return central + ending(len(members), len(central), places[-1], comment)


def parse_local(data: bytes) -> tuple[bytes, int, int, int] | None:
    """(name, length of the header, bytes that follow, method) of a local header; None where it is none."""
    if len(data) < _LOCAL.size or data[:4] != LOCAL:
        return None
    _, _, _, method, _, _, _, packed, _, name_size, extra_size = _LOCAL.unpack_from(data)
    length = _LOCAL.size + name_size + extra_size
    name = data[_LOCAL.size : _LOCAL.size + name_size]
    extra = data[_LOCAL.size + name_size : length]
    if packed == _BIG and len(extra) >= 20 and extra[:4] == b"\x01\x00\x10\x00":
        packed = struct.unpack_from("<Q", extra, 12)[0]
    return (name, length, packed, method) if len(data) >= length else None


LONGEST_HEADER = _LOCAL.size + 2 * _MANY
