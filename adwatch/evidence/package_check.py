"""Checks an evidence package offline, with nothing but the file: names what was altered, removed, added, moved.

A package is right only if it is, byte for byte, what its manifest gives when it is laid out again; what is said of one
that is not is found by walking it. Nothing in it is ever unpacked: its files are slices of the whole, and a file that
is packed otherwise is not one that we wrote.
"""

from __future__ import annotations

import hashlib
import io
import mmap
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from adwatch.errors import UsageError
from adwatch.evidence import package as p
from adwatch.evidence.package_compare import compare
from adwatch.evidence.package_report import PackageReport
from adwatch.evidence.package_walk import Found, digest_of, walked
from adwatch.evidence.plain_zip import LOCAL, Member, is_safe, local_header, offsets, tail

MANIFEST_LIMIT = 1 << 28


@dataclass(frozen=True, slots=True)
class Opened:
    """A package whose layout was checked."""

    data: mmap.mmap
    places: dict[str, tuple[int, int]]
    """Offset and size of the files that are unaltered."""
    names: list[str]
    """Every file that the manifest names."""

    def within(self, folder: str) -> Opened:
        """The files of a folder of it, under their names in there."""
        found = {name[len(folder) :]: place for name, place in self.places.items() if name.startswith(folder)}
        return Opened(self.data, found, [name[len(folder) :] for name in self.names if name.startswith(folder)])

    def read(self, name: str) -> bytes:
        """Content of a file that is unaltered."""
        start, size = self.places[name]
        return self.data[start : start + size]

    def open(self, name: str) -> BinaryIO:
        """The same as a file to read and seek in; a large one is never held whole."""
        return io.BufferedReader(_Part(self.data, *self.places[name]))


class _Part(io.RawIOBase):
    """A slice of the package as a file."""

    def __init__(self, data: mmap.mmap, start: int, size: int) -> None:
        super().__init__()
        self._data, self._start, self._size, self._at = data, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        size = max(0, min(len(buffer), self._size - self._at))
        buffer[:size] = self._data[self._start + self._at : self._start + self._at + size]
        self._at += size
        return size


@contextmanager
def opened(file: Path, report: PackageReport) -> Iterator[Opened | None]:
    """Check the layout; gives what can be read of it, or None where nothing can."""
    try:
        with file.open("rb") as handle:
            report.size = handle.seek(0, 2)
            if report.size == 0:
                report.add("unreadable", file.name, "is empty")
                yield None
                return
            with mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield _layout(data, file.name, report)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error


def _layout(data: mmap.mmap, name: str, report: PackageReport) -> Opened | None:
    found = _manifest(data, report)
    if found is None:
        report.add("unreadable", name, "no manifest of an evidence package can be read in it")
        return None
    manifest, head, trusted = found
    report.sha256, report.head = hashlib.sha256(manifest).hexdigest(), {k: v for k, v in head.items() if k != "files"}
    report.files = len(head["files"])
    own = {p.MANIFEST: manifest, p.SEAL: p.seal_bytes(report.sha256)}
    expected = [Member(each, len(content), zlib.crc32(content)) for each, content in own.items()]
    digests = {each: hashlib.sha256(content).hexdigest() for each, content in own.items()}
    for row in head["files"]:
        expected.append(Member(row["name"], row["size"], int(row["crc32"], 16)))
        digests[row["name"]] = row["sha256"]
    comment = p.comment_bytes(report.sha256)
    places = _exact(data, expected, digests, comment)
    if places is None:
        places = compare(data, expected, digests, comment, report, trusted)
        if not report.problems:
            report.add("altered", "ZIP", "its bytes are not those that the manifest gives")
    return Opened(data, places, [member.name for member in expected])


def _exact(
    data: mmap.mmap, expected: list[Member], digests: dict[str, str], comment: bytes
) -> dict[str, tuple[int, int]] | None:
    """Places of the files if the package is byte for byte what its manifest gives; else None."""
    end = tail(expected, comment)
    heads = offsets(expected)
    if len(data) != heads[-1] + len(end) or data[heads[-1] :] != end:
        return None
    places = {}
    for member, at in zip(expected, heads[:-1], strict=True):
        header = local_header(member)
        start = at + len(header)
        if data[at:start] != header or digest_of(data, start, member.size) != (digests[member.name], member.crc):
            return None
        places[member.name] = (start, member.size)
    return places


_SEALED = re.compile(rb"[0-9a-f]{64}")


def _manifest(data: mmap.mmap, report: PackageReport) -> tuple[bytes, dict[str, Any], bool] | None:
    """(manifest, the same read, whether it is the one that was sealed); what is wrong with it is added."""
    comment = _SEALED.findall(data[max(0, len(data) - 200) :])
    first = next(walked(data, {}), None)
    broken = first is None
    second = next((each for each in walked(data, {}) if each.name == p.SEAL), None)
    if first is None or (first.name != p.MANIFEST and not _is_manifest(data, first)):
        first = next((each for each in walked(data, {}) if each.name == p.MANIFEST), None)
    if first is None and broken:
        first = _by_place(data)
    if first is None or first.size > MANIFEST_LIMIT:
        return None
    manifest = data[first.start : first.start + first.size]
    said = [bytes(each).decode() for each in comment[-1:]]
    sealed = _SEALED.findall(data[second.start : second.start + second.size]) if second else []
    said += [bytes(each).decode() for each in sealed[:1]]
    trusted = first.sha256 in said
    if first.method and not trusted:
        report.add("altered", p.MANIFEST, "is packed: no package of ours is, and it was not unpacked")
        return None
    head = _read(manifest)
    if not trusted:
        sure = "manifest.sha256 and the comment agree on another" if len(set(said)) == 1 and len(said) == 2 else ""
        report.add("altered", p.MANIFEST, f"its digest is not the one it was sealed with{f' ({sure})' if sure else ''}")
    if head is None:
        if trusted:
            report.add("unreadable", p.MANIFEST, "is no manifest of an evidence package")
        else:
            _by_check_sums(data, report)
        return None
    return manifest, head, trusted


def _is_manifest(data: mmap.mmap, found: Found) -> bool:
    return found.size <= MANIFEST_LIMIT and _read(data[found.start : found.start + found.size]) is not None


def _by_place(data: mmap.mmap) -> Found | None:
    """The manifest behind a header that is broken: it begins where it always does, and ends before the next header."""
    start = len(local_header(Member(p.MANIFEST, 0, 0)))
    end = data.find(LOCAL, start)
    if end < 0:
        return None
    digest, crc = digest_of(data, start, end - start)
    return Found(p.MANIFEST, 0, start, end - start, digest, crc, data[:start], 0)


def _read(manifest: bytes) -> dict[str, Any] | None:
    """A manifest, if it is one whose every file has a safe name once, a size and digests."""
    try:
        head = orjson.loads(manifest)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(head, dict) or head.get("schema") != p.SCHEMA or not isinstance(head.get("files"), list):
        return None
    names = {p.MANIFEST, p.SEAL}
    for row in head["files"]:
        if not isinstance(row, dict) or not {"name", "size", "sha256", "crc32"} <= row.keys():
            return None
        fine = isinstance(row["name"], str) and is_safe(row["name"]) and row["name"] not in names
        fine = fine and isinstance(row["size"], int) and 0 <= row["size"] < 1 << 62
        fine = fine and re.fullmatch(r"[0-9a-f]{64}", str(row["sha256"])) is not None
        if not fine or re.fullmatch(r"[0-9a-f]{8}", str(row["crc32"])) is None:
            return None
        names.add(row["name"])
    return head


def _by_check_sums(data: mmap.mmap, report: PackageReport) -> None:
    """Without a manifest the ZIP's own check sums still tell which files were altered."""
    for found in walked(data, {}):
        if not found.agrees and found.name != p.MANIFEST:
            report.add("altered", found.name, "its content is not that of its own check sum in the ZIP")
