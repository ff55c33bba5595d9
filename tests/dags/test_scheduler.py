"""A real scheduler over three simulated days: the week's list is exported once, when all of its seven days are there."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adwatch.app import patrol
from adwatch.app.office import Office
from adwatch.settings import load_settings
from adwatch_demo import SITES
from adwatch_demo.server import serve_world
from adwatch_demo.tips import write_tips
from tests.dags.conftest import Airflow, demo_urls, only_platforms, with_metadata
from tests.dags.scheduler import Running, left_over, running

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.slow,
    pytest.mark.begun_first,
    pytest.mark.timeout(600),
    pytest.mark.skipif(find_spec("airflow") is None, reason="the airflow extra is not installed"),
]
ZONE = ZoneInfo("Asia/Shanghai")
NAMES = [SITES["forum"], SITES["tips"]]


def last_tick() -> date:
    """The day whose patrol was due last, at 06:10 in Shanghai."""
    now = datetime.now(ZONE)
    return now.date() if now.time() >= time(6, 10) else now.date() - timedelta(days=1)


def coming_week() -> list[str]:
    """The seven days of the week after the one that a patrol due meanwhile would belong to."""
    monday = last_tick() + timedelta(days=1)
    monday += timedelta(days=7 - monday.weekday())
    return [(monday + timedelta(days=n)).isoformat() for n in range(7)]


def patrol_by_hand(airflow: Airflow, days: list[str]) -> None:
    """Days patrolled without Airflow; of what they leave, only the archive is kept."""
    names = {"home": airflow.home, "data": Path(airflow.more["ADWATCH_DATA"]), "demo": True}
    with Office(load_settings(**names, demo_url=airflow.more["ADWATCH_DEMO_URL"])) as office:
        for day in days:
            assert {row.outcome for row in patrol.patrol(office, day, NAMES)} <= {"ok", "empty"}
    for file in [*airflow.home.glob("adwatch.db*"), *airflow.home.glob("search.db*")]:
        file.unlink()


def query(file: Path, text: str, *values: str) -> list[tuple[Any, ...]]:
    """Rows of a database."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return connection.execute(text, values).fetchall()


def patrolled(live: Running, day: str, **conf: str) -> dict[str, Any]:
    """A run of the daily patrol for a day, ended."""
    run = live.finished("daily_patrol", live.trigger("daily_patrol", partition_key=day, conf=conf))
    assert (run["state"], run["partition_key"]) == ("success", day), live.log("scheduler")
    return run


def test_the_week_is_exported_once_when_its_seven_days_are_there(metadata: Path, tmp_path: Path, port: int) -> None:
    home, days = tmp_path / "home", coming_week()
    data = only_platforms(tmp_path / "data", NAMES)
    airflow = Airflow(home, {"ADWATCH_DEMO_URL": demo_urls(port), "ADWATCH_DATA": data})
    with_metadata(home, metadata)
    write_tips(home / "inbox" / SITES["tips"], 1)
    with serve_world(port, 1):
        patrol_by_hand(airflow, days[:4])
    before = last_tick()
    with running(airflow) as live:
        with serve_world(port, 1):
            due_patrol_runs_by_itself(live, {before, last_tick()})
            rebuild = live.trigger("backfill", conf={"day": days[0], "until": days[3]})
            assert live.finished("backfill", rebuild)["state"] == "success"
            assert sorted(set(live.events()) & set(days)) == days[:4]
            patrolled(live, days[4])
        for number, day in ((2, days[5]), (3, days[6])):
            assert live.runs("weekly_export") == [], "the week is not whole yet"
            write_tips(home / "inbox" / SITES["tips"], number)
            with serve_world(port, number):
                patrolled(live, day)
        week = live.wait("weekly_export", lambda: live.runs("weekly_export"))[0]
        week = live.finished("weekly_export", week["dag_run_id"])
        assert (week["state"], week["run_type"]) == ("success", "asset_triggered")
        exports = check_export(home, days)
        with serve_world(port, 3):
            patrolled(live, days[6], platform=SITES["forum"])
        live.two_more_loops()
        assert len(live.runs("weekly_export")) == 1, "a day that is there again does not export the week again"
        processes = live.processes
    assert left_over(processes) == []
    fired_after_the_seventh_day(home, days)
    assert digests(home) == exports


def due_patrol_runs_by_itself(live: Running, due: set[date]) -> None:
    """The patrol that is due by the clock is started without being asked; its day is the day in Shanghai."""
    if max(due) < date(2026, 11, 1):
        return  # before the schedule begins
    run = live.wait("the due patrol", lambda: live.runs("daily_patrol"))[0]
    run = live.finished("daily_patrol", run["dag_run_id"])
    assert (run["state"], run["run_type"]) == ("success", "scheduled")
    assert run["partition_key"] in {day.isoformat() for day in due}


def digests(home: Path) -> dict[str, str]:
    """What was exported."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (home / "exports").iterdir()}


def check_export(home: Path, days: list[str]) -> dict[str, str]:
    """The file and its manifest hold what was first flagged in the week; digests of both."""
    year, number, _ = date.fromisoformat(days[0]).isocalendar()
    week = f"{year}-W{number:02}"
    found = digests(home)
    assert found.keys() == {f"{week}.xlsx", f"{week}-manifest.json"}
    manifest = json.loads((home / "exports" / f"{week}-manifest.json").read_bytes())
    assert [each["sha256"] for each in manifest["files"]] == [found[f"{week}.xlsx"]]
    flagged = "select count(*) from listing where first_flagged_day between ? and ?"
    [(count,)] = query(home / "adwatch.db", flagged, days[0], days[6])
    assert (manifest["week"], manifest["issue"], manifest["counts"]["listings"]) == (week, 1, count)
    assert count > 0
    return found


def fired_after_the_seventh_day(home: Path, days: list[str]) -> None:
    """Seven different days were told before the one run was made; with six of them there was none."""
    database = home / "airflow" / "airflow.db"
    [(made,)] = query(database, "select queued_at from dag_run where dag_id = 'weekly_export'")
    events = query(database, "select partition_key, timestamp from asset_event order by id")
    told: dict[str, str] = {}
    for key, when in events:
        told.setdefault(key, when)
    assert set(days) <= told.keys()
    assert all(told[day] < made for day in days)
    assert max(told[day] for day in days) == told[days[6]]
