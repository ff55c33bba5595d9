"""An office whose archive goes to a bucket: patrolled, read back when nothing is left here, and told what is wrong."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adwatch.app import archive, evidence
from adwatch.app.doctor import examine
from adwatch.app.ingest import ingest
from adwatch.archive import Address, ObjectStore, StoredShelf, warc_files
from adwatch.archive.sync import sync
from adwatch.errors import SettingsError
from adwatch.settings import load_settings
from tests.app.sites import DAYS, World, goods, serving
from tests.archive.conftest import PART, fill
from tests.archive.s3 import KEY, SECRET, S3Server, free_port, s3_server

pytestmark = pytest.mark.slow
DAY = DAYS[0]
RIGHTS = ("PutObject", "GetObject", "ListBucket", "ListBucketMultipartUploads", "ListMultipartUploadParts")
"""All that a key needs, with AbortMultipartUpload and GetBucketObjectLockConfiguration where it may have them."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(goods(13, 2)) as site:
        made = World(tmp_path, site)
        made.platform()
        yield made


@pytest.fixture
def to_bucket(monkeypatch: pytest.MonkeyPatch, s3: S3Server, bucket: str) -> None:
    """Settings of an archive that goes to the bucket."""
    settings(monkeypatch, s3.url, bucket)


def settings(monkeypatch: pytest.MonkeyPatch, url: str, bucket: str, key: str = KEY, secret: str = SECRET) -> None:
    monkeypatch.setenv("ADWATCH_ARCHIVE_URL", f"s3://{bucket}/office/warc")
    monkeypatch.setenv("ADWATCH_ARCHIVE_ENDPOINT", url)
    monkeypatch.setenv("ADWATCH_ARCHIVE_KEY", key)
    monkeypatch.setenv("ADWATCH_ARCHIVE_SECRET", secret)


def doctor() -> tuple[str, str]:
    [row] = [row for row in examine() if row["item"] == "archive store"]
    return row["word"], row["message"]


@pytest.mark.usefixtures("to_bucket")
def test_what_left_the_disk_is_read_from_the_bucket(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADWATCH_ARCHIVE_KEEP_DAYS", "0")
    handed = world.folder / "线索.csv"
    handed.write_text("标题,链接\n电工证包过,http://shop.example/1\n", encoding="utf-8")
    for day in DAYS[:2]:
        row = world.patrol(day)
        assert (row["outcome"], row["notes"]) == ("ok", [])
    with world.office() as office:
        told = ingest(office, handed, "tips", DAY)
        assert (told.seen, told.notes) == (1, [])
        assert warc_files(office.settings.archive_root) == [], "every file was proven and let go"
        verified = evidence.verify(office)
        assert (verified["problems"], verified["files"], verified["unclaimed"]) == ([], 3, 0)
        assert verified["captures"] > 17
        assert archive.verify(office)["problems"] == []
    assert doctor()[0] == "ok"
    assert "3 files" in doctor()[1]
    assert "COMPLIANCE, 30 days" in doctor()[1]

    with world.office("fresh") as office:
        report = archive.sync(office, adopt=True)
        assert (report["adopted"], report["problems"]) == (3, [])
    world.extract("fresh", *DAYS[:2])
    assert world.dump("fresh") == world.dump(), "a day is rebuilt from the bucket alone"


@pytest.mark.usefixtures("to_bucket")
def test_a_run_that_was_killed_is_continued(world: World) -> None:
    died = world.command(**environment()).run("patrol", "--day", DAY, ADWATCH_FAILPOINT="upload.sent")
    assert died.returncode == -9, died.stderr.decode()
    asked = world.site.forget()
    row = world.patrol(DAY)
    assert row["outcome"] == "ok"
    assert len(world.site.asked) < asked, "what is archived is not asked for again"
    with world.office() as office:
        assert isinstance(office.shelf, StoredShelf)
        assert office.shelf.waiting() == []
        assert evidence.verify(office)["problems"] == []
        assert archive.status(office)["problems"] == []


def environment() -> dict[str, str]:
    """The archive's settings, for a process of its own."""
    return {name: value for name, value in os.environ.items() if name.startswith("ADWATCH_ARCHIVE_")}


def test_without_network_the_work_is_done_and_the_files_wait(
    world: World, s3: S3Server, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(monkeypatch, f"http://127.0.0.1:{free_port()}", bucket)
    monkeypatch.setenv("ADWATCH_ARCHIVE_KEEP_DAYS", "0")
    done = world.command(**environment()).run("patrol", "--day", DAY)
    assert done.returncode == 0, done.stderr.decode()
    assert "存档未上传" in done.stdout.decode()
    assert "network" in done.stdout.decode()
    with world.office() as office:
        assert len(warc_files(office.settings.archive_root)) == 1
        assert evidence.verify(office)["ok"]
    word, said = doctor()
    assert (word, "network: the store cannot be reached" in said, "1 files wait here" in said) == ("error", True, True)
    refused = world.command(**environment()).run("archive", "sync", "--json")
    assert (refused.returncode, json.loads(refused.stdout)["waiting"]) == (3, 1)

    monkeypatch.setenv("ADWATCH_ARCHIVE_ENDPOINT", s3.url)
    command = world.command(**environment())
    [report] = command.rows("archive", "sync")
    assert (report["uploaded"], report["removed"], report["waiting"]) == (1, 1, 0)
    [status] = command.rows("archive", "status")
    assert (status["stored"], status["away"], status["waiting"], status["problems"]) == (1, 1, 0, [])
    assert "files: 1" in command.ok("archive", "verify")
    world.extract("home", DAY)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[S3Server, str, str]]:
    """A server that knows one key, which has the rights that are documented and no others."""
    with s3_server(tmp_path_factory.mktemp("strict")) as server:
        server.bucket("office", locked_days=30)
        server.bucket("other")
        iam = server.client("iam")
        iam.create_user(UserName="adwatch")
        actions = [f"s3:{each}" for each in RIGHTS]
        resources = ["arn:aws:s3:::office", "arn:aws:s3:::office/*", "arn:aws:s3:::absent"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources}],
        }
        iam.put_user_policy(UserName="adwatch", PolicyName="archive", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="adwatch")["AccessKey"]
        server.authenticate(0)
        yield server, key["AccessKeyId"], key["SecretAccessKey"]


def test_the_documented_rights_are_enough(
    strict: tuple[S3Server, str, str], world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server, key, secret = strict
    settings(monkeypatch, server.url, "office")
    for name, value in (("key", key), ("secret", secret)):
        monkeypatch.delenv(f"ADWATCH_ARCHIVE_{name.upper()}")
        (tmp_path / "secrets").mkdir(exist_ok=True)
        (tmp_path / "secrets" / f"adwatch_archive_{name}").write_text(f"{value}\n", encoding="utf-8")
    monkeypatch.setenv("ADWATCH_SECRETS", str(tmp_path / "secrets"))
    monkeypatch.setenv("ADWATCH_ARCHIVE_KEEP_DAYS", "0")
    assert world.patrol(DAY)["notes"] == []
    with world.office() as office:
        assert archive.status(office)["away"] == 1
        assert archive.verify(office)["problems"] == []
    fill(tmp_path / "parts", (4_000_000,) * 2)
    shelf = StoredShelf(
        tmp_path / "parts", ObjectStore(Address("office", "parts", server.url, None, key, secret), PART)
    )
    shelf.store.call("create_multipart_upload", shelf.names()[0])
    assert sync(shelf, datetime(2026, 11, 18, tzinfo=UTC), "read", 0).problems == []
    assert shelf.waiting() == []
    shelf.close()


@pytest.mark.parametrize(
    ("bucket", "wrong", "words"),
    [
        ("office", "key", "credentials: the store does not accept our credentials"),
        ("office", "secret", "credentials: the store does not accept our credentials"),
        ("other", "", "rights: our key may not do this"),
        ("absent", "", "bucket: there is no such bucket"),
    ],
)
def test_doctor_says_what_is_wrong(
    strict: tuple[S3Server, str, str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    bucket: str,
    wrong: str,
    words: str,
) -> None:
    server, key, secret = strict
    caplog.set_level(logging.INFO)
    key = "AKIDUNKNOWN" if wrong == "key" else key
    secret = "not-the-secret" if wrong == "secret" else secret
    settings(monkeypatch, server.url, bucket, key, secret)
    word, said = doctor()
    assert (word, words in said) == ("error", True), said
    shown = said + caplog.text + "".join(capfd.readouterr()) + repr(load_settings())
    assert secret not in shown
    assert key not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADWATCH_ARCHIVE_URL", "s3://AKID:hush-hush@bucket/prefix"),
        ("ADWATCH_ARCHIVE_URL", "s3://bucket/prefix?secret=hush-hush"),
        ("ADWATCH_ARCHIVE_URL", "gs://bucket/hush-hush"),
        ("ADWATCH_ARCHIVE_URL", "s3://"),
        ("ADWATCH_ARCHIVE_ENDPOINT", "https://AKID:hush-hush@server"),
        ("ADWATCH_ARCHIVE_PROOF", "trust"),
        ("ADWATCH_ARCHIVE_KEEP_DAYS", "-1"),
    ],
)
def test_wrong_settings_are_named_without_what_they_may_hold(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as refused:
        load_settings()
    assert "hush-hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "bucket"),
    [
        ("s3://office", ("office", "")),
        ("s3://office/", ("office", "")),
        ("s3://office/warc/2026/", ("office", "warc/2026")),
        ("/srv/archive", None),
        ("file:///srv/archive", None),
    ],
)
def test_folders_and_buckets(monkeypatch: pytest.MonkeyPatch, url: str, bucket: tuple[str, str] | None) -> None:
    monkeypatch.setenv("ADWATCH_ARCHIVE_URL", url)
    found = load_settings()
    assert found.archive_bucket == bucket
    assert str(found.archive_root) == ("/srv/archive" if bucket is None else str(found.home / "archive"))
