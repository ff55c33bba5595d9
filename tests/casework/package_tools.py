"""A sealed package and what can be done to it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.casework.case_package import case_package
from adwatch.evidence import package as p
from adwatch.evidence.package_proof import verify_package
from adwatch.evidence.package_report import PackageReport
from adwatch.store.engine import migrate, open_engine, reading
from tests.casework.sealed_case import SealedCase, sealed_case
from tests.store.world import DAY, World

WARC, SCAN = "captures/CAP-1.warc.gz", "attachments/9daf2f6c6a77b280b0d66958.pdf"
STAMP, DOCX, ENTRIES = f"chain/stamps/{DAY}.tsr", "letters/ADW-TD-2026-0001.docx", "chain/entries.json"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealedCase]:
    folder = tmp_path_factory.mktemp("sealed")
    engine = open_engine(f"sqlite:///{folder / 'store.db'}")
    migrate(engine)
    yield sealed_case(World(engine), folder)
    engine.dispose()


@pytest.fixture(scope="module")
def whole(sealed: SealedCase) -> bytes:
    return b"".join(sealed.sealed().pieces())


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


def resealed(sealed: SealedCase, **changed: bytes) -> bytes:
    """A forger's package: contents changed and everything sealed anew, so that the layout is right."""
    with reading(sealed.world.engine) as connection:
        head, files = case_package(connection, sealed.case_id, sealed.sources)
    return b"".join(p.seal(head, {**files, **changed}).pieces())
