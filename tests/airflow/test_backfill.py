"""A past week rebuilt from the archive while nobody serves the sites; its list is exported once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from adwatch.app import patrol
from adwatch.app.office import Office
from adwatch.settings import load_settings
from tests.airflow.cluster import Cluster, unpause
from tests.airflow.world import GOODS, served

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]
SITES = 12
MONDAY = date(2026, 11, 2)
DAYS = [(MONDAY + timedelta(days=n)).isoformat() for n in range(7)]


@dataclass(frozen=True)
class Week:
    """A week as it was patrolled when the sites were there."""

    archive: Path
    data: Path
    dump: list[str]


@pytest.fixture
def week(installation: Cluster, tmp_path: Path) -> Iterator[Week]:
    """Seven days patrolled without Airflow into a store of their own; afterwards the sites are gone."""
    home, data, store = tmp_path / "home", tmp_path / "data", installation.databases.make("week")
    with served(data, SITES) as world:
        names = sorted(world.shops)
        with Office(
            load_settings(home=home, data=data, database_url=store, contact="adwatch@office.example")
        ) as office:
            for number, day in enumerate(DAYS):
                for name in names[number : number + 2]:
                    world.shops[name].shop.goods.pop()  # something is gone each day
                rows = list(patrol.patrol(office, day, names, 4))
                assert {row.outcome for row in rows} == {"ok"}
            dump = list(office.dump())
    shipped = installation.world.data.rename(installation.world.data.with_name("aside"))
    shutil.copytree(data, installation.world.data)
    yield Week(home / "archive", data, dump)
    shutil.rmtree(installation.world.data)
    shipped.rename(installation.world.data)


def test_a_past_week_is_rebuilt_without_the_network_and_exported_once(installation: Cluster, week: Week) -> None:
    live = installation.live
    installation.fresh()
    shutil.copytree(week.archive, installation.home / "archive")
    for dag in ("weekly_export", "backfill"):
        unpause(live, dag)
    run_id = live.trigger("backfill", conf={"day": DAYS[0], "until": DAYS[6]})
    assert live.finished("backfill", run_id)["state"] == "success"
    tasks = installation.tasks("backfill", run_id)
    assert {f"rebuild {day}" for day in DAYS} < tasks.keys()
    assert {task["state"] for task in tasks.values()} == {"success"}
    issued = '"table":"export_issue"'  # the week's list follows by itself, before or after the dump is taken
    rebuilt = [line for line in installation.airflow.dump() if issued not in line]
    assert rebuilt == week.dump
    assert len(rebuilt) > SITES * GOODS
    export = live.finished("weekly_export", live.wait("the week", lambda: live.runs("weekly_export"))[0]["dag_run_id"])
    assert (export["state"], export["run_type"]) == ("success", "asset_triggered")
    assert export["partition_key"].startswith(DAYS[0])
    year, number, _ = MONDAY.isocalendar()
    manifest = json.loads((installation.home / "exports" / f"{year}-W{number:02}-manifest.json").read_bytes())
    assert (manifest["issue"], manifest["counts"]["listings"] > SITES) == (1, True)
    again = live.trigger("backfill", conf={"day": DAYS[3]})
    assert live.finished("backfill", again)["state"] == "success"
    live.two_more_loops()
    assert len(live.runs("weekly_export")) == 1, "a day that is told again does not export the week again"
