"""Writes the archive: ``<root>/<day>/<platform>-<run>.warc.gz``, one file for each platform, day and process.

An exchange is one append of three members (response, request, metadata) and lies in the file before ``keep`` returns.
A process never appends behind what another left, so a torn tail stays at an end, where ``verify`` names it.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from adwatch.archive import records
from adwatch.archive.decode import DECODED_LIMIT, Undecodable, decode_body
from adwatch.archive.members import CHUNK, MemberWriter, deflated, stored
from adwatch.archive.reader import body_place
from adwatch.errors import ArchiveError
from adwatch.failpoints import failpoint
from adwatch.models import Capture
from adwatch.ports import Exchange, HandedFile
from adwatch.text import clean

FAST = 1
"""Gzip level of handed-over files: they are large, and mostly text."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def file_name(platform: str, run: str) -> str:
    """Name of the WARC file; letters that a file system may refuse are percent-encoded."""
    safe = quote(clean(platform), safe="").replace(".", "%2E")
    if len(safe) > 80:
        safe = f"{safe[:60]}~{hashlib.sha256(platform.encode()).hexdigest()[:16]}"
    return f"{safe}-{run}.warc.gz"


def new_run_token(now: datetime) -> str:
    """Sorts by time and is different in every process."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{os.urandom(3).hex()}"


class Archive:
    """One process's end of the archive; safe to share between threads."""

    def __init__(self, root: Path, run: str, software: str = "", decoded_limit: int = DECODED_LIMIT) -> None:
        self.root = root
        self.run = run
        self.software = software
        self.decoded_limit = decoded_limit
        self._files: dict[tuple[str, str], _WarcFile] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Bring all files to disk and close them."""
        with self._lock:
            while self._files:
                self._files.popitem()[1].close()

    def keep(self, exchange: Exchange | HandedFile) -> Capture:
        """Archive an exchange or a handed-over file; the capture has no id yet."""
        when = exchange.received_at if isinstance(exchange, HandedFile) else exchange.fetched_at
        with self._lock:
            file = self._file(exchange.platform, exchange.day, when)
            if isinstance(exchange, HandedFile):
                return file.append_resource(exchange)
            return file.append_exchange(exchange, self.decoded_limit)

    def _file(self, platform: str, day: str, when: datetime) -> _WarcFile:
        found = self._files.get((platform, day))
        if found is None:
            if not _DAY.fullmatch(day):
                raise ArchiveError(f"{day!r} is no day; write it as 2026-11-22")
            found = _WarcFile(self.root, f"{day}/{file_name(platform, self.run)}", self.software, when)
            self._files[platform, day] = found
        return found


class _WarcFile:
    """One open file; what fails half-way is cut off again."""

    def __init__(self, root: Path, name: str, software: str, when: datetime) -> None:
        self.name = name
        self.path = root / name
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._out = self.path.open("ab", buffering=0)
        except OSError as error:
            raise self._failed(error) from error
        self.size = self._out.seek(0, os.SEEK_END)
        if self.size == 0:
            self._append([stored(records.warcinfo_record(self.path.name, software, when))])

    def close(self) -> None:
        os.fsync(self._out.fileno())
        self._out.close()

    def _failed(self, error: OSError) -> ArchiveError:
        return ArchiveError(f"{self.path}: cannot be written: {error.strerror}; free space or set ADWATCH_ARCHIVE_URL")

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._out.write(view) :]

    def _append(self, members: list[bytes]) -> None:
        data = b"".join(members)
        try:
            self._write(data)
        except OSError as error:
            self._out.truncate(self.size)
            raise self._failed(error) from error
        self.size += len(data)

    def append_exchange(self, exchange: Exchange, decoded_limit: int) -> Capture:
        """Response, request and metadata in one append."""
        record_id = records.new_record_id()
        context = dict(exchange.context)
        if exchange.truncated:
            context["truncated"] = exchange.truncated
        sha256 = _payload_digest(exchange, context, decoded_limit)
        if exchange.earlier is not None:
            warc, offset, earlier_id = body_place(exchange.earlier)
            context["earlier"] = {"warc": warc, "offset": offset, "record_id": earlier_id}
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


def _payload_digest(exchange: Exchange, context: dict[str, object], limit: int) -> str:
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
