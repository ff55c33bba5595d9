"""Summaries lead to the console and to the search, where their addresses are set, and to dashboards that are there."""

from __future__ import annotations

import json
from pathlib import Path

from adwatch.app import Office
from adwatch.app.markdown import CASEWORK, PATROL, keep
from adwatch.kibana import FILE
from adwatch.settings import load_settings


def test_links_stand_at_the_end_where_they_are_set(tmp_path: Path) -> None:
    own = {"console_url": "https://console.office.test/", "kibana_url": "https://kibana.office.test"}
    with Office(load_settings(home=tmp_path, **own)) as office:
        text = keep(office, "patrol", ["# 巡查"])
    assert text.splitlines()[-1] == (
        "[控制台](https://console.office.test) · "
        "[图表](https://kibana.office.test/s/adwatch/app/dashboards#/view/adwatch-d-patrol) · "
        "[检索](https://kibana.office.test/s/adwatch/app/discover)"
    )
    with Office(load_settings(home=tmp_path)) as office:
        assert keep(office, "patrol", ["# 巡查"]) == "# 巡查\n"


def test_the_dashboards_are_among_the_shipped_ones() -> None:
    objects = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    assert {PATROL, CASEWORK} <= {one["id"] for one in objects if one.get("type") == "dashboard"}
