"""What is kept can be read back: by place, by file, by day, and by other people's tools."""

from __future__ import annotations

import errno
import gzip
import os
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from adwatch.archive import (
    Archive,
    HandedFile,
    captures_from_archive,
    open_body,
    read_body,
    read_stored,
    warc_files,
)
from adwatch.archive.warc_file import WarcFile
from adwatch.archive.writer import file_name
from adwatch.errors import ArchiveError
from adwatch.evidence import verify
from tests.archive.exchanges import START, exchange


def test_read_by_place(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1") as archive:
        captures = [archive.keep(exchange(n)) for n in range(3)]
    assert [read_body(tmp_path, c).decode() for c in captures] == [f"<h1>商品 {n}</h1>" for n in range(3)]
    assert captures[0].warc == "2026-11-16/shop-r1.warc.gz"
    assert captures[0].content_type == "text/html; charset=utf-8"


def test_the_body_lies_there_as_received(tmp_path: Path) -> None:
    packed = gzip.compress(b"hello")
    with Archive(tmp_path, "r1") as archive:
        capture = archive.keep(exchange(body=packed, response_headers=(("Content-Encoding", "gzip"),)))
    assert read_stored(tmp_path, capture.warc, capture.offset).payload == packed
    assert read_body(tmp_path, capture) == b"hello"


def test_another_reader_finds_all_digests_right(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1", "AdWatch/0.1.0") as archive:
        archive.keep(exchange(1))
        earlier = archive.keep(exchange(2, response_headers=(("Content-Type", "text/html"), ("X-Name", "caf\xe9"))))
        archive.keep(exchange(3, status=304, body=b"", earlier=earlier))
    kinds, addresses = [], []
    with warc_files(tmp_path)[0].open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            record.content_stream().read()
            kinds.append(record.rec_type)
            addresses.append(record.rec_headers.get_header("WARC-Target-URI"))
    whole = ["response", "request", "metadata"]
    assert kinds == ["warcinfo", *whole, *whole, "revisit", "request", "metadata"]
    assert addresses[1] == exchange(1).url


def test_secrets_are_not_kept(tmp_path: Path) -> None:
    secret_headers = (("X-Api-Key", "k-123456"), ("x-csrf-token", "k-123456"), ("Proxy-Authorization", "k-123456"))
    with Archive(tmp_path, "r1") as archive:
        archive.keep(exchange(request_headers=(*exchange().request_headers, *secret_headers)))
    plain = gzip.decompress(warc_files(tmp_path)[0].read_bytes())
    for secret in (b"hunter2", b"sid=9", b"topsecret", b"k-123456"):
        assert secret not in plain
    assert b"Authorization: [removed]" in plain
    assert b"User-Agent: AdWatch/0.1.0" in plain


def test_a_header_cannot_forge_another(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1") as archive:
        capture = archive.keep(exchange(response_headers=(("X-Odd", "a\r\nContent-Encoding: br\r\n\r\nboo"),)))
    assert read_stored(tmp_path, capture.warc, capture.offset).header("content-encoding") is None
    assert read_body(tmp_path, capture) == exchange().body


def test_a_304_reads_as_the_body_it_stands_for(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1") as archive:
        first = archive.keep(exchange(1))
        second = archive.keep(exchange(2, status=304, body=b"", earlier=first))
    with Archive(tmp_path, "r2") as archive:
        third = archive.keep(exchange(3, status=304, body=b"", earlier=second, response_headers=()))
    assert read_body(tmp_path, third) == read_body(tmp_path, second) == exchange(1).body
    assert third.sha256 == first.sha256
    assert third.content_type == first.content_type


def test_the_archive_alone_rebuilds_the_captures(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1") as archive:
        kept = [archive.keep(exchange(1)), archive.keep(exchange(2))]
        kept.append(archive.keep(exchange(3, status=304, body=b"", earlier=kept[0])))
        archive.keep(exchange(4, day="2026-11-17"))
    assert list(captures_from_archive(tmp_path, "2026-11-16")) == kept
    assert len(list(captures_from_archive(tmp_path, "2026-11-17"))) == 1
    assert list(captures_from_archive(tmp_path, "2026-11-18")) == []


def test_damage_is_told_and_the_rest_is_rebuilt(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1") as archive:
        kept = [archive.keep(exchange(n)) for n in range(3)]
    path = warc_files(tmp_path)[0]
    data = bytearray(path.read_bytes())
    data[kept[1].offset + 40] ^= 1
    path.write_bytes(data)
    told: list[str] = []
    assert list(captures_from_archive(tmp_path, "2026-11-16", told.append)) == [kept[0], kept[2]]
    assert len(told) == 1
    with pytest.raises(ArchiveError, match="evidence verify"):
        list(captures_from_archive(tmp_path, "2026-11-16"))
    with pytest.raises(ArchiveError, match="evidence verify"):
        read_body(tmp_path, kept[1])


def test_a_handed_over_file_is_kept_whole(tmp_path: Path) -> None:
    source = tmp_path / "清单.csv"
    source.write_bytes("商品标题,链接\n".encode("gb18030") + b"\r\n\r\n" + b"x" * 200_000)
    handed = HandedFile("某平台/数据", "2026-11-16", source, START, "text/csv", context={"sheet": 1})
    with Archive(tmp_path / "archive", "r1") as archive:
        capture = archive.keep(handed)
        after = archive.keep(exchange(platform="某平台/数据"))
    assert capture.url == "file:清单.csv"
    assert "/" not in capture.warc.removeprefix("2026-11-16/")
    assert read_body(tmp_path / "archive", capture) == source.read_bytes()
    assert read_body(tmp_path / "archive", after) == exchange().body
    with open_body(tmp_path / "archive", capture) as stream:
        assert stream.readline() == "商品标题,链接\n".encode("gb18030")
        assert len(stream.read()) == 200_004
    assert list(captures_from_archive(tmp_path / "archive", "2026-11-16")) == [capture, after]


def test_memory_is_flat_whatever_the_size_of_a_file(tmp_path: Path) -> None:
    source = tmp_path / "large.jsonl"
    piece = os.urandom(1_000_000)  # zeros would be inflated in large pieces
    with source.open("wb") as file:
        for _ in range(40):
            file.write(piece)
    tracemalloc.start()
    try:
        with Archive(tmp_path / "archive", "r1") as archive:
            capture = archive.keep(HandedFile("shop", "2026-11-16", source, START))
        with open_body(tmp_path / "archive", capture) as stream:
            assert sum(len(piece) for piece in iter(lambda: stream.read(1 << 20), b"")) == 40_000_000
        assert list(captures_from_archive(tmp_path / "archive", "2026-11-16")) == [capture]
        assert verify(tmp_path / "archive", [capture]).ok
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()
    with pytest.raises(ArchiveError, match="more than"):
        read_body(tmp_path / "archive", capture, 1_000_000)


def test_what_a_reader_of_a_stream_does_wrong_is_its_own(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1") as archive:
        capture = archive.keep(exchange())
    with pytest.raises(ValueError, match="mine"), open_body(tmp_path, capture):
        raise ValueError("mine")


def test_a_file_that_cannot_be_read_leaves_no_trace(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive", "r1") as archive:
        kept = archive.keep(exchange())
        with pytest.raises(ArchiveError, match="cannot be read"):
            archive.keep(HandedFile("shop", "2026-11-16", tmp_path / "absent.csv", START))
        archive.keep(exchange(1))
    assert len(list(captures_from_archive(tmp_path / "archive", kept.day))) == 2


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half_then_full(self: WarcFile, data: bytes) -> None:
        self._out.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with Archive(tmp_path, "r1") as archive:
        first = archive.keep(exchange(1))
        with monkeypatch.context() as patch, pytest.raises(ArchiveError, match="No space left"):
            patch.setattr(WarcFile, "_write", half_then_full)
            archive.keep(exchange(2))
        second = archive.keep(exchange(3))
    assert list(captures_from_archive(tmp_path, "2026-11-16")) == [first, second]


def test_what_was_never_whole_is_not_read(tmp_path: Path) -> None:
    broken = exchange(body=b"not gzip", response_headers=(("Content-Encoding", "gzip"),))
    with Archive(tmp_path, "r1", decoded_limit=1000) as archive:
        undecodable = archive.keep(broken)
        cut = archive.keep(exchange(truncated="length"))
        whole = archive.keep(exchange())
    for capture in (undecodable, cut):
        with pytest.raises(ArchiveError, match="cannot be read"):
            read_body(tmp_path, capture)
    with pytest.raises(ArchiveError, match="another record"):
        read_body(tmp_path, replace(whole, record_id="<urn:uuid:0>"))
    with pytest.raises(ArchiveError, match="outside"):
        read_body(tmp_path, replace(whole, warc="../../etc/passwd"))
    with pytest.raises(ArchiveError, match="cannot be read"):
        read_body(tmp_path, replace(whole, warc="2026-11-16/other.warc.gz"))


@pytest.mark.parametrize("platform", ["../../etc", "a/b", "证" * 100, ".", "x\ud800"])
def test_file_names_stay_in_their_folder(platform: str) -> None:
    name = file_name(platform, "r1")
    assert "/" not in name
    assert not name.startswith(".")
    assert len(name.encode()) < 120


def test_a_day_must_be_one(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1") as archive, pytest.raises(ArchiveError, match="is no day"):
        archive.keep(exchange(day="../x"))
