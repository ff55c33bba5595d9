"""Rotation, revisits of identical bodies, and torn tails: each is read, rebuilt and verified like any other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adwatch.archive import (
    Archive,
    captures_from_archive,
    notes_from_archive,
    read_body,
    repair_archive,
    warc_files,
    window,
)
from adwatch.evidence import verify
from adwatch.models import Capture
from tests.archive.exchanges import START, exchange

BODY = b"<p>" + b"0123456789" * 100 + b"</p>"


def test_a_full_file_is_followed_by_another(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1", full=20_000) as archive:
        kept = [archive.keep(exchange(number, body=os.urandom(3000))) for number in range(20)]
    files = warc_files(tmp_path)
    assert len(files) >= 3
    assert all(file.stat().st_size < 25_000 for file in files)
    assert [file.name for file in files][:2] == ["shop-r1.warc.gz", "shop-r1~0002.warc.gz"]
    assert list(captures_from_archive(tmp_path, "2026-11-16")) == kept
    assert all(read_body(tmp_path, capture) for capture in kept)
    assert verify(tmp_path, kept).ok


def archive_of(root: Path, run: str, kept: list[Capture]) -> Archive:
    """An archive that knows the bodies of earlier captures."""

    def known(platform: str, sha256: str) -> Capture | None:
        found = [one for one in kept if (one.platform, one.sha256) == (platform, sha256)]
        return found[-1] if found else None

    return Archive(root, run, known=known)


@pytest.mark.parametrize(
    ("first", "second", "refers"),
    [
        ({}, {"day": "2026-11-17"}, True),
        ({}, {"day": "2026-12-01"}, False),
        ({}, {"day": "2026-11-17", "platform": "other"}, False),
        ({}, {"day": "2026-11-17", "body": BODY + b"!"}, False),
        ({}, {"day": "2026-11-17", "status": 404}, False),
        ({"body": b"short"}, {"day": "2026-11-17", "body": b"short"}, False),
    ],
)
def test_an_identical_body_is_kept_once(
    tmp_path: Path, first: dict[str, object], second: dict[str, object], refers: bool
) -> None:
    kept: list[Capture] = []
    with archive_of(tmp_path, "r1", kept) as archive:
        kept.append(archive.keep(exchange(1, **{"body": BODY, **first})))
        kept.append(archive.keep(exchange(1, **{"body": BODY, **second})))
        kept.append(archive.keep(exchange(1, **{"body": BODY, **second})))
    assert ("earlier" in kept[1].context) is refers
    wanted = [{"body": BODY, **changes}["body"] for changes in (first, second, second)]
    assert [read_body(tmp_path, capture) for capture in kept] == wanted
    assert verify(tmp_path, kept).ok
    if refers:
        assert kept[1].context["earlier"] == kept[2].context["earlier"], "a revisit refers to the first, not to another"


def test_a_revisit_whose_answer_is_lost_is_named(tmp_path: Path) -> None:
    kept: list[Capture] = []
    with archive_of(tmp_path, "r1", kept) as archive:
        kept.append(archive.keep(exchange(1, body=BODY)))
        kept.append(archive.keep(exchange(1, body=BODY, day="2026-11-17")))
    assert "earlier" in kept[1].context
    (tmp_path / kept[0].warc).unlink()
    problems = verify(tmp_path, kept[1:]).problems
    assert [(problem.word, problem.url) for problem in problems] == [("missing", kept[1].url)]


def test_windows_are_months() -> None:
    assert window("2026-11-01") == window("2026-11-30") != window("2026-12-01")


def test_what_a_patrol_says_of_itself_is_kept(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1") as archive:
        kept = archive.keep(exchange(1))
        archive.note("shop", "2026-11-16", START, {"platform": "shop", "vanishing": True})
    assert list(notes_from_archive(tmp_path, "2026-11-16")) == [{"platform": "shop", "vanishing": True}]
    assert list(captures_from_archive(tmp_path, "2026-11-16")) == [kept]
    assert verify(tmp_path, [kept]).ok


def torn(root: Path, keep: int) -> tuple[list[Capture], Path, int]:
    """Three exchanges of a process that died with ``keep`` bytes of a fourth written."""
    with Archive(root, "r1") as archive:
        kept = [archive.keep(exchange(number)) for number in range(3)]
    [path] = warc_files(root)
    whole = path.stat().st_size
    with Archive(root, "r1") as archive:
        archive.keep(exchange(9))
    os.truncate(path, whole + keep)
    path.with_name(f"{path.name}.open").touch()
    return kept, path, whole


@pytest.mark.parametrize("keep", [1, 5, 11, 100, 300, 500, 700])
def test_a_torn_tail_is_moved_away(tmp_path: Path, keep: int) -> None:
    kept, path, whole = torn(tmp_path, keep)
    tail = path.read_bytes()[whole:]
    assert not verify(tmp_path, kept).ok
    [repair] = repair_archive(tmp_path)
    assert (repair.file, repair.offset, repair.size) == (kept[0].warc, whole, len(tail))
    assert (tmp_path / repair.moved_to).read_bytes() == tail
    assert kept[0].warc in str(repair)
    assert verify(tmp_path, kept).ok
    assert list(captures_from_archive(tmp_path, "2026-11-16")) == kept
    assert repair_archive(tmp_path) == [], "once is enough"


def test_what_is_known_to_be_whole_is_not_read_again(tmp_path: Path) -> None:
    kept, _, whole = torn(tmp_path, 50)
    [repair] = repair_archive(tmp_path, lambda _file: kept[2].offset)
    assert repair.offset == whole


def test_a_whole_file_of_a_dead_process_is_left_as_it_is(tmp_path: Path) -> None:
    kept, path, whole = torn(tmp_path, 0)
    assert repair_archive(tmp_path) == []
    assert path.stat().st_size == whole
    assert not list(tmp_path.rglob("*.open"))
    assert verify(tmp_path, kept).ok


def test_a_file_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    with Archive(tmp_path, "r1") as archive:
        archive.keep(exchange(1))
        [path] = warc_files(tmp_path)
        with path.open("ab") as other:
            other.write(b"half a record")
        assert repair_archive(tmp_path) == []


def test_damage_inside_a_file_is_not_mended(tmp_path: Path) -> None:
    kept, path, _ = torn(tmp_path, 0)
    path.with_name(f"{path.name}.open").touch()
    data = bytearray(path.read_bytes())
    data[kept[1].offset + 40] ^= 255
    path.write_bytes(data)
    assert repair_archive(tmp_path) == []
    assert path.read_bytes() == bytes(data)
    assert not verify(tmp_path, kept).ok


def test_a_file_of_which_nothing_is_whole_is_moved_whole(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-16" / "shop-r1.warc.gz"
    path.parent.mkdir()
    path.write_bytes(b"\x1f\x8b\x08\x00")
    path.with_name(f"{path.name}.open").touch()
    [repair] = repair_archive(tmp_path)
    assert (repair.offset, repair.size) == (0, 4)
    assert not path.exists()
    assert verify(tmp_path, []).ok
