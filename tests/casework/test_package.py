"""Whatever is done to an evidence package is found and named, with nothing but the file."""

from __future__ import annotations

import io
import json
import stat
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwatch.errors import UsageError
from adwatch.evidence import package as p
from adwatch.evidence.package_proof import verify_package
from tests.casework.package_tools import DOCX, ENTRIES, SCAN, STAMP, WARC, check, flip, listed, packed, place, said
from tests.casework.sealed_case import SealedCase


def test_an_untouched_package_stands_and_is_the_same_each_time(
    sealed: SealedCase, whole: bytes, tmp_path: Path
) -> None:
    report = check(tmp_path, whole)
    with zipfile.ZipFile(io.BytesIO(whole)) as found:
        entries = len(orjson.loads(found.read(ENTRIES)))
    assert entries >= 6
    assert (report.problems, report.captures, report.entries) == ([], 2, entries)
    assert (report.proven, report.stamped) == (2 + entries - 2, 1)  # the entries of root and stamp are of the next day
    assert report.size == len(whole) == sealed.sealed().size
    assert b"".join(sealed.sealed().pieces()) == whole
    assert report.sha256 == sealed.sealed().sha256
    assert verify_package(tmp_path / "package.zip", report.sha256, sealed.sources.home / "ca" / "ca.pem").problems == []


def test_other_tools_read_it_and_check_it(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "package.zip").write_bytes(whole)
    with zipfile.ZipFile(tmp_path / "package.zip") as found:
        assert found.testzip() is None
        assert found.namelist()[0] == "manifest.json"
        assert not any(".." in name or name.startswith("/") for name in found.namelist())
        found.extractall(tmp_path / "out")
        assert any(row["name"] == "../../回函 扫描.pdf" for row in json.loads(found.read("attachments.json")))
    command = ["sha256sum", "--check", "--strict", "manifest.sha256", "SHA256SUMS"]
    done = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, check=True)
    with zipfile.ZipFile(tmp_path / "package.zip") as found:
        unlisted = ("manifest.sha256", "SHA256SUMS")
        wanted = {name for name in found.namelist() if name not in unlisted}
    assert {line.split(":")[0] for line in done.stdout.decode().splitlines()} == wanted


def test_personal_data_is_raw_inside(whole: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(whole)) as found:
        assert b"13800138000" in found.read("listings.json")
        assert "13800138000" not in "".join(found.namelist())


@pytest.mark.parametrize(
    "name",
    ["manifest.json", "manifest.sha256", "README.txt", "case.json", "decisions.json", WARC, SCAN, DOCX, ENTRIES, STAMP,
     "chain/proofs.json", "captures.json", "chain/tsa-ca.pem", "SHA256SUMS", "history.json", "attachments.json"],
)  # fmt: skip
def test_a_byte_flipped_in_a_file_names_it_and_no_other(whole: bytes, name: str, tmp_path: Path) -> None:
    start, size = place(whole, name)
    step = max(1, size // 12)
    for at in (*range(0, size, step), size - 1):
        found = said(check(tmp_path, flip(whole, start + at)))
        assert found[0] == ("altered", name), (at, found)
        others = [each for each in found if each[1] != name and each[0] != "unreadable"]
        assert others == [], (at, found)


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sha256", "case.json", WARC, "SHA256SUMS"])
def test_a_byte_flipped_in_a_header_names_its_file(whole: bytes, name: str, tmp_path: Path) -> None:
    start, _ = place(whole, name)
    header = start - 30 - len(name)
    for at in range(header, start):
        found = check(tmp_path, flip(whole, at))
        assert any(problem.file == name for problem in found.problems), (at - header, said(found))
        assert all(problem.file == name for problem in found.problems), (at - header, said(found))


def test_a_byte_flipped_in_the_directory_or_the_end_is_named(whole: bytes, tmp_path: Path) -> None:
    start, _ = place(whole, "SHA256SUMS")
    directory = whole.index(b"PK\x01\x02", start)
    end = whole.index(b"PK\x05\x06", directory)
    for at in [*range(directory, len(whole), 5), *range(end, len(whole))]:
        report = check(tmp_path, flip(whole, at, 0x80))
        assert report.problems, at
        assert {problem.word for problem in report.problems} == {"altered"}, (at, said(report))
        entry = whole.rfind(b"PK\x01\x02", directory, at + 4)
        if at < end:
            size = int.from_bytes(whole[entry + 28 : entry + 30], "little")
            name = whole[entry + 46 : entry + 46 + size].decode()
            assert said(report) == [("altered", name)], (at, said(report))
        else:
            assert said(report) == [("altered", "ZIP")], (at, said(report))


def test_a_comment_is_told_from_an_end_record(whole: bytes, tmp_path: Path) -> None:
    assert "comment" in str(check(tmp_path, flip(whole, len(whole) - 1)).problems[0])
    assert "end record" in str(check(tmp_path, flip(whole, whole.rindex(b"PK\x05\x06") + 5)).problems[0])


def removed(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [each for each in files if each[0] != SCAN]


def added(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [*files[:5], ("captures/CAP-9.warc.gz", b"more"), *files[5:]]


def renamed(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [("captures/CAP-7.warc.gz" if name == WARC else name, content) for name, content in files]


def reordered(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [*files[:4], files[5], files[4], *files[6:]]


def duplicated(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [*files, (SCAN, b"%PDF-1.7 other")]


def traversing(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [*files, ("../../etc/cron.d/evil", b"* * * * * root sh")]


def absolute(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [*files, ("C:\\windows\\evil.exe", b"MZ"), ("/etc/passwd", b"root")]


def swapped(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(name, dict(files)[{WARC: SCAN, SCAN: WARC}.get(name, name)]) for name, _ in files]


def without_manifest(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return files[1:]


CHANGES: list[tuple[Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]], list[tuple[str, str]]]] = [
    (removed, [("removed", SCAN)]),
    (added, [("added", "captures/CAP-9.warc.gz")]),
    (renamed, [("renamed", WARC)]),
    (reordered, [("reordered", SCAN)]),
    (duplicated, [("altered", SCAN), ("duplicated", SCAN)]),
    (traversing, [("added", "../../etc/cron.d/evil"), ("unsafe", "../../etc/cron.d/evil")]),
    (absolute, [(word, name) for name in ("C:\\windows\\evil.exe", "/etc/passwd") for word in ("added", "unsafe")]),
    (swapped, [("altered", SCAN), ("altered", WARC)]),
    (without_manifest, [("unreadable", "package.zip")]),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
def test_files_removed_added_renamed_moved_are_named(
    whole: bytes, change: Callable[..., list[tuple[str, bytes]]], expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    files, comment = listed(whole)
    assert said(check(tmp_path, packed(change(files), comment))) == expected


def test_another_tools_own_headers_are_no_alteration_of_contents(whole: bytes, tmp_path: Path) -> None:
    files, comment = listed(whole)
    assert packed(files, comment) == whole


@pytest.mark.parametrize("extra", [b"\0", b"PK\x05\x06" + b"\0" * 18, b"more" * 1000])
def test_bytes_behind_the_end_are_named(whole: bytes, extra: bytes, tmp_path: Path) -> None:
    assert said(check(tmp_path, whole + extra)) == [("added", "ZIP")]


@pytest.mark.parametrize("size", [0, 1, 29, 500, 20_000, -1, -60, -1_000])
def test_a_package_that_is_cut_is_not_right(whole: bytes, size: int, tmp_path: Path) -> None:
    assert check(tmp_path, whole[:size]).problems


def test_bytes_put_in_or_taken_out_are_found_where_they_are(whole: bytes, tmp_path: Path) -> None:
    start, _ = place(whole, "case.json")
    for changed in (whole[: start + 5] + b"XX" + whole[start + 5 :], whole[: start + 5] + whole[start + 9 :]):
        report = check(tmp_path, changed)
        assert {problem.file for problem in report.problems} == {"case.json"}, said(report)


def test_a_symbolic_link_is_named(whole: bytes, tmp_path: Path) -> None:
    directory = whole.index(b"PK\x01\x02", place(whole, "SHA256SUMS")[0])
    entry = whole.rindex(b"PK\x01\x02", directory, whole.index(b"case.json", directory))
    mode = (stat.S_IFLNK | 0o777).to_bytes(2, "little")
    report = check(tmp_path, whole[: entry + 40] + mode + whole[entry + 42 :])
    assert said(report) == [("altered", "case.json")]
    assert "symbolic link" in report.problems[0].message


def test_a_bomb_is_never_unpacked(whole: bytes, tmp_path: Path) -> None:
    files, comment = listed(whole)
    bomb = packed([*files, ("attachments/bomb.bin", b"\0" * (64 << 20))], comment, "attachments/bomb.bin")
    assert said(check(tmp_path, bomb)) == [("added", "attachments/bomb.bin")]
    report = check(tmp_path, packed(files, comment, "case.json"))
    assert said(report)[0] == ("altered", "case.json")
    assert "is packed" in report.problems[0].message
    report = check(tmp_path, packed(files, comment, "manifest.json"))
    assert said(report) == [("altered", "manifest.json"), ("unreadable", "package.zip")]


def test_what_is_no_package_is_said(tmp_path: Path) -> None:
    for content in (b"", b"hello", packed([("a.txt", b"x")]), packed([("manifest.json", b"{}")]), b"PK\x03\x04" * 50):
        assert [problem.word for problem in check(tmp_path, content).problems][-1] == "unreadable"
    with pytest.raises(UsageError, match="cannot be read"):
        verify_package(tmp_path / "none.zip")
    with pytest.raises(UsageError, match="cannot be read"):
        verify_package(tmp_path)


@pytest.mark.parametrize(
    "names", [["../a"], ["/a"], ["a", "a"], ["manifest.json"], ["a\\b"], ["a/./b"], [""], ["a" * 300]]
)
def test_a_manifest_that_names_what_may_not_be_is_none(names: list[str], tmp_path: Path) -> None:
    rows = [{"name": name, "size": 1, "sha256": "0" * 64, "crc32": "0" * 8} for name in names]
    manifest = p.manifest_bytes({"schema": p.SCHEMA, "files": rows})
    import hashlib

    digest = hashlib.sha256(manifest).hexdigest()
    made = packed([("manifest.json", manifest), ("manifest.sha256", p.seal_bytes(digest))], p.comment_bytes(digest))
    assert check(tmp_path, made).problems[-1].word == "unreadable"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_byte_flipped_anywhere_fails(whole: bytes, tmp_path: Path, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole) - 1))
    mask = data.draw(st.integers(1, 255))
    assert check(tmp_path, flip(whole, at, mask)).problems


@pytest.mark.slow
def test_every_byte_flipped_fails(whole: bytes, tmp_path: Path) -> None:
    for at in range(0, len(whole), 29):
        assert check(tmp_path, flip(whole, at, 1 << at % 8)).problems, at
