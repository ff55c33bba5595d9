"""WACZ (Web Archive Collection Zipped) → the pages of the WARC files in it, their digests checked against its list."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, cast

from adwatch.models import Listing, StageReport
from adwatch.text import clean, one_line
from collectors.handover import zips
from collectors.handover.encoding import CHUNK
from collectors.handover.pages import read_warc
from collectors.handover.rows import RefusedRow, RowReader
from collectors.handover.values import ValueRefused

MEMBERS_LIMIT = 10_000
"""WARC files in one WACZ."""
RATIO_LIMIT = 100
"""How many times its packed size a member may have: WARC files in a WACZ are mostly packed before, so about once."""
_FREE = 16 << 20
"""Bytes up to which the ratio does not matter."""
_MANIFEST_LIMIT = 32 << 20


_SIGNS = (b"datapackage.json", b"pages/pages.jsonl", b"archive/data.warc", b".warc.gz")
CUT_WACZ = (
    "WACZ 网页存档不完整，末尾的目录缺失，读不出：请重新导出或重新拷贝"
    " (a WACZ that is cut off: its directory at the end is missing; export or copy it once more)"
)


def is_wacz(stream: BinaryIO) -> bool:
    """Whether a ZIP file is a WACZ; the stream is put back to its start."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return bool(_warcs(archive))
    except zips.OPENING:
        return False
    finally:
        stream.seek(0)


def is_cut_wacz(stream: BinaryIO, head: bytes, name: str) -> bool:
    """Whether it is what is left of a WACZ: a ZIP without the directory at its end, with a WACZ's names."""
    try:
        with zipfile.ZipFile(stream):
            return False
    except zips.OPENING:
        return name.lower().endswith(".wacz") or any(sign in head for sign in _SIGNS)
    finally:
        stream.seek(0)


def read_wacz(stream: BinaryIO, name: str, rows: RowReader, report: StageReport) -> Iterator[Listing | RefusedRow]:
    """Pages of all WARC files; the row number is the record's number, counted through all of them."""
    with zipfile.ZipFile(stream) as archive:
        members = _warcs(archive)
        if len(members) > MEMBERS_LIMIT:
            raise ValueRefused(
                "too_large",
                f"一个 WACZ 中有 {len(members):,} 个 WARC，至多接受 {MEMBERS_LIMIT:,} 个"
                f" {len(members):,} WARC files in one WACZ; {MEMBERS_LIMIT:,} are accepted",
            )
        digests = _digests(archive, name, report)
        before = 0
        for info in members:
            where = f"{name}:{one_line(clean(info.filename))}"
            member = _Member(archive, info)
            try:
                with member:
                    for item in read_warc(cast(BinaryIO, member), where, rows, report, before):
                        before = max(before, (item.capture_row or 0) if isinstance(item, Listing) else item.row)
                        yield item
                    member.drain()
            except ValueRefused as error:
                yield RefusedRow(
                    error.reason, where, f"{error.message}; 前面的已收下 what stands before is kept", name, before
                )
                continue
            except zips.READING as error:
                message = (
                    "WACZ 中的文件已损坏，前面的已收下"
                    f" the file in the WACZ is damaged ({error}); what stands before is kept"
                )
                yield RefusedRow("corrupt", where, message, name, before)
                continue
            if (expected := digests.get(info.filename)) is not None and expected != member.digest:
                message = (
                    "SHA-256 与 datapackage.json 不符：制成后被改动过"
                    " its SHA-256 is not that of datapackage.json: it was changed after it was made"
                )
                yield RefusedRow("altered", where, message, name, before)


def _warcs(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The WARC files, in the order of their names."""
    found = [info for info in archive.infolist() if info.filename.endswith((".warc", ".warc.gz"))]
    return sorted((info for info in found if info.filename.startswith("archive/")), key=lambda info: info.filename)


def _digests(archive: zipfile.ZipFile, name: str, report: StageReport) -> dict[str, str]:
    """SHA-256 by file as datapackage.json states them."""
    try:
        with archive.open("datapackage.json") as manifest:
            content: Any = json.loads(manifest.read(_MANIFEST_LIMIT))
        resources = content["resources"]
        return {one["path"]: one["hash"].removeprefix("sha256:") for one in resources if "hash" in one}
    except (*zips.OPENING, KeyError, TypeError, AttributeError, RecursionError):
        report.notes.append(f"{name}: datapackage.json is missing or cannot be read; digests are not checked")
        return {}


class _Member(io.RawIOBase):
    """One file of the ZIP as a stream: bounded, its digest counted."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive, self._info = archive, info
        self._limit = max(_FREE, info.compress_size * RATIO_LIMIT)
        self._sha256, self._size = hashlib.sha256(), 0
        self._file: IO[bytes] | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of what was read."""
        return self._sha256.hexdigest()

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; ValueRefused where the file grows beyond its limit."""
        if self._file is None:
            self._file = self._archive.open(self._info)
        part = self._file.read(CHUNK if size is None or size < 0 else min(size, CHUNK))
        self._size += len(part)
        if self._size > self._limit:
            raise ValueRefused(
                "too_large",
                f"解压后超过原大小的 {RATIO_LIMIT} 倍：是压缩炸弹，或者不是存档"
                f" it unpacks to more than {RATIO_LIMIT} times its size: a bomb, or no archive",
            )
        self._sha256.update(part)
        return part

    def drain(self) -> None:
        """Read what is left, for the digest."""
        while self.read(CHUNK):
            pass

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()
