"""What our client does with each documented answer of Kibana, shown on a stand-in (see stand_in.py): no Kibana is run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adwatch.app import kibana as work
from adwatch.cli import kibana as verbs
from adwatch.errors import KibanaError, SettingsError, UsageError
from adwatch.kibana import FILE
from adwatch.kibana.client import Kibana
from adwatch.settings import Settings, load_settings
from tests.kibana.stand_in import StandIn, serving
from tests.ports import free_row


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """One that takes everything."""
    with serving(StandIn()) as made:
        yield made


def settings(made: StandIn, **changes: Any) -> Settings:
    given = {"kibana_url": made.url, "kibana_user": "admin", "kibana_password": "right"}
    return Settings(**{**given, "console_url": "https://console.office.example", **changes})


def test_all_is_put_in_and_again_brought_up_to_date(stand_in: StandIn) -> None:
    done = work.apply(settings(stand_in), ("yuncheng", "运城市"))
    count = len(FILE.read_bytes().splitlines())
    assert (done["version"], done["space"], done["objects"]) == ("8.19.2", "adwatch made", count)
    assert list(stand_in.roles) == done["roles"]
    assert done["roles"] == ["adwatch_regulator", "adwatch_officer", "adwatch_admin", "adwatch_regulator_yuncheng"]
    assert len(stand_in.objects) == count and {space for space, _, _ in stand_in.objects} == {"adwatch"}
    view = stand_in.objects["adwatch", "index-pattern", "adwatch-hits"]
    assert "https://console.office.example/cases/{{value}}" in view["attributes"]["fieldFormatMap"]
    again = work.apply(settings(stand_in))
    assert (again["space"], again["objects"], len(stand_in.objects)) == ("adwatch updated", count, count)
    assert stand_in.spaces["adwatch"]["solution"] == "classic"


def test_an_api_key_does_as_well(stand_in: StandIn) -> None:
    done = work.apply(settings(stand_in, kibana_user="", kibana_api_key="a-key"))
    assert done["objects"] == len(stand_in.objects)


REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("bad password", {"password": "other"}, "wrong password: .*ADWATCH_KIBANA_USER.*unable to authenticate"),
    ("no right", {"allowed": False}, "no right: .*manage spaces"),
    ("old version", {"version": "8.17.4"}, "wrong version: 8.17.4; the objects are made for 8.19 to 9"),
    ("version to come", {"version": "10.0.0"}, "wrong version: 10.0.0"),
    ("no version", {"version": ""}, "does not tell its version"),
    ("older objects", {"newest": {"search": "10.4.0"}}, "wrong version: .*last known version is .10.4.0"),
    ("partial", {"refused": {"adwatch-s01", "adwatch-seen"}}, r"partial failure: \d+ of \d+ objects were written; refused: search:adwatch-s01 .*definition for this key is missing"),
    ("count", {"silent": True}, r"partial failure: 34 of 35 objects were written; refused: without a reason"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_each_refusal_has_its_word(changes: dict[str, Any], words: str) -> None:
    with serving(StandIn(**changes)) as made, pytest.raises(KibanaError, match=words):
        work.apply(settings(made))


def test_a_wrong_version_is_said_before_anything_is_put_in() -> None:
    with serving(StandIn(version="8.17.4")) as made:
        with pytest.raises(KibanaError):
            work.apply(settings(made))
        assert made.asked == ["GET /api/status"]
        assert (made.spaces, made.roles, made.objects) == ({}, {}, {})


def test_a_region_without_the_licence_stops_before_the_import() -> None:
    with serving(StandIn(paid=False)) as made:
        with pytest.raises(KibanaError, match=r"adwatch_regulator_yuncheng: .*non-compliant for .field and document"):
            work.apply(settings(made), ("yuncheng", "运城市"))
        assert made.objects == {}
        assert work.apply(settings(made))["objects"] == len(made.objects)


def test_missing_references_write_nothing(stand_in: StandIn) -> None:
    lines = [line for line in FILE.read_bytes().splitlines() if json.loads(line)["type"] != "index-pattern"]
    with Kibana(settings(stand_in)) as kibana, pytest.raises(KibanaError, match="partial failure: nothing was written"):
        kibana.import_objects("adwatch", b"\n".join(lines))
    assert stand_in.objects == {}


def test_nobody_there() -> None:
    with free_row(1) as port, pytest.raises(KibanaError, match=r"cannot be reached .*ADWATCH_KIBANA_URL"):
        work.apply(settings(StandIn(url=f"http://127.0.0.1:{port}")))


def test_what_is_not_set_is_named(stand_in: StandIn, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ADWATCH_CONSOLE_URL"):
        work.apply(settings(stand_in, console_url=""))
    with pytest.raises(SettingsError, match="ADWATCH_KIBANA_URL"):
        work.apply(settings(stand_in, kibana_url=""))
    with pytest.raises(SettingsError, match="ADWATCH_KIBANA_CA"):
        work.apply(settings(stand_in, kibana_url="https://127.0.0.1:1", kibana_ca=str(tmp_path / "none")))
    with pytest.raises(SettingsError, match=r"ADWATCH_CONSOLE_URL: no address of a site"):
        load_settings(console_url="console.office.example")
    assert stand_in.asked == []


def test_export_and_check_as_they_are_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADWATCH_CONSOLE_URL", "https://console.office.example")
    runner = CliRunner()
    done = runner.invoke(verbs.kibana, ["export", "--json"])
    assert (done.exit_code, json.loads(done.stdout)["linked"]) == (0, True)
    assert runner.invoke(verbs.kibana, ["check", "adwatch.ndjson"]).exit_code == 0
    assert "合格" in runner.invoke(verbs.kibana, ["check"]).stdout
    file = tmp_path / "adwatch.ndjson"
    file.write_text(file.read_text().replace('"10.5.0"', '"10.6.0"', 1))
    done = runner.invoke(verbs.kibana, ["check", "adwatch.ndjson", "--json"])
    assert done.exit_code == 1
    assert {"check": 3, "wrong": "search:adwatch-s01: typeMigrationVersion must be 10.5.0"} in [json.loads(line) for line in done.stdout.splitlines()]
    monkeypatch.setenv("ADWATCH_CONSOLE_URL", "")
    done = runner.invoke(verbs.kibana, ["export"])
    assert done.exit_code == 0 and "lead nowhere" in done.stderr
    assert file.read_bytes() == FILE.read_bytes()
    for words in (["export", "--out", "a.json"], ["check", "none.ndjson"], ["apply", "--region", "运城市"]):
        assert isinstance(runner.invoke(verbs.kibana, words).exception, UsageError)
