"""One WARC file being written: what fails half-way is cut off again, and what a dead process leaves is marked.

While a file is open, an empty ``<file>.open`` lies beside it and the process holds its lock (flock): a mark without a
lock says that the writer died, and ``adwatch.archive.repair`` looks at that file's end.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from adwatch.archive import records
from adwatch.archive.decode import Undecodable, decode_body
from adwatch.archive.members import CHUNK, MemberWriter, deflated, stored
from adwatch.archive.reader import body_place
from adwatch.errors import ArchiveError
from adwatch.failpoints import armed, failpoint
from adwatch.models import Capture
from adwatch.ports import Exchange, HandedFile
from adwatch.text import clean

FAST = 1
"""Gzip level of handed-over files: they are large, and mostly text."""

MARK = ".open"
"""Ending of the mark beside a file that is being written."""


class WarcFile:
    """One open file; what fails half-way is cut off again."""

    def __init__(self, root: Path, name: str, software: str, when: datetime) -> None:
        self.name = name
        self.path = root / name
        self.mark = self.path.with_name(self.path.name + MARK)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.mark.touch()
            self._out = self.path.open("ab", buffering=0)
        except OSError as error:
            self.mark.unlink(missing_ok=True)
            raise self._failed(error) from error
        fcntl.flock(self._out.fileno(), fcntl.LOCK_EX)
        self.size = self._out.seek(0, os.SEEK_END)
        if self.size == 0:
            try:
                self._append([stored(records.warcinfo_record(self.path.name, software, when))])
            except ArchiveError:
                self._out.close()
                self.path.unlink(missing_ok=True)
                self.mark.unlink(missing_ok=True)
                raise

    def close(self) -> None:
        """Bring the file to disk; nothing is appended to it any more."""
        os.fsync(self._out.fileno())
        self._out.close()
        self.mark.unlink(missing_ok=True)

    def _failed(self, error: OSError) -> ArchiveError:
        return ArchiveError(f"{self.path}: cannot be written: {error.strerror}; free space or set ADWATCH_ARCHIVE_URL")

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._out.write(view) :]

    def _append(self, members: list[bytes]) -> None:
        data = b"".join(members)
        try:
            if armed("archive.half_record") and self.size:
                self._write(data[: len(data) // 2])
                failpoint("archive.half_record")
                self._out.truncate(self.size)
            self._write(data)
        except OSError as error:
            self._out.truncate(self.size)
            raise self._failed(error) from error
        self.size += len(data)

    def append_exchange(self, exchange: Exchange, decoded_limit: int) -> Capture:
        """Response, request and metadata in one append; of what we made ourselves, that and its metadata."""
        record_id = records.new_record_id()
        context = dict(exchange.context)
        if exchange.truncated:
            context["truncated"] = exchange.truncated
        if exchange.method != "GET":
            body_sha256 = hashlib.sha256(exchange.request_body).hexdigest()
            context["request"] = {"method": exchange.method, "body_sha256": body_sha256}
        sha256 = payload_digest(exchange, context, decoded_limit)
        if exchange.earlier is not None:
            warc, offset, earlier_id = body_place(exchange.earlier)
            context["earlier"] = {"warc": warc, "offset": offset, "record_id": earlier_id}
        if exchange.made_from is not None:
            members = [deflated(records.conversion_record(exchange, record_id))]
        else:
            members = [deflated(records.response_record(exchange, record_id))]
            members.append(deflated(records.request_record(exchange, record_id)))
        capture = Capture(
            platform=exchange.platform,
            day=exchange.day,
            role=exchange.role,
            url=exchange.url,
            fetched_at=exchange.fetched_at,
            status=exchange.status,
            sha256=sha256,
            warc=self.name,
            offset=self.size,
            record_id=record_id,
            content_type=_content_type(exchange),
            server_ip=exchange.server_ip,
            operator=exchange.operator,
            software=exchange.software,
            context=context,
        )
        guards = [[len(member), hashlib.sha256(member).hexdigest()] for member in members]
        failpoint("archive.before_record")
        self._append([*members, _guard(capture, guards)])
        failpoint("archive.after_record")
        return capture

    def append_note(self, platform: str, when: datetime, note: Mapping[str, object]) -> None:
        """What the patrol says of itself, such as whether all lists were read to their end."""
        record = records.metadata_record(f"urn:adwatch:run:{platform}", when, records.new_record_id(), {"run": note})
        self._append([stored(record)])

    def append_resource(self, handed: HandedFile) -> Capture:
        """A handed-over file as one resource record, streamed: it is read once for its digest and once to be kept."""
        failpoint("archive.before_record")
        try:
            size, sha256 = _file_digest(handed.path)
            writer = MemberWriter(self._write, FAST)
            record_id = records.new_record_id()
            url = clean(f"file:{handed.path.name}")
            headers = [
                ("WARC-Type", "resource"),
                ("WARC-Record-ID", record_id),
                ("WARC-Date", records.warc_date(handed.received_at)),
                ("WARC-Target-URI", url),
                ("Content-Type", handed.content_type),
                ("WARC-Block-Digest", f"sha256:{sha256}"),
                ("WARC-Payload-Digest", f"sha256:{sha256}"),
                ("Content-Length", str(size)),
            ]
            writer.write(records.header_bytes("WARC/1.1", headers))
            if _copy(handed.path, writer) != (size, sha256):
                raise ArchiveError(f"{handed.path}: changed while it was read; hand it over again once it is complete")
            writer.write(b"\r\n\r\n")
            member_sha256 = writer.close()
            capture = Capture(
                platform=handed.platform,
                day=handed.day,
                role="resource",
                url=url,
                fetched_at=handed.received_at,
                status=0,
                sha256=sha256,
                warc=self.name,
                offset=self.size,
                record_id=record_id,
                content_type=handed.content_type,
                operator=handed.operator,
                software=handed.software,
                context=dict(handed.context),
            )
            guard = _guard(capture, [[writer.length, member_sha256]])
            self._write(guard)
        except OSError as error:
            self._out.truncate(self.size)
            if error.filename is not None:
                raise ArchiveError(f"{handed.path}: cannot be read: {error.strerror}") from error
            raise self._failed(error) from error
        except BaseException:
            self._out.truncate(self.size)
            raise
        self.size += writer.length + len(guard)
        failpoint("archive.after_record")
        return capture


def payload_digest(exchange: Exchange, context: dict[str, object], limit: int) -> str:
    """Digest of the decoded body; why it cannot be decoded is put into the context."""
    if exchange.earlier is not None:
        return exchange.earlier.sha256
    try:
        body = decode_body(exchange.body, _header(exchange.response_headers, "content-encoding"), limit)
    except Undecodable as error:
        context["undecodable"] = str(error)
        body = exchange.body
    return hashlib.sha256(body).hexdigest()


def _content_type(exchange: Exchange) -> str | None:
    if exchange.earlier is not None:
        return exchange.earlier.content_type
    found = _header(exchange.response_headers, "content-type")
    return clean(found) if found else None


def _header(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    values = [value for key, value in headers if key.lower() == name]
    return ", ".join(values) if values else None


def capture_content(capture: Capture) -> Mapping[str, object]:
    """A capture as the metadata record keeps it: all but where it lies."""
    return {
        "platform": capture.platform,
        "day": capture.day,
        "role": capture.role,
        "url": capture.url,
        "fetched_at": records.warc_date(capture.fetched_at),
        "status": capture.status,
        "sha256": capture.sha256,
        "record_id": capture.record_id,
        "content_type": capture.content_type,
        "server_ip": capture.server_ip,
        "operator": capture.operator,
        "software": capture.software,
        "context": capture.context,
    }


def _guard(capture: Capture, members: list[list[object]]) -> bytes:
    content = {"capture": capture_content(capture), "members": members}
    return stored(records.metadata_record(capture.url, capture.fetched_at, capture.record_id, content))


def _file_digest(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK * 16):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def _copy(path: Path, writer: MemberWriter) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK * 16):
            digest.update(chunk)
            size += len(chunk)
            writer.write(chunk)
    return size, digest.hexdigest()
