"""``adwatch db``: from SQLite to PostgreSQL and back from a backup, as an operator types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from adwatch.cli import database, maintain
from adwatch.errors import StoreError, UsageError
from adwatch.store.engine import migrate, newest_revision, opened
from tests.store.databases import postgresql_server, store_url
from tests.store.world import World, listing

__all__ = ["postgresql_server", "store_url"]

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")


def run(*words: str) -> list[str]:
    """Lines that the verb prints; its error is raised."""
    app = typer.Typer()
    for verbs in (database, maintain):
        verbs.register(app)
    done = CliRunner().invoke(app, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
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
