"""Which cells of an old XLS (or ET) hold formulas: python-calamine gives their values and does not tell them apart.

The stream of records is found in its compound file ([MS-CFB]: a header, sectors, a table of which follows which, a
folder of named streams); in it each FORMULA record names its cell ([MS-XLS] 2.4.127, BIFF5 likewise).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

SHEET, FORMULA, END = 0x0085, 0x0006, 0x000A
"""Records: where a sheet begins, a cell with a formula, the end of a sheet."""
MOST = 256
"""Sheets of a workbook that is read."""
_LAST = 0xFFFFFFFA
"""From here on numbers of sectors are marks."""
_SMALL = 4096
"""Shorter streams lie in small sectors."""


def formula_cells(data: bytes) -> list[set[tuple[int, int]]]:
    """By sheet, in the order of the workbook, the cells (row, column) from 1; ValueError where it cannot be read."""
    try:
        return list(_sheets(_stream(data)))
    except (struct.error, IndexError, OverflowError) as error:
        raise ValueError(f"no compound file with a workbook: {error}") from error


def _sheets(book: bytes) -> Iterator[set[tuple[int, int]]]:
    found = [place for kind, place, size in _records(book, 0) if kind == SHEET and size >= 6]
    if len(found) > MOST:
        raise ValueError(f"more than {MOST} sheets")
    for place in found:
        (start,) = struct.unpack_from("<I", book, place)
        cells = (struct.unpack_from("<HH", book, at) for each, at, _ in _records(book, start) if each == FORMULA)
        yield {(row + 1, column + 1) for row, column in cells}


def _records(book: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """(kind, place of its content, size) up to the end of the globals or of a sheet; charts inside are passed over."""
    depth = 0
    while at + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, at)
        depth += kind in (0x0809, 0x0409, 0x0209, 0x0009)
        if kind == END:
            depth -= 1
            if depth <= 0:
                return
        if depth <= 1:
            yield kind, at + 4, size
        at += 4 + size


def _stream(data: bytes) -> bytes:
    """The workbook's records."""
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or not 4 <= small_shift < shift:
        raise ValueError("no compound file")
    size = 1 << shift
    first_folder, first_small, more = (struct.unpack_from("<I", data, at)[0] for at in (48, 60, 68))
    tables = [each for each in struct.unpack_from("<109I", data, 76) if each < _LAST]
    seen: set[int] = set()
    while more < _LAST and more not in seen:
        seen.add(more)
        found = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        tables += [each for each in found[:-1] if each < _LAST]
        more = found[-1]
    following = [each for at in tables for each in struct.unpack_from(f"<{size // 4}I", data, (at + 1) * size)]
    folder = _chained(data, first_folder, following, size, 1)
    root, wanted = b"", b""
    for at in range(0, len(folder) - 127, 128):
        entry = folder[at : at + 128]
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le", "replace").lower()
        if entry[66] == 5:
            root = entry
        elif entry[66] == 2 and name in ("workbook", "book"):
            wanted = entry
    if not wanted:
        raise ValueError("no workbook in it")
    start, length = struct.unpack_from("<II", wanted, 116)
    if length >= _SMALL:
        return _chained(data, start, following, size, 1)[:length]
    small = _chained(data, struct.unpack_from("<I", root, 116)[0], following, size, 1)
    table = _chained(data, first_small, following, size, 1)
    inner = struct.unpack(f"<{len(table) // 4}I", table)
    return _chained(small, start, inner, 1 << small_shift, 0)[:length]


def _chained(data: bytes, at: int, following: list[int] | tuple[int, ...], size: int, before: int) -> bytes:
    """Sectors one after the other; ``before``: sectors in front of the first. ValueError where they run in a circle."""
    parts: list[bytes] = []
    while at < _LAST:
        if len(parts) > len(following):
            raise ValueError("its sectors run in a circle")
        parts.append(data[(at + before) * size : (at + before + 1) * size])
        at = following[at]
    return b"".join(parts)
