"""``adwatch db``: from SQLite to PostgreSQL and back from a backup, as an operator types it."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from adwatch.cli import database, maintain
from adwatch.errors import StoreError, UsageError
from adwatch.files import write_whole
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.attachments import attachment_file, keep_attachment
from adwatch.store.engine import migrate, newest_revision, opened, writing
from tests.store.databases import postgresql_server, store_url
from tests.store.world import NOON, World, listing

__all__ = ["postgresql_server", "store_url"]

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")


def run(*words: str, status: int = 0) -> list[str]:
    """Lines that the verb prints; its error is raised."""
    app = typer.Typer()
    for verbs in (database, maintain):
        verbs.register(app)
    done = CliRunner().invoke(app, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == status, done.output
    return done.stdout.splitlines()


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """URL of a SQLite store with a case, which is the office's."""
    url = f"sqlite:///{tmp_path / 'old' / 'adwatch.db'}"
    with opened(url) as engine:
        migrate(engine)
        World(engine).flag(listing("1"))
    monkeypatch.setenv("ADWATCH_DATABASE_URL", url)
    return url


def test_every_verb_stands_in_the_book() -> None:
    names = [command.name for command in database.db.registered_commands]
    assert names == ["migrate", "backup", "restore", "move"]
    assert [name for name in names if f"`adwatch db {name}" not in PAGE] == []
    for name in names:
        assert "示例" in "\n".join(run("db", str(name), "--help"))


def test_the_way_to_another_database(filled: str, store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run("dump", "--canonical")
    rows = [json.loads(line) for line in run("db", "move", "--to", store_url, "--json")]
    assert {row["table"]: row["rows"] for row in rows}["case"] == 1
    monkeypatch.setenv("ADWATCH_DATABASE_URL", store_url)
    assert run("dump", "--canonical") == before
    monkeypatch.setenv("ADWATCH_DATABASE_URL", filled)
    with pytest.raises(StoreError, match="is not empty"):
        run("db", "move", "--to", store_url)


def test_backup_and_restore(filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run("dump", "--canonical")
    [facts] = [json.loads(line) for line in run("db", "backup", "--to", str(tmp_path / "copy"), "--json")]
    assert facts["bytes"] == (tmp_path / "copy").stat().st_size
    monkeypatch.setenv("ADWATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'adwatch.db'}")
    lines = run("db", "restore", str(tmp_path / "copy"))
    assert f"now: {newest_revision()}" in lines
    assert run("dump", "--canonical") == before


def test_files_that_rows_point_to_come_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attachments and kept packages are taken and brought back; missing ones are named, altered ones refused."""
    old, new, copy = tmp_path / "old", tmp_path / "new", tmp_path / "copy"
    monkeypatch.setenv("ADWATCH_HOME", str(old))
    url = f"sqlite:///{old / 'adwatch.db'}"
    monkeypatch.setenv("ADWATCH_DATABASE_URL", url)
    with opened(url) as engine:
        migrate(engine)
        case_id = World(engine).flag(listing("1"))
        by = {"case_id": case_id, "at": NOON, "person": "张三", "unit": "某局"}
        with writing(engine) as connection:
            for content in (b"scan", b"lost"):
                about = {"subject": "case", "subject_id": case_id, "kind": "reply", "actor": Actor("张三", "某局")}
                keep_attachment(
                    connection, old, content, name="扫描.pdf", media_type="application/pdf", now=NOON, **about
                )
            write_whole(old / "packages/CASE-1-ab.zip", b"zip")
            digest = hashlib.sha256(b"zip").hexdigest()
            values = {"file": "packages/CASE-1-ab.zip", "size": 3, "sha256": digest, "manifest_sha256": digest, **by}
            connection.execute(s.evidence_package.insert().values(**values))
    lost = attachment_file(old, hashlib.sha256(b"lost").hexdigest())
    lost.unlink()
    [facts] = [json.loads(line) for line in run("db", "backup", "--to", str(copy), "--json", status=1)]
    assert (facts["files"], len(facts["missing"])) == (2, 1)
    assert facts["missing"][0].startswith(str(lost.relative_to(old)))
    with tarfile.open(f"{copy}.files.tar") as tar:
        kept = {member.name for member in tar}
    monkeypatch.setenv("ADWATCH_HOME", str(new))
    monkeypatch.setenv("ADWATCH_DATABASE_URL", f"sqlite:///{new / 'adwatch.db'}")
    whole = Path(f"{copy}.files.tar").read_bytes()
    Path(f"{copy}.files.tar").write_bytes(whole[:700] + b"!" + whole[701:])
    with pytest.raises(StoreError, match="was altered or cut"):
        run("db", "restore", str(copy))
    assert not new.exists() or list(new.rglob("*.db")) == []
    Path(f"{copy}.files.tar").write_bytes(whole)
    write_whole(new / min(kept), b"another")
    with pytest.raises(StoreError, match="move it away"):
        run("db", "restore", str(copy))
    assert not (new / max(kept)).exists()
    (new / min(kept)).write_bytes((old / min(kept)).read_bytes())  # what a restore that died had brought back
    [facts] = [json.loads(line) for line in run("db", "restore", str(copy), "--json", status=1)]
    assert (facts["files"], len(facts["missing"])) == (2, 1)
    assert {name: (new / name).read_bytes() for name in kept} == {name: (old / name).read_bytes() for name in kept}


def test_migrate_says_where_it_stood(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADWATCH_DATABASE_URL", store_url)
    assert f"before: empty\nnow: {newest_revision()}" in "\n".join(run("db", "migrate"))
    assert f"before: {newest_revision()}\nnow: {newest_revision()}" in "\n".join(run("db", "migrate"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("move", "--to", "nonsense"), "no URL of a store"),
        (("move", "--to", "mysql://a@b/c"), "mysql is no store"),
        (("backup", "--to", "{file}"), "overwrites nothing"),
        (("restore", "{file}"), "is no backup"),
    ],
)
def test_wrong_words_are_said(filled: str, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "there").write_text("x")
    with pytest.raises(UsageError, match=said):
        run("db", *(word.format(file=tmp_path / "there") for word in words))
    with pytest.raises(UsageError, match="is the store itself"):
        run("db", "move", "--to", filled)


def test_nothing_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing to back up"):
        run("db", "backup", "--to", str(tmp_path / "copy"))
