"""The way in: a file, a folder or an archived stream → listings and refused rows, streaming, the same from each."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

from adwatch.errors import UsageError
from adwatch.models import Listing, StageReport
from adwatch.ports import Progress
from collectors.handover.columns import ColumnTable
from collectors.handover.delimited import read_delimited
from collectors.handover.encoding import LINE_LIMIT, Gunzip, Rejoined, strip_mark, text_lines
from collectors.handover.formats import HEAD, Format, detect
from collectors.handover.har import read_har
from collectors.handover.jsonlines import read_lines, read_objects
from collectors.handover.pages import read_warc
from collectors.handover.rows import ItemReader, RefusedRow, RowReader, content_id
from collectors.handover.saved_page import read_saved_page
from collectors.handover.screenshot import read_screenshot
from collectors.handover.sheets import read_xls, read_xlsx
from collectors.handover.values import ValueRefused, first_address, normal_url, to_text
from collectors.handover.wacz import CUT_WACZ, is_cut_wacz, is_wacz, read_wacz

_UNREAD = {"time": "times", "count": "numbers", "seller_id": "seller ids (rounded by the spreadsheet)"}


def handover_files(path: Path) -> list[Path]:
    """The files of a hand-over in a fixed order: the file itself, or all below a folder but hidden and lock files."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"{path}: no such file or folder")
    found: list[Path] = []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
        found += [Path(folder) / name for name in names if not name.startswith((".", "~$"))]
    return sorted((file for file in found if file.is_file()), key=lambda file: file.relative_to(path).parts)


def read_handover(
    path: Path,
    platform: str,
    *,
    columns: ColumnTable,
    progress: Progress | None = None,
    zone: tzinfo | None = None,
    capture_id: int | None = None,
    captured_at: datetime | None = None,
    report: StageReport | None = None,
    kind: str = "product",
    captured: ItemReader | None = None,
) -> Iterator[Listing | RefusedRow]:
    """All listings and refused rows of a file, or of all files of a folder.

    ``progress`` is told bytes read. ``kind`` is that of rows whose headings show none, ``zone`` (default Asia/Shanghai)
    that of times which state none. What is worth a sentence but refuses no row (columns not read, times not understood)
    goes to ``report.notes``.
    """
    for file in handover_files(path):
        name = str(file.relative_to(path)) if path.is_dir() else file.name
        try:
            with file.open("rb") as stream:
                yield from read_stream(
                    stream,
                    name,
                    platform,
                    columns=columns,
                    progress=progress,
                    zone=zone,
                    capture_id=capture_id,
                    captured_at=captured_at,
                    report=report,
                    kind=kind,
                    captured=captured,
                )
        except OSError as error:
            message = f"文件读不出 the file cannot be read: {error.strerror or error}"
            yield RefusedRow("unreadable", name, message, name, 0)


def read_stream(
    stream: BinaryIO,
    name: str,
    platform: str,
    *,
    columns: ColumnTable,
    progress: Progress | None = None,
    zone: tzinfo | None = None,
    capture_id: int | None = None,
    captured_at: datetime | None = None,
    report: StageReport | None = None,
    kind: str = "product",
    captured: ItemReader | None = None,
    longer: Callable[[Listing], bool] | None = None,
) -> Iterator[Listing | RefusedRow]:
    """As read_handover, of one binary stream under the name of its file: an archived one gives what the file gave.

    ``longer`` says whether a longer text of a listing is stored: then a page that is cut off does not take its place.
    The stream need not be seekable (a spreadsheet or a damaged archive is then copied to a temporary file).
    """
    rows = RowReader(platform, columns, zone or ZoneInfo("Asia/Shanghai"), capture_id, captured_at, kind, captured)
    if longer is not None:
        rows.longer = longer
    report = report if report is not None else StageReport("ingest")
    counted = cast(BinaryIO, _Counted(stream, progress)) if progress else stream
    try:
        yield from _read(counted, name, rows, report)
    except ValueRefused as error:
        yield RefusedRow(error.reason, name, error.message, name, 0)
    if rows.unknown:
        headings = "、".join(rows.unknown)
        report.notes.append(f"{name}: unknown columns, not read: {headings}; add them to columns.csv")
    for word, count in sorted(rows.unread.items()):
        report.notes.append(f"{name}: {count:,} {_UNREAD[word]} could not be read; the rows are kept without them")


def _read(stream: BinaryIO, name: str, rows: RowReader, report: StageReport) -> Iterator[Listing | RefusedRow]:
    head = _head(stream)
    if len(head) < HEAD and not head.strip():
        raise ValueRefused(
            "empty_file", "文件是空的；若非本意，请重新保存 the file is empty; if that is not meant, save it once more"
        )
    form, encoding = detect(head, name, rows.columns)
    rest: BinaryIO = cast(BinaryIO, Rejoined(head, stream))
    if form != "gzip":
        yield from _rows(form, encoding, head, stream, name, rows, report)
        return
    unzipped = Gunzip(rest)
    inner = cast(BinaryIO, unzipped)
    head = _head(inner)
    if head:
        form, encoding = detect(head, name, rows.columns)
        if form == "gzip":
            raise ValueRefused("unknown_format", "压缩了两层，请先解压一层 compressed twice; unpack it first")
        yield from _rows(form, encoding, head, inner, name, rows, report)
    if unzipped.failed:
        message = f"{unzipped.failed}; 前面的已收下 what stands before is kept"
        yield RefusedRow("truncated", name, message, name, 0)


def _rows(
    form: Format, encoding: str | None, head: bytes, rest: BinaryIO, name: str, rows: RowReader, report: StageReport
) -> Iterator[Listing | RefusedRow]:
    if form in ("xlsx", "xls"):
        with tempfile.TemporaryFile() as copy:
            if rest.seekable():
                rest.seek(0)
                source = rest
            else:
                shutil.copyfileobj(Rejoined(head, rest), copy)
                copy.seek(0)
                source = cast(BinaryIO, copy)
            if form == "xlsx" and is_wacz(source):
                yield from read_wacz(source, name, rows, report)
                return
            if form == "xlsx" and is_cut_wacz(source, head, name):
                raise ValueRefused("truncated", CUT_WACZ)
            yield from (read_xlsx if form == "xlsx" else read_xls)(source, name, rows)
        return
    if form == "picture":
        yield from read_screenshot(cast(BinaryIO, Rejoined(head, rest)), name, rows)
        return
    if form == "warc":
        yield from read_warc(cast(BinaryIO, Rejoined(head, rest)), name, rows, report)
        return
    read = Rejoined(strip_mark(head), rest).read
    if form == "jsonl":
        yield from read_lines(read, encoding, name, rows)
    elif form == "json":
        yield from read_objects(read, encoding, name, rows)
    elif form == "har":
        yield from read_har(read, encoding, name, rows, report)
    elif form in ("html", "mhtml"):
        yield from read_saved_page(cast(BinaryIO, Rejoined(head, rest)), form, name, rows, report)
    elif form == "csv":
        yield from read_delimited(read, encoding, name, rows)
    else:
        yield from _read_texts(text_lines(read, encoding), name, rows)


def _read_texts(lines: Iterator[str | None], name: str, rows: RowReader) -> Iterator[Listing | RefusedRow]:
    """One text a line, each a post (or an address); the same text is the same listing, wherever it stands."""
    for number, line in enumerate(lines, 1):
        try:
            if line is None:
                raise ValueRefused(
                    "too_large", f"一行超过 {LINE_LIMIT:,} 字 the line is longer than {LINE_LIMIT:,} characters"
                )
            text = to_text(line)
        except ValueRefused as error:
            yield RefusedRow(error.reason, f"{name}:{number}", error.message, name, number, (line or "")[:20_000])
            continue
        if text is not None:
            url = text if first_address(text) == text else None
            yield Listing(
                platform=rows.platform,
                native_id=url or content_id([None, None, None, text]),
                kind="page" if url else "post",
                url=url,
                url_norm=normal_url(url) if url else None,
                text=None if url else text,
                captured_at=rows.captured_at,
                capture_id=rows.capture_id,
                capture_row=number,
            )


def _head(stream: BinaryIO) -> bytes:
    parts, size = [], 0
    while size < HEAD and (part := stream.read(HEAD - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


class _Counted(io.RawIOBase):
    """A stream that tells how many bytes were read."""

    def __init__(self, stream: BinaryIO, progress: Progress) -> None:
        self._stream, self._progress = stream, progress

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """As the stream below."""
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As the stream below."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """As the stream below."""
        return self._stream.tell()

    def read(self, size: int = -1, /) -> bytes:
        """As the stream below, counted."""
        part = self._stream.read(size)
        self._progress(len(part))
        return part
