"""Repairs what a dead process left: a torn tail is moved into a file beside, so that every WARC file ends whole.

Only files with a mark (``<file>.open``) and without a lock are looked at: their writer died. What stands before the
last whole exchange is never touched; damage inside a file is for ``evidence verify`` to name, not to mend.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from adwatch.archive.members import CHUNK, Damaged, walk
from adwatch.archive.reader import MetadataSink
from adwatch.archive.warc_file import MARK
from adwatch.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class Repair:
    """A torn tail that was moved away."""

    file: str
    """WARC file, relative to the archive's root."""
    offset: int
    """Where the file ends now, in bytes."""
    size: int
    """Bytes that were moved."""
    moved_to: str
    """File that holds them, relative to the archive's root."""

    def __str__(self) -> str:
        return f"{self.file}: {self.size:,} torn bytes behind byte {self.offset} moved to {self.moved_to}"


def repair_archive(root: Path, whole_until: Callable[[str], int] = lambda _file: 0) -> list[Repair]:
    """Repair all files whose writers died; ``whole_until`` gives the offset of a file's last record that is known."""
    found = []
    for mark in sorted(root.glob(f"*/*.warc.gz{MARK}")):
        path = mark.with_name(mark.name.removesuffix(MARK))
        try:
            repair = _repair(root, path, whole_until) if path.exists() else None
        except BlockingIOError:
            continue  # its writer is alive
        except OSError as error:
            raise ArchiveError(f"{path}: its torn tail cannot be moved away: {error.strerror}; free space") from error
        if repair is not None:
            found.append(repair)
        mark.unlink(missing_ok=True)
    return found


def _repair(root: Path, path: Path, whole_until: Callable[[str], int]) -> Repair | None:
    name = path.relative_to(root).as_posix()
    with path.open("r+b") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = file.seek(0, os.SEEK_END)
        start = min(whole_until(name), size)
        end = _whole_end(file, size, start if start < size else 0)
        if end == size:
            return None
        side = path.with_name(f"{path.name}.cut-{end}")
        _move(file, end, side)
    if end == 0:
        path.unlink()
    return Repair(name, end, size - end, side.relative_to(root).as_posix())


def _whole_end(file: BinaryIO, size: int, start: int) -> int:
    """Offset behind the last whole exchange; the file's size where a damaged record is not its last."""
    end = start
    sink = MetadataSink()
    for member in walk(file, size, sink.begin, start):
        if isinstance(member, Damaged):
            if member.word != "cut":
                return size
        elif sink.is_guard():
            end = member.offset + member.length
    return end


def _move(file: BinaryIO, end: int, side: Path) -> None:
    """First the copy, then the cut: a crash between the two loses nothing."""
    file.seek(end)
    with side.open("wb") as out:
        for chunk in _chunks(file):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    file.truncate(end)
    os.fsync(file.fileno())


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK * 16):
        yield chunk
