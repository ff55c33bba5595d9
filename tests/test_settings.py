"""Settings from the environment, a .env file and a folder of secret files, in this order."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.errors import SettingsError
from adwatch.settings import load_settings


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "secrets"
    made.mkdir()
    (made / "adwatch_search_password").write_text("from the file\n", encoding="utf-8")
    (made / "elastic_password").write_text("of somebody else", encoding="utf-8")
    monkeypatch.setenv("ADWATCH_SECRETS", str(made))
    return made


def test_a_secret_is_read_from_its_file(folder: Path) -> None:
    found = load_settings()
    assert (found.search_password, found.search_user, found.secrets) == ("from the file", "", folder.resolve())


def test_a_variable_comes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.is_dir()
    monkeypatch.setenv("ADWATCH_SEARCH_PASSWORD", "from the variable")
    assert load_settings().search_password == "from the variable"


def test_the_folder_may_be_named_in_the_env_file(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADWATCH_SECRETS")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"ADWATCH_SECRETS={folder}\n", encoding="utf-8")
    assert load_settings().search_password == "from the file"


def test_a_folder_that_is_not_there_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADWATCH_SECRETS", str(folder / "nowhere"))
    with pytest.raises(SettingsError, match=r"ADWATCH_SECRETS: .*nowhere is no folder"):
        load_settings()


def test_without_a_folder_nothing_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.is_dir()
    monkeypatch.delenv("ADWATCH_SECRETS")
    assert load_settings().search_password == ""
