from __future__ import annotations

import io
import zipfile
import zlib

import pytest

from adwatch.evidence.plain_zip import Member, central_header, is_safe, local_header, offsets, parse_local, tail


def _written(files: list[tuple[str, bytes]], comment: bytes = b"") -> bytes:
    members = [Member(name, len(content), zlib.crc32(content)) for name, content in files]
    parts = [local_header(member) + content for member, (_, content) in zip(members, files, strict=True)]
    return b"".join(parts) + tail(members, comment)


def test_it_is_what_the_standard_library_writes() -> None:
    files = [("a.txt", b"x" * 1000), ("b/c.bin", b""), ("b/d.bin", bytes(range(256)))]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as theirs:
        for name, content in files:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o100644 << 16
            theirs.writestr(info, content)
        theirs.comment = b"words"
    assert _written(files, b"words") == out.getvalue()


def test_more_files_than_the_old_form_can_count() -> None:
    files = [(f"{number}.txt", b"x") for number in range(66_000)]
    with zipfile.ZipFile(io.BytesIO(_written(files, b"many"))) as found:
        assert len(found.namelist()) == 66_000
        assert (found.read("65999.txt"), found.comment) == (b"x", b"many")


@pytest.mark.parametrize("size", [(1 << 32) - 2, (1 << 32) - 1, 1 << 32, 5 << 30])
def test_headers_of_large_files_are_those_of_the_standard_library(size: int) -> None:
    info = zipfile.ZipInfo("large.warc.gz", (1980, 1, 1, 0, 0, 0))
    info.CRC, info.file_size, info.compress_size = 7, size, size
    member = Member("large.warc.gz", size, 7)
    ours = local_header(member)
    assert ours == info.FileHeader(zip64=size >= 0xFFFFFFFF)
    assert parse_local(ours) == (b"large.warc.gz", len(ours), size, 0)
    assert offsets([member, member]) == [0, len(ours) + size, 2 * (len(ours) + size)]


def test_a_file_behind_four_gigabytes_is_found_by_the_standard_library() -> None:
    large, small = Member("a.bin", 5 << 30, 0), Member("b.bin", 3, zlib.crc32(b"abc"))
    entries = central_header(large, 0) + central_header(small, offsets([large, small])[1])
    whole = tail([large, small], b"")
    assert whole.startswith(entries)
    shift = offsets([large, small])[-1]

    class Far(io.BytesIO):
        """The end of a file whose beginning is not there."""

        def seek(self, at: int, whence: int = 0) -> int:
            return super().seek(at - shift if whence == 0 else at, whence) + shift

        def tell(self) -> int:
            return super().tell() + shift

    with zipfile.ZipFile(Far(whole)) as found:
        assert [(each.filename, each.file_size, each.header_offset) for each in found.infolist()] == [
            ("a.bin", 5 << 30, 0),
            ("b.bin", 3, (5 << 30) + len(local_header(large))),
        ]


@pytest.mark.parametrize("name", ["a", "a.b-c_d/e.txt", "letters/ADW-TD-2026-0001.docx"])
def test_safe_names(name: str) -> None:
    assert is_safe(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../a", "a/../b", "/a", "a//b", "a\\b", "C:a", ".hidden", "a/.b", "a.", "甲", "a\nb", "a b", "a/" * 9 + "b", "a" * 200, "con:"]
)  # fmt: skip
def test_names_that_are_not(name: str) -> None:
    assert not is_safe(name)
