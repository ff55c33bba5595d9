"""Reads the archive: one body by file and offset, a handed-over file as a stream, and all captures of a day."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from adwatch.archive.decode import DECODED_LIMIT, Undecodable, decode_body
from adwatch.archive.members import CHUNK, Damaged, Member, walk
from adwatch.archive.shelf import WHOLE, Root, Shelf, shelf_of
from adwatch.errors import ArchiveError
from adwatch.models import Capture

_DAMAGE = (ArchiveLoadFailed, zlib.error, EOFError, OSError, ValueError)

STORED_LIMIT = 64 * 1024 * 1024
"""Bytes of an archived answer that are read into memory at most."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One record as it lies in the archive."""

    record_id: str
    """WARC-Record-ID."""
    record_type: str
    """response | revisit | resource | conversion."""
    headers: tuple[tuple[str, str], ...]
    """HTTP headers, without secrets; none for a resource or a conversion."""
    payload: bytes
    """Body as received."""

    def header(self, name: str) -> str | None:
        """All values of a header, joined."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


@contextmanager
def _record(root: Root, warc: str, offset: int) -> Iterator[Any]:
    """The warcio record at an offset; what is wrong with it is an ArchiveError, what the caller does is not."""
    with shelf_of(root).open(warc) as file:
        yield _opened(file, offset, f"{warc} at byte {offset}")


def _opened(file: BinaryIO, offset: int, where: str) -> Any:
    try:
        file.seek(offset)
        found = next(ArchiveIterator(file), None)
    except _DAMAGE as error:
        raise ArchiveError(f"{where}: damaged ({error}); run adwatch evidence verify") from error
    if found is None:
        raise ArchiveError(f"{where}: no record there; run adwatch evidence verify")
    return found


def _piece(stream: Any, size: int, where: str) -> bytes:
    try:
        data: bytes = stream.read(size)
    except _DAMAGE as error:
        raise ArchiveError(f"{where}: damaged ({error}); run adwatch evidence verify") from error
    return data


def read_stored(root: Root, warc: str, offset: int, limit: int = STORED_LIMIT) -> Stored:
    """The record at an offset, body as received."""
    with _record(root, warc, offset) as found:
        payload = _piece(found.raw_stream, limit + 1, f"{warc} at byte {offset}")
        if len(payload) > limit:
            raise ArchiveError(f"{warc} at byte {offset}: more than {limit:,} bytes; read it as a stream")
        headers = tuple(found.http_headers.headers) if found.http_headers else ()
        return Stored(found.rec_headers.get_header("WARC-Record-ID"), found.rec_type, headers, payload)


def read_body(root: Root, capture: Capture, limit: int = DECODED_LIMIT) -> bytes:
    """Decoded body of a capture, checked against its digest; a 304 gives the body it stands for.

    An ArchiveError if it is missing, altered, or was never whole (cut off by our limits, not decodable).
    """
    warc, offset, record_id = body_place(capture)
    where = f"{warc} at byte {offset} ({capture.url})"
    for reason in ("undecodable", "truncated"):
        if capture.context.get(reason):
            raise ArchiveError(f"{where}: the answer was kept but cannot be read: {capture.context[reason]}")
    found = read_stored(root, warc, offset)
    if found.record_id != record_id:
        raise ArchiveError(f"{where}: holds another record, {found.record_id}; run adwatch evidence verify")
    try:
        body = decode_body(found.payload, found.header("content-encoding"), limit)
    except Undecodable as error:
        raise ArchiveError(f"{where}: {error}") from error
    if hashlib.sha256(body).hexdigest() != capture.sha256:
        raise ArchiveError(f"{where}: the body was altered; run adwatch evidence verify")
    return body


def payload_digest_of(root: Root, capture: Capture) -> str | None:
    """WARC-Payload-Digest of the record that holds a capture's body, by its headers alone."""
    warc, offset, record_id = body_place(capture)
    with _record(root, warc, offset) as found:
        if found.rec_headers.get_header("WARC-Record-ID") != record_id:
            return None
        digest: str | None = found.rec_headers.get_header("WARC-Payload-Digest")
        return digest


def body_place(capture: Capture) -> tuple[str, int, str]:
    """File, offset and record id of the record that holds a capture's body."""
    earlier = capture.context.get("earlier")
    if isinstance(earlier, dict):
        return str(earlier["warc"]), int(earlier["offset"]), str(earlier["record_id"])
    return capture.warc, capture.offset, capture.record_id


@contextmanager
def open_body(root: Root, capture: Capture) -> Iterator[BinaryIO]:
    """A handed-over file as a stream of any size; the digest is not checked, ``verify`` does that."""
    with _record(root, capture.warc, capture.offset) as found:
        where = f"{capture.warc} at byte {capture.offset} ({capture.url})"
        yield io.BufferedReader(_RecordStream(found.raw_stream, where), CHUNK)


class _RecordStream(io.RawIOBase):
    """warcio's stream as a file object."""

    def __init__(self, stream: Any, where: str) -> None:
        super().__init__()
        self._stream, self._where = stream, where

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = _piece(self._stream, len(buffer), self._where)
        buffer[: len(data)] = data
        return len(data)


def warc_files(root: Path, day: str | None = None) -> list[Path]:
    """WARC files of a folder or of a day in it, oldest first."""
    return [root / name for name in Shelf(root).names(day)]


def captures_in_file(
    root: Root, name: str, on_damage: Callable[[str], None] | None = None, start: int = 0
) -> Iterator[Capture]:
    """Captures of one file in the order they were written, rebuilt from its metadata records alone.

    ``start`` is the offset of a record to begin with.
    """
    for content, warc, offset in _contents(shelf_of(root), name, on_damage, start):
        if "capture" in content:
            yield _rebuilt(content["capture"], warc, offset)


def notes_from_archive(
    root: Root, day: str, on_damage: Callable[[str], None] | None = None
) -> Iterator[dict[str, Any]]:
    """What the patrols of a day said of themselves, in the order of the files."""
    shelf = shelf_of(root)
    for name in shelf.names(day):
        for content, _, _ in _contents(shelf, name, on_damage):
            if "run" in content:
                yield content["run"]


def _contents(
    shelf: Shelf, name: str, on_damage: Callable[[str], None] | None, start: int = 0
) -> Iterator[tuple[dict[str, Any], str, int]]:
    """Contents of metadata records, with the file and the offset of the first record that each vouches for."""
    ends: list[Member] = []
    sink = MetadataSink()
    with shelf.open(name, WHOLE) as file:
        for member in walk(file, shelf.size(name), sink.begin, start):
            if isinstance(member, Damaged):
                message = f"{name}: {member}; run adwatch evidence verify"
                if on_damage is None:
                    raise ArchiveError(message)
                on_damage(message)
                ends.clear()
                continue
            content = sink.content()
            if content is None:
                ends.append(member)
                continue
            count = len(content.get("members", ()))
            if len(ends) >= count:
                yield content, name, ends[-count].offset if count else member.offset
            ends.clear()


def captures_from_archive(root: Root, day: str, on_damage: Callable[[str], None] | None = None) -> Iterator[Capture]:
    """All captures of a day without the store; damage raises an ArchiveError, or is told to ``on_damage``."""
    for name in shelf_of(root).names(day):
        yield from captures_in_file(root, name, on_damage)


class MetadataSink:
    """Keeps a record's plain bytes only if it is a metadata record."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._wanted = True
        self._info = False

    def begin(self, _offset: int) -> Callable[[bytes], None]:
        """Start of the next member."""
        self._parts, self._wanted = [], True
        return self._take

    def _take(self, data: bytes) -> None:
        if not self._parts:
            self._wanted = b"\r\nWARC-Type: metadata\r\n" in data[:200]
            self._info = b"\r\nWARC-Type: warcinfo\r\n" in data[:200]
            self._parts.append(b"")
        if self._wanted:
            self._parts.append(data)

    def is_guard(self) -> bool:
        """Whether a file may end behind this record: metadata or warcinfo."""
        return self._wanted or self._info

    def content(self) -> dict[str, Any] | None:
        """The JSON of the record, or None if it is of another type."""
        if not self._wanted:
            return None
        _, _, block = b"".join(self._parts).partition(b"\r\n\r\n")
        found: dict[str, Any] = orjson.loads(block.removesuffix(b"\r\n\r\n"))
        return found


def _rebuilt(content: dict[str, Any], warc: str, offset: int) -> Capture:
    when = datetime.fromisoformat(content["fetched_at"])
    return Capture(**{**content, "fetched_at": when}, warc=warc, offset=offset)
