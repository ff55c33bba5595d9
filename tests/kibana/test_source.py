"""The file that ships is what the source gives, byte for byte, and speaks of the whole house."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from adwatch.app import kibana as work
from adwatch.errors import SpecError
from adwatch.kibana import FILE, build, ndjson, roles
from adwatch.kibana.source import load
from adwatch.models import LISTING_KINDS
from adwatch.search.fields import FIELDS

OBJECTS = build(work.vocabulary())


def test_generating_again_gives_the_same_bytes() -> None:
    assert FILE.read_bytes() == work.shipped(), "run make docs"


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    program = "import sys; from adwatch.app.kibana import shipped; sys.stdout.buffer.write(shipped())"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        assert done.stdout == FILE.read_bytes()


def test_all_that_is_promised_is_there() -> None:
    kinds = [one["type"] for one in OBJECTS]
    assert (kinds.count("tag"), kinds.count("index-pattern"), kinds.count("dashboard")) == (1, 2, 3)
    searches = [one["attributes"]["title"] for one in OBJECTS if one["type"] == "search"]
    assert [title[:2] for title in searches] == [f"{number:02d}" for number in range(1, 13)]
    for one in OBJECTS:
        if one["type"] == "dashboard":
            controls = json.loads(one["attributes"]["controlGroupInput"]["panelsJSON"])
            named = [each["explicitInput"]["fieldName"] for each in controls.values()]
            assert named == ["platform", "scope", "offer_types", "certificate_kinds", "state"]
    shown = {r["id"] for one in OBJECTS if one["type"] == "dashboard" for r in one["references"]}
    assert {one["id"] for one in OBJECTS if one["type"] == "lens"} <= shown, "every panel hangs in a dashboard"


def test_every_field_has_its_chinese_name() -> None:
    labels = load()["labels"]
    assert set(labels) == {field.name for field in FIELDS}
    assert all(any("\u4e00" <= char <= "\u9fff" for char in label) for label in labels.values())
    assert len(set(labels.values())) == len(labels)


def test_every_kind_of_listing_has_its_chinese_name() -> None:
    assert tuple(work.KINDS) == LISTING_KINDS


def test_the_console_is_put_in_its_place() -> None:
    made = ndjson(build(work.vocabulary(), "https://console.office.example/")).decode()
    assert made.count("https://console.office.example/cases/{{value}}") == 2
    assert "console.example.org" not in made


def test_a_column_that_is_none_is_named() -> None:
    source = load()
    source["panels"][0]["columns"] = [{"mode": "score"}]
    with pytest.raises(SpecError, match="adwatch-seen: a column is day, terms"):
        build(work.vocabulary(), source=source)


def test_a_region_sees_its_own_documents_only() -> None:
    made = roles(("yuncheng", "运城市"))
    assert list(made) == ["adwatch_regulator_yuncheng"]
    (indices,) = made["adwatch_regulator_yuncheng"]["elasticsearch"]["indices"]
    assert json.loads(indices["query"]) == {"term": {"seller_region": "运城市"}}
    assert "query" not in json.dumps(roles()["adwatch_regulator"]["elasticsearch"])
