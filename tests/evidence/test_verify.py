"""Whatever is done to the archive is found and named, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adwatch.archive import Archive, HandedFile, warc_files
from adwatch.evidence import verify
from adwatch.models import Capture
from tests.archive.exchanges import START, exchange


@pytest.fixture
def kept(tmp_path: Path) -> list[Capture]:
    """Three exchanges (one a 304) and a handed-over file."""
    source = tmp_path / "list.csv"
    source.write_text("title\nx\n")
    with Archive(tmp_path / "archive", "r1", "AdWatch/0.1.0") as archive:
        first = archive.keep(exchange(1))
        second = archive.keep(exchange(2, status=304, body=b"", earlier=first))
        third = archive.keep(HandedFile("shop", "2026-11-16", source, START))
        fourth = archive.keep(exchange(4))
    return [first, second, third, fourth]


@pytest.fixture
def root(tmp_path: Path, kept: list[Capture]) -> Path:
    """The archive's folder."""
    assert kept
    return tmp_path / "archive"


def test_an_untouched_archive_is_right(root: Path, kept: list[Capture]) -> None:
    told: list[int] = []
    report = verify(root, kept, told.append)
    assert report.ok
    assert (report.files, report.captures, report.records, report.unclaimed) == (1, 4, 12, 0)
    assert sum(told) == report.size == warc_files(root)[0].stat().st_size


@pytest.mark.parametrize(("claimed", "step"), [(True, 1), (False, 3)], ids=["rows", "no rows"])
def test_one_flipped_byte_anywhere_is_found_and_named(
    root: Path, kept: list[Capture], claimed: bool, step: int
) -> None:
    path = warc_files(root)[0]
    data = path.read_bytes()
    rows = kept if claimed else []
    for at in range(0, len(data), step):
        mask = 0xFF if at % 9 == 8 else 1 << at % 9
        path.write_bytes(data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :])
        report = verify(root, rows)
        assert report.problems, f"byte {at} flipped by {mask:#x} was not found"
        named = [found.offset for found in report.problems if found.offset <= at]
        assert named, f"byte {at}: named {[str(found) for found in report.problems]}"
        assert all(found.file == path.relative_to(root).as_posix() for found in report.problems)


def test_a_flip_names_the_record_and_no_other(root: Path, kept: list[Capture]) -> None:
    path = warc_files(root)[0]
    data = bytearray(path.read_bytes())
    data[kept[3].offset + 60] ^= 4
    path.write_bytes(data)
    problems = verify(root, kept).problems
    assert [(found.offset, found.url, found.word) for found in problems] == [(kept[3].offset, kept[3].url, "altered")]


def test_checking_never_stops_at_the_first(root: Path, kept: list[Capture]) -> None:
    path = warc_files(root)[0]
    data = bytearray(path.read_bytes())
    for capture in (kept[1], kept[3]):
        data[capture.offset + 30] ^= 255
    path.write_bytes(data)
    assert {found.offset for found in verify(root, kept).problems} == {kept[1].offset, kept[3].offset}


def test_a_file_cut_anywhere_is_found(root: Path, kept: list[Capture]) -> None:
    path = warc_files(root)[0]
    data = path.read_bytes()
    for size in range(kept[3].offset, len(data), 5):
        path.write_bytes(data[:size])
        problems = verify(root, kept).problems
        assert [(found.offset, found.word) for found in problems if found.offset == kept[3].offset] == [
            (kept[3].offset, "cut")
        ], size
    assert verify(root, kept[:3]).problems  # the torn tail is named though no row claims it


def test_a_missing_file_names_every_capture(root: Path, kept: list[Capture]) -> None:
    warc_files(root)[0].unlink()
    problems = verify(root, kept).problems
    assert {found.url for found in problems} == {capture.url for capture in kept}
    assert {found.word for found in problems} == {"missing"}


def test_a_removed_exchange_is_missing(root: Path, kept: list[Capture]) -> None:
    path = warc_files(root)[0]
    data = path.read_bytes()
    path.write_bytes(data[: kept[2].offset] + data[kept[3].offset :])
    words = {found.url: found.word for found in verify(root, kept).problems}
    assert set(words) == {kept[2].url, kept[3].url}


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://other.example/"},
        {"sha256": "0" * 64},
        {"status": 404},
        {"record_id": "<urn:uuid:0>"},
        {"fetched_at": START},
        {"context": {}},
    ],
)
def test_an_altered_row_is_found(root: Path, kept: list[Capture], change: dict[str, object]) -> None:
    rows = [replace(kept[0], **change), *kept[1:]]  # type: ignore[arg-type]
    problems = verify(root, rows).problems
    assert [(found.word, next(iter(change)) in found.message) for found in problems] == [("differs", True)]


def test_what_no_row_claims_is_counted_not_blamed(root: Path, kept: list[Capture]) -> None:
    report = verify(root, kept[:1])
    assert report.ok
    assert report.unclaimed == 3


def test_an_empty_archive_is_right(tmp_path: Path) -> None:
    assert verify(tmp_path / "nothing", []).ok
