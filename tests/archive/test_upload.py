"""Uploads that are killed, cut and damaged, on a real S3 server: in the end the object is the file, put once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adwatch.archive import ObjectStore, StoredShelf
from adwatch.archive.sync import SyncReport, adopt, compare, sync, verify_stored
from adwatch.archive.upload import interrupted
from tests.archive.conftest import PART, fill
from tests.archive.s3 import KEY, SECRET, Line, S3Server
from tests.threads import on_a_thread

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
THREE_PARTS = (4_000_000,) * 3
NAME = "2026-11-16/shop-r1.warc.gz"
SCRIPT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from adwatch.archive import Address, ObjectStore, StoredShelf
from adwatch.archive.sync import sync
root, url, bucket, key, secret, part = sys.argv[1:]
store = ObjectStore(Address(bucket, "office/warc", url, key=key, secret=secret), int(part))
print(sync(StoredShelf(Path(root), store), datetime(2026, 11, 18, 1, 0, tzinfo=UTC), "read", 0))
"""
ShelfIn = Callable[..., StoredShelf]


class Counting(ObjectStore):
    """Remembers what was asked."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: list[str] = []

    def call(self, method: str, name: str | None = None, **values: Any) -> dict[str, Any]:
        self.asked.append(method)
        return super().call(method, name, **values)


def brought(shelf: StoredShelf, keep_days: int | None = None, proof: str = "read") -> SyncReport:
    return sync(shelf, NOW, proof, keep_days)


def in_process(root: Path, url: str, bucket: str, **more: str) -> subprocess.Popen[bytes]:
    """The upload as a process of its own, which lets local files go at once."""
    arguments = [str(root), url, bucket, KEY, SECRET, str(PART)]
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments], cwd=ROOT, env={**os.environ, **more}, stderr=subprocess.PIPE
    )


def versions(s3: S3Server, bucket: str) -> list[tuple[str, int]]:
    """Every version of every object: nothing was overwritten if each key is there once."""
    found = s3.client().list_object_versions(Bucket=bucket)
    assert "DeleteMarkers" not in found
    return [(row["Key"], row["Size"]) for row in found.get("Versions", ())]


def content(s3: S3Server, bucket: str, name: str = NAME) -> bytes:
    data: bytes = s3.client().get_object(Bucket=bucket, Key=f"office/warc/{name}")["Body"].read()
    return data


@pytest.mark.parametrize(
    ("failpoint", "parts_sent", "there"),
    [
        ("upload.begun", 3, False),
        ("upload.part@1", 2, False),
        ("upload.part@2", 1, False),
        ("upload.parts", 0, False),
        ("upload.sent", 0, True),
        ("upload.proven", 0, True),
        ("upload.removed", 0, True),
    ],
)
def test_killed(shelf_in: ShelfIn, s3: S3Server, bucket: str, failpoint: str, parts_sent: int, there: bool) -> None:
    shelf = shelf_in(kind=Counting)
    fill(shelf.root, THREE_PARTS)
    whole = (shelf.root / NAME).read_bytes()
    died = in_process(shelf.root, s3.url, bucket, ADWATCH_FAILPOINT=failpoint)
    _, told = died.communicate(timeout=240)
    assert died.returncode == -signal.SIGKILL, told.decode()
    assert [size for _, size in versions(s3, bucket)] == ([len(whole)] if there else [])
    proven = failpoint == "upload.removed"
    assert (shelf.waiting() == []) is proven
    assert (shelf.root / NAME).exists() is not proven, "the local file stays until there is a receipt"

    report = brought(shelf)
    assert report.problems == []
    assert (report.uploaded, report.found) == ((1, 0) if not there else (0, int(not proven)))
    assert shelf.store.asked.count("upload_part") == parts_sent, "parts that are there are kept"  # type: ignore[attr-defined]
    assert shelf.waiting() == []
    assert content(s3, bucket) == whole
    assert interrupted(shelf.store) == []
    assert len(versions(s3, bucket)) == 1
    assert verify_stored(shelf) == (1, [])


def test_killed_in_the_middle_of_a_part(shelf_in: ShelfIn, s3: S3Server, bucket: str) -> None:
    with on_a_thread(Line(s3.url)) as line:
        shelf = shelf_in(kind=Counting)
        fill(shelf.root, THREE_PARTS)
        line.hold_at = PART + PART // 2
        process = in_process(shelf.root, line.url, bucket)
        assert line.held.wait(240), "the second part is on its way"
        process.kill()
        process.communicate(timeout=240)
    report = brought(shelf)
    assert (report.uploaded, report.problems) == (1, [])
    assert shelf.store.asked.count("upload_part") == 2  # type: ignore[attr-defined]
    assert content(s3, bucket) == (shelf.root / NAME).read_bytes()


def test_a_cut_line_loses_nothing(shelf_in: ShelfIn, s3: S3Server, bucket: str) -> None:
    with on_a_thread(Line(s3.url)) as line:
        shelf = shelf_in(url=line.url, kind=Counting)
        fill(shelf.root, THREE_PARTS)
        fill(shelf.root, (1000,), run="r2")
        line.cut_at = PART + PART // 2
        report = brought(shelf, keep_days=0)
        assert (report.uploaded, report.removed, report.waiting, report.stopped) == (0, 0, 2, True)
        [problem] = report.problems
        assert f"s3://{bucket}/office/warc/{NAME}: network:" in problem
        assert "cannot be reached" in problem
        assert versions(s3, bucket) == []

        line.cut_at = None
        shelf.store.asked.clear()  # type: ignore[attr-defined]
        report = brought(shelf)
        assert (report.uploaded, report.waiting, report.problems) == (2, 0, [])
        assert shelf.store.asked.count("upload_part") == 2  # type: ignore[attr-defined]
        assert content(s3, bucket) == (shelf.root / NAME).read_bytes()


def test_two_at_once_send_each_file_once(shelf_in: ShelfIn, s3: S3Server, bucket: str) -> None:
    shelf = shelf_in()
    runs = [f"r{number}" for number in range(6)]
    for run in runs:
        fill(shelf.root, (100_000,), run)
    both = [in_process(shelf.root, s3.url, bucket) for _ in range(2)]
    for process in both:
        _, told = process.communicate(timeout=240)
        assert process.returncode == 0, told.decode()
    assert sorted(key.rpartition("-")[2] for key, _ in versions(s3, bucket)) == [f"{run}.warc.gz" for run in runs]
    assert (shelf.waiting(), len(shelf.receipts())) == ([], 6)
    assert verify_stored(shelf) == (6, [])


def test_a_part_of_another_content_is_sent_again(shelf_in: ShelfIn, s3: S3Server, bucket: str) -> None:
    shelf = shelf_in()
    fill(shelf.root, THREE_PARTS)
    client = s3.client()
    key = f"office/warc/{NAME}"
    for _ in range(2):
        upload = client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"x" * PART)
    assert brought(shelf).problems == []
    assert content(s3, bucket) == (shelf.root / NAME).read_bytes()
    assert interrupted(shelf.store) == []


@pytest.mark.parametrize("proof", ["read", "checksum"])
@pytest.mark.parametrize("sizes", [(1000,), THREE_PARTS])
def test_what_is_damaged_on_its_way_is_not_taken_for_stored(
    shelf_in: ShelfIn, s3: S3Server, sizes: tuple[int, ...], proof: str
) -> None:
    with on_a_thread(Line(s3.url)) as line:
        shelf = shelf_in(url=line.url)
        [first, *_] = fill(shelf.root, sizes)
        with (shelf.root / NAME).open("rb") as file:
            file.seek(first.offset + 300)
            line.damage = file.read(24)
        report = brought(shelf, 0, proof)
        assert line.damage is None, "it was damaged"
        assert (report.uploaded, report.removed, report.waiting) == (0, 0, 1)
        [problem] = report.problems
        assert ": altered: " in problem
        assert (shelf.root / NAME).exists()


def test_a_stranger_at_the_key_is_not_overwritten(shelf_in: ShelfIn, s3: S3Server, bucket: str) -> None:
    shelf = shelf_in()
    fill(shelf.root, (1000,))
    fill(shelf.root, (1000,), run="r2")
    client = s3.client()
    client.put_object(Bucket=bucket, Key=f"office/warc/{NAME}", Body=b"another")
    report = brought(shelf, 0)
    assert (report.uploaded, report.removed, report.waiting) == (1, 1, 1), "the other file is none the worse"
    assert "altered" in report.problems[0]
    assert content(s3, bucket) == b"another"
    assert len(versions(s3, bucket)) == 2


def test_an_object_that_was_changed_or_lost_is_named(shelf_in: ShelfIn, s3: S3Server, bucket: str) -> None:
    shelf = shelf_in()
    fill(shelf.root, (1000,))
    fill(shelf.root, (1000,), run="r2")
    fill(shelf.root, (1000,), run="r3")
    assert brought(shelf).uploaded == 3
    assert compare(shelf).problems == []
    size = (shelf.root / NAME).stat().st_size
    client = s3.client()
    client.put_object(Bucket=bucket, Key=f"office/warc/{NAME}", Body=b"x" * size)
    client.delete_object(Bucket=bucket, Key=f"office/warc/{NAME.replace('r1', 'r2')}")
    found = compare(shelf).problems
    assert ["altered" in found[0], "missing" in found[1], len(found)] == [True, True, 2]
    assert "ours is version" in found[0]
    assert verify_stored(shelf) == (3, found)
    report = brought(shelf, 0)
    assert (report.removed, len(report.problems)) == (1, 2)
    assert (shelf.root / NAME).exists(), "what the store no longer has as it was stays here"


def test_a_lost_disk_is_made_good(shelf_in: ShelfIn, s3: S3Server, bucket: str) -> None:
    shelf = shelf_in()
    fill(shelf.root, (1000,))
    fill(shelf.root, (2000,), run="r2", day="2026-11-17")
    assert brought(shelf, 0).removed == 2
    client = s3.client()
    client.put_object(Bucket=bucket, Key="office/warc/2026-11-18/not-ours.warc.gz", Body=b"x")
    client.put_object(Bucket=bucket, Key="office/warc/notes.txt", Body=b"x")
    fresh = shelf_in("fresh")
    report = adopt(fresh, NOW)
    assert report.adopted == 2
    assert [": altered: " in problem for problem in report.problems] == [True]
    assert fresh.names() == shelf.names()
    assert adopt(fresh, NOW).adopted == 0
