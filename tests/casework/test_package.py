"""Whatever is done to an evidence package is found and named, with nothing but the file."""

from __future__ import annotations

import io
import json
import stat
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwatch.errors import UsageError
from adwatch.evidence import package as p
from adwatch.evidence.package_proof import verify_package
from adwatch.evidence.package_report import PackageReport
from adwatch.store import schema as s
from adwatch.store.engine import migrate, open_engine
from tests.casework.sealed_case import SealedCase, sealed_case
from tests.casework.time_service import authority
from tests.store.world import DAY, World

WARC, SCAN = "captures/CAP-1.warc.gz", "attachments/9daf2f6c6a77b280b0d66958.pdf"
STAMP, DOCX, ENTRIES = f"chain/stamps/{DAY}.tsr", "letters/ADW-TD-2026-0001.docx", "chain/entries.json"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealedCase]:
    folder = tmp_path_factory.mktemp("sealed")
    engine = open_engine(f"sqlite:///{folder / 'store.db'}")
    migrate(engine)
    yield sealed_case(World(engine), folder)
    engine.dispose()


@pytest.fixture(scope="module")
def whole(case: SealedCase) -> bytes:
    return b"".join(case.sealed().pieces())


def check(folder: Path, content: bytes) -> PackageReport:
    file = folder / "package.zip"
    file.write_bytes(content)
    return verify_package(file)


def said(report: PackageReport) -> list[tuple[str, str]]:
    return [(problem.word, problem.file) for problem in report.problems]


def place(whole: bytes, name: str) -> tuple[int, int]:
    """Where a file's content begins and how long it is."""
    with zipfile.ZipFile(io.BytesIO(whole)) as found:
        info = found.getinfo(name)
        start = info.header_offset + 30 + len(info.filename)
        return start, info.file_size


def flip(content: bytes, at: int, mask: int = 1) -> bytes:
    return content[:at] + bytes([content[at] ^ mask]) + content[at + 1 :]


def packed(files: list[tuple[str, bytes]], comment: bytes = b"", deflated: str = "") -> bytes:
    """A ZIP as any tool would write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, content in files:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED if name == deflated else zipfile.ZIP_STORED
            new.writestr(info, content)
        new.comment = comment
    return out.getvalue()


def listed(whole: bytes) -> tuple[list[tuple[str, bytes]], bytes]:
    with zipfile.ZipFile(io.BytesIO(whole)) as old:
        return [(name, old.read(name)) for name in old.namelist()], old.comment


def resealed(case: SealedCase, **changed: bytes) -> bytes:
    """A forger's package: contents changed and everything sealed anew, so that the layout is right."""
    from adwatch.casework.case_package import case_package
    from adwatch.store.engine import reading

    with reading(case.world.engine) as connection:
        head, files = case_package(connection, case.case_id, case.sources)
    return b"".join(p.seal(head, {**files, **changed}).pieces())


def test_an_untouched_package_stands_and_is_the_same_each_time(case: SealedCase, whole: bytes, tmp_path: Path) -> None:
    report = check(tmp_path, whole)
    assert (report.problems, report.captures, report.entries, report.proven, report.stamped) == ([], 2, 6, 6, 1)
    assert report.size == len(whole) == case.sealed().size
    assert b"".join(case.sealed().pieces()) == whole
    assert report.sha256 == case.sealed().sha256
    assert verify_package(tmp_path / "package.zip", report.sha256, case.sources.home / "ca" / "ca.pem").problems == []


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
    for at in (0, size // 2, size - 1):
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
    return [*files[:3], files[4], files[3], *files[5:]]


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
    (reordered, [("reordered", "attachments/9daf2f6c6a77b280b0d66958.pdf")]),
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


def test_a_record_that_is_a_bomb_is_not_read_to_its_end(
    case: SealedCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import adwatch.evidence.package_proof as proof
    from adwatch.archive.members import deflated

    monkeypatch.setattr(proof, "INFLATED", 1 << 20)
    monkeypatch.setattr(proof, "RATIO", 10)
    bomb = deflated(b"WARC/1.1\r\nWARC-Type: response\r\n\r\n" + b"\0" * (8 << 20))
    report = check(tmp_path, resealed(case, **{WARC: bomb}))
    assert any("inflates to more than" in problem.message for problem in report.problems), said(report)


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


def entries_with(case: SealedCase, **changes: object) -> bytes:
    with zipfile.ZipFile(io.BytesIO(b"".join(case.sealed().pieces()))) as found:
        rows = orjson.loads(found.read(ENTRIES))
    rows[1].update(changes)
    return orjson.dumps(rows)


def test_a_forger_who_seals_everything_anew_is_found_by_what_is_inside(case: SealedCase, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(case.sealed().pieces()))) as found:
        read = {name: found.read(name) for name in found.namelist()}
    decisions = orjson.loads(read["decisions.json"])
    captures = orjson.loads(read["captures.json"])
    forged_capture = [{**captures[0], "url": "https://plaza.example/item/77"}, captures[1]]
    forgeries = {
        "records": ({WARC: flip(read[WARC], len(read[WARC]) // 2)}, WARC),
        "record of another": ({WARC: read["captures/CAP-2.warc.gz"]}, WARC),
        "capture": ({"captures.json": orjson.dumps(forged_capture)}, WARC),
        "entry": ({ENTRIES: entries_with(case, person="赵六")}, ENTRIES),
        "decision": ({"decisions.json": orjson.dumps([{**decisions[0], "result": "dismiss"}])}, "decisions.json"),
        "decision removed": ({"decisions.json": b"[]"}, "decisions.json"),
        "stamp": ({STAMP: flip(read[STAMP], len(read[STAMP]) // 2)}, "chain/stamps/"),
        "authority": ({"chain/tsa-ca.pem": authority(tmp_path / "other", "another").read_bytes()}, "chain/stamps/"),
        "proof": ({"chain/proofs.json": read["chain/proofs.json"].replace(b'"index": 1', b'"index": 2')}, "chain/proofs.json"),
        "shape": ({"captures.json": b'{"a": 1}'}, "package.zip"),
        "no JSON": ({"decisions.json": b"\xff"}, "package.zip"),
    }  # fmt: skip
    for name, (changed, file) in forgeries.items():
        report = check(tmp_path, resealed(case, **changed))
        assert report.problems, name
        assert {problem.word for problem in report.problems} == {"proof"}, (name, said(report))
        assert report.problems[0].file == file, (name, said(report))


def test_a_forger_who_keeps_an_entrys_own_digest_is_found_by_the_days_root(case: SealedCase, tmp_path: Path) -> None:
    from adwatch.evidence.package_proof import read_entry
    from adwatch.store.audit import entry_digest

    rows = orjson.loads(entries_with(case, person="赵六"))
    rows[1]["sha256"] = entry_digest(read_entry(rows[1]))
    report = check(tmp_path, resealed(case, **{ENTRIES: orjson.dumps(rows)}))
    assert any("is not what the root of" in problem.message for problem in report.problems), said(report)


def test_a_digest_noted_elsewhere_finds_any_other_package(case: SealedCase, tmp_path: Path) -> None:
    before = case.sealed().sha256
    forged = resealed(case, **{"README.txt": b"nothing"})
    (tmp_path / "package.zip").write_bytes(forged)
    assert verify_package(tmp_path / "package.zip").problems == []
    assert [each.word for each in verify_package(tmp_path / "package.zip", before).problems] == ["altered"]


def test_without_a_root_it_is_said_that_nothing_is_proven(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    case = sealed_case(World(engine), tmp_path, stamped=False)
    from sqlalchemy import delete

    from adwatch.store.engine import writing

    with writing(engine) as connection:
        connection.execute(delete(s.audit_entry).where(s.audit_entry.c.subject == "day"))
    report = check(tmp_path, b"".join(case.sealed().pieces()))
    assert (report.problems, report.proven) == ([], 0)
    assert any("in no root of a day" in note for note in report.notes)
    assert any("no root of a day in it has a time stamp" in note for note in report.notes)
    engine.dispose()


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
