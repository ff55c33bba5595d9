"""Pools per host: which there are, which platforms are in them, and the file that Airflow and the DAG read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adwatch.app.office import Office
from adwatch.app.pools import host_pools, of_pool, pool_name, write_pools
from adwatch.errors import UsageError
from adwatch.settings import load_settings
from tests.app.sites import PLATFORM

URLS = {
    "board_a": "https://forum.example/a",
    "board_b": "https://forum.example:443/b",
    "alone": "https://shop.example/",
    "other_port": "https://forum.example:8443/",
}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    folder = tmp_path / "data" / "platforms"
    folder.mkdir(parents=True)
    for name, url in URLS.items():
        (folder / f"{name}.yml").write_text(PLATFORM.format(name=name, url=url), encoding="utf-8")
    return Office(load_settings(home=tmp_path / "home", data=tmp_path / "data"))


def test_a_host_that_platforms_share_has_a_pool(office: Office) -> None:
    assert host_pools(office) == [
        {"pool": "host-forum.example", "slots": 1, "host": "forum.example", "platforms": ["board_a", "board_b"]}
    ]


def test_every_platform_is_in_one_pool_or_in_none(office: Office) -> None:
    pools = [row["pool"] for row in host_pools(office)]
    assert of_pool(office, sorted(URLS), pools[0], pools) == ["board_a", "board_b"]
    assert of_pool(office, sorted(URLS), None, pools) == ["alone", "other_port"]
    assert of_pool(office, ["alone"], pools[0], pools) == []


@pytest.mark.parametrize(
    ("host", "name"), [("a.example:8080", "host-a.example-8080"), ("[::1]:80", "host----1--80"), ("a.b", "host-a.b")]
)
def test_a_pools_name_is_a_task_id(host: str, name: str) -> None:
    assert pool_name(host) == name


def test_the_file_is_as_airflow_imports_it(office: Office, tmp_path: Path) -> None:
    write_pools(tmp_path / "pools.json", host_pools(office))
    found = json.loads((tmp_path / "pools.json").read_bytes())
    described = {"slots": 1, "description": "forum.example: board_a, board_b", "include_deferred": False}
    assert found == {"host-forum.example": described}
    with pytest.raises(UsageError, match="cannot be written"):
        write_pools(tmp_path / "missing" / "pools.json", [])
