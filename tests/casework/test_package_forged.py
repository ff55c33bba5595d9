"""A package that was sealed anew around a forgery is found by what is inside, or by a digest noted elsewhere."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import orjson
import pytest
from sqlalchemy import delete

from adwatch.evidence.package_proof import read_entry, verify_package
from adwatch.store import schema as s
from adwatch.store.audit import entry_digest
from adwatch.store.engine import migrate, open_engine, writing
from tests.casework.package_tools import ENTRIES, SCAN, STAMP, WARC, check, flip, resealed, said
from tests.casework.sealed_case import SealedCase, sealed_case
from tests.casework.time_service import authority
from tests.store.world import World


def test_a_record_that_is_a_bomb_is_not_read_to_its_end(
    sealed: SealedCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import adwatch.evidence.package_proof as proof
    from adwatch.archive.members import deflated

    monkeypatch.setattr(proof, "INFLATED", 1 << 20)
    monkeypatch.setattr(proof, "RATIO", 10)
    bomb = deflated(b"WARC/1.1\r\nWARC-Type: response\r\n\r\n" + b"\0" * (8 << 20))
    report = check(tmp_path, resealed(sealed, **{WARC: bomb}))
    assert any("inflates to more than" in problem.message for problem in report.problems), said(report)


def entries_with(sealed: SealedCase, **changes: object) -> bytes:
    with zipfile.ZipFile(io.BytesIO(b"".join(sealed.sealed().pieces()))) as found:
        rows = orjson.loads(found.read(ENTRIES))
    rows[1].update(changes)
    return orjson.dumps(rows)


def test_a_forger_who_seals_everything_anew_is_found_by_what_is_inside(sealed: SealedCase, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(sealed.sealed().pieces()))) as found:
        read = {name: found.read(name) for name in found.namelist()}
    decisions = orjson.loads(read["decisions.json"])
    captures = orjson.loads(read["captures.json"])
    forged_capture = [{**captures[0], "url": "https://plaza.example/item/77"}, captures[1]]
    forgeries = {
        "records": ({WARC: flip(read[WARC], len(read[WARC]) // 2)}, WARC),
        "record of another": ({WARC: read["captures/CAP-2.warc.gz"]}, WARC),
        "capture": ({"captures.json": orjson.dumps(forged_capture)}, WARC),
        "entry": ({ENTRIES: entries_with(sealed, person="赵六")}, ENTRIES),
        "decision": ({"decisions.json": orjson.dumps([{**decisions[0], "result": "dismiss"}])}, "decisions.json"),
        "decision removed": ({"decisions.json": b"[]"}, "decisions.json"),
        "attachment": ({SCAN: b"%PDF-1.7 another"}, SCAN),
        "screenshot removed": ({"attachments.json": b"[]"}, "attachments.json"),
        "stamp": ({STAMP: flip(read[STAMP], len(read[STAMP]) // 2)}, "chain/stamps/"),
        "authority": ({"chain/tsa-ca.pem": authority(tmp_path / "other", "another").read_bytes()}, "chain/stamps/"),
        "proof": ({"chain/proofs.json": read["chain/proofs.json"].replace(b'"index": 1', b'"index": 2')}, "chain/proofs.json"),
        "shape": ({"captures.json": b'{"a": 1}'}, "captures.json"),
        "no JSON": ({"decisions.json": b"\xff"}, "captures.json"),
    }  # fmt: skip
    for name, (changed, file) in forgeries.items():
        report = check(tmp_path, resealed(sealed, **changed))
        assert report.problems, name
        assert {problem.word for problem in report.problems} == {"proof"}, (name, said(report))
        assert report.problems[0].file == file, (name, said(report))


def test_a_forger_who_keeps_an_entrys_own_digest_is_found_by_the_days_root(sealed: SealedCase, tmp_path: Path) -> None:

    rows = orjson.loads(entries_with(sealed, person="赵六"))
    rows[1]["sha256"] = entry_digest(read_entry(rows[1]))
    report = check(tmp_path, resealed(sealed, **{ENTRIES: orjson.dumps(rows)}))
    assert any("is not what the root of" in problem.message for problem in report.problems), said(report)


def test_a_digest_noted_elsewhere_finds_any_other_package(sealed: SealedCase, tmp_path: Path) -> None:
    before = sealed.sealed().sha256
    forged = resealed(sealed, **{"README.txt": b"nothing"})
    (tmp_path / "package.zip").write_bytes(forged)
    assert verify_package(tmp_path / "package.zip").problems == []
    assert [each.word for each in verify_package(tmp_path / "package.zip", before).problems] == ["altered"]


def test_without_a_root_it_is_said_that_nothing_is_proven(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(engine)
    one = sealed_case(World(engine), tmp_path, stamped=False)

    with writing(engine) as connection:
        connection.execute(delete(s.audit_entry).where(s.audit_entry.c.subject == "day"))
    report = check(tmp_path, b"".join(one.sealed().pieces()))
    assert (report.problems, report.proven) == ([], 0)
    assert any("in no root of a day" in note for note in report.notes)
    assert any("no root of a day in it has a time stamp" in note for note in report.notes)
    engine.dispose()
