"""A simulated day patrolled through Airflow, then what comes after it: a day from the archive, the week, the re-check."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from adwatch_demo import SITES
from adwatch_demo.server import serve_world
from adwatch_demo.world import expected, standing
from tests.dags.conftest import Airflow, demo_urls, only_platforms, with_metadata

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.slow,
    pytest.mark.begun_first,
    pytest.mark.timeout(400),
    pytest.mark.skipif(find_spec("airflow") is None, reason="the airflow extra is not installed"),
]
CHECKED = {"p0023": "gone", "p0010": "up", "p0024": "gone", "p0027": "up", "m015": "changed", "m027": "gone"}
"""Flagged listings of day 1 that a person confirms, and what a look at them on day 2 finds."""


@dataclass
class Day:
    """A simulated day as it was patrolled."""

    airflow: Airflow
    port: int
    rows: dict[str, dict[str, Any]]
    outcome: dict[str, Any]
    dump: list[str]

    @property
    def day(self) -> str:
        """Its date."""
        return str(self.outcome["day"])

    @property
    def week(self) -> str:
        """Its ISO week."""
        year, week, _ = date.fromisoformat(self.day).isocalendar()
        return f"{year}-W{week:02}"


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, metadata: Path, port: int) -> Day:
    """Day 1 of the demo world by ``adwatch demo``, which runs ``airflow dags test daily_patrol``."""
    home = tmp_path_factory.mktemp("day") / "home"
    with_metadata(home, metadata)
    airflow = Airflow(home, {"ADWATCH_DEMO_URL": f"http://127.0.0.1:{port}"})
    *rows, outcome = airflow.command("demo")
    return Day(airflow, port, {row["platform"]: row for row in rows}, outcome, airflow.dump())


def rows_of(home: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of a metadata database or a store."""
    connection = sqlite3.connect(f"file:{home}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_every_site_is_patrolled_by_a_task_of_its_name(day: Day) -> None:
    assert (day.outcome["number"], day.outcome["through"], day.outcome["score"]["complete"]) == (1, "Airflow", True)
    outcomes = {name: row["outcome"] for name, row in day.rows.items()}
    assert outcomes == {name: expected(site, 1).outcome for site, name in SITES.items()}
    database = day.airflow.home / "airflow" / "airflow.db"
    assert rows_of(database, "select dag_id, state from dag_run") == [("daily_patrol", "success")]
    tasks = rows_of(database, "select task_id, rendered_map_index, state, try_number from task_instance")
    assert sorted(tasks, key=str) == sorted(
        [
            ("platforms", None, "success", 1),
            *(("patrol_platform", name, "success", 1) for name in SITES.values()),
            ("summary", None, "success", 1),
            ("end_of_day", None, "success", 1),
        ],
        key=str,
    )


def test_the_day_stands_in_the_store(day: Day) -> None:
    tables = Counter(json.loads(line)["table"] for line in day.dump)
    there = sum(len(standing(site, 1)) - len(expected(site, 1).hidden) for site in SITES)
    assert tables["listing"] == tables["listing_version"] == there
    assert tables["case"] == sum(row["flagged"] for row in day.rows.values()) > 80
    total = day.outcome["score"]["total"]
    for name in ("precision", "recall"):
        assert total["ours"][name] > total["keyword_only"][name]


def test_the_day_has_a_summary_and_is_told_as_a_partition(day: Day) -> None:
    text = (day.airflow.home / "summaries" / f"patrol-{day.day}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {day.day} 巡查\n")
    lines = [line.split(" | ") for line in text.splitlines() if line.startswith("| demo_")]
    shown = {line[0].removeprefix("| "): (line[1].split()[-1], int(line[2])) for line in lines}
    assert shown == {name: (row["outcome"], row["seen"]) for name, row in day.rows.items()}
    database = day.airflow.home / "airflow" / "airflow.db"
    [(value,)] = rows_of(database, "select value from xcom where task_id = 'summary' and key = 'return_value'")
    assert json.loads(value) == text
    [(key, extra)] = rows_of(database, "select partition_key, extra from asset_event")
    assert key == day.day
    assert json.loads(extra)["seen"] == sum(row["seen"] for row in day.rows.values())


@dataclass
class Later:
    """What was run after the day, by one process of Airflow on homes of their own."""

    after: Airflow
    sent: dict[str, str]
    rebuilt: Airflow
    broken: Airflow
    runs: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def later(day: Day, metadata: Path, tmp_path_factory: pytest.TempPathFactory) -> Later:
    """Past days, the week and the re-check on copies of the day's home; a patrol of which one platform fails."""
    urls = {"ADWATCH_DEMO_URL": demo_urls(day.port)}
    after = Airflow(day.airflow.home.with_name("after"), urls)
    shutil.copytree(day.airflow.home, after.home)
    sent = confirm_and_send(after)
    rebuilt = Airflow(day.airflow.home.with_name("rebuilt"), urls)
    with_metadata(rebuilt.home, metadata)
    shutil.copytree(day.airflow.home / "archive", rebuilt.home / "archive")
    data = only_platforms(tmp_path_factory.mktemp("data"), [SITES["tips"], SITES["forum"]])
    broken = Airflow(day.airflow.home.with_name("broken"), {**urls, "ADWATCH_DATA": data})
    week = {"week": day.week, "formats": ["xlsx", "csv", "jsonl"]}
    here = {"ADWATCH_HOME": str(broken.home), "ADWATCH_DATA": data}
    with rebuilt.tests() as test:
        runs = {  # nobody serves the sites while the archive is read
            "past day": test("backfill", {"day": day.day}),
            "unknown day": test("backfill", {"day": "2020-01-01"}),
            "week": test("weekly_export", week, {"ADWATCH_HOME": str(after.home)}),
            "week again": test("weekly_export", week),
        }
        with serve_world(day.port, 2):
            runs["recheck"] = test("recheck_takedowns", {"day": day.day})
        with serve_world(day.port, 1):
            # the folder of the tips is not there: an error of our own, which a second try does not mend
            runs["broken"] = test("daily_patrol", {"day": "2026-11-18"}, here)
            runs["forum alone"] = test("daily_patrol", {"day": "2026-11-19", "platform": SITES["forum"]})
            runs["no day"] = test("daily_patrol", {"platform": SITES["forum"]})
    return Later(after, sent, rebuilt, broken, runs)


def confirm_and_send(airflow: Airflow) -> dict[str, str]:
    """Confirm the cases of some listings and send the letters; native ids by listing id."""
    cases = {row["native_id"]: row for row in airflow.command("review", "list")}
    ids = [str(cases[name]["case_id"]) for name in CHECKED]
    airflow.command("review", "confirm", *ids, "--by", "审核员", "--reason", "核对属实")
    letters = airflow.command("takedown", "draft")
    airflow.command("takedown", "mark-sent", *(row["number"] for row in letters), "--by", "经办人")
    return {cases[name]["listing_id"]: name for name in CHECKED}


def test_the_week_is_exported_and_again_the_same(day: Day, later: Later) -> None:
    """The files are there, are what the manifest says, and hold the day's flagged listings; one issue only."""
    airflow, week = later.after, day.week
    assert [later.runs[name]["state"] for name in ("week", "week again")] == ["success", "success"]
    folder = airflow.home / "exports"
    assert sorted(file.name for file in folder.iterdir()) == [
        f"{week}-manifest.json",
        *(f"{week}.{form}" for form in ("csv", "jsonl", "xlsx")),
    ]
    manifest = json.loads((folder / f"{week}-manifest.json").read_bytes())
    assert {each["name"]: each["sha256"] for each in manifest["files"]} == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob(f"{week}.*")
    }
    flagged = rows_of(airflow.home / "adwatch.db", "select count(*) from listing where first_flagged_day is not null")
    rows = [json.loads(line) for line in (folder / f"{week}.jsonl").read_text(encoding="utf-8").splitlines()]
    listings = [row for row in rows if "listing_id" in row]
    assert (manifest["issue"], manifest["counts"]["listings"], len(listings)) == (1, *flagged[0], *flagged[0])
    assert sum(row["state"] == "confirmed" for row in listings) == len(later.sent)
    with (folder / f"{week}.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(1 for _ in csv.reader(file)) > len(listings)
    assert rows_of(airflow.home / "adwatch.db", "select week, issue from export_issue") == [(week, 1)]
    summary = (airflow.home / "summaries" / f"week-{week}.md").read_text(encoding="utf-8")
    assert f"第 1 期，{len(listings)} 条" in summary


def test_sent_takedowns_are_looked_at_again(later: Later) -> None:
    """Each sent listing has the word that the world's second day gives it."""
    found = rows_of(
        later.after.home / "adwatch.db",
        "select l.native_id, c.word from takedown_check c join listing l on l.id = c.listing_id",
    )
    assert dict(found) == CHECKED
    assert len(found) == len(later.sent)
    words = Counter(CHECKED.values())
    assert later.runs["recheck"]["state"] == "success"
    text = later.runs["recheck"]["summary"]
    assert f"{len(CHECKED)} 条已核验，其中 0 条下架后又出现" in text
    numbers = [[int(cell) for cell in line.strip(" |").split(" | ")[1:]] for line in text.splitlines() if "TD-" in line]
    assert [sum(column) for column in zip(*numbers, strict=True)] == [
        words[word] for word in ("gone", "up", "changed", "moved", "unknown")
    ]


def test_a_past_day_is_rebuilt_from_the_archive_alone(day: Day, later: Later) -> None:
    run, rebuilt = later.runs["past day"], later.rebuilt
    assert (run["state"], run["days"]) == ("success", [day.day])
    assert run["tasks"][f"rebuild {day.day}"] == {"state": "success", "tries": 1}
    found, wanted = without_runs(rebuilt.dump()), without_runs(day.dump)
    assert sorted(set(found) ^ set(wanted)) == []
    assert found == wanted
    for name in SITES.values():
        assert f"| {name} |" in run["summary"]


def test_a_day_that_is_not_in_the_archive_fails(later: Later) -> None:
    run = later.runs["unknown day"]
    assert (run["state"], run["days"]) == ("failed", [])
    assert run["tasks"]["rebuild 2020-01-01"] == {"state": "failed", "tries": 3}
    assert run["tasks"]["summary"]["state"] == "success"


def without_runs(dump: list[str]) -> list[str]:
    """A rebuild is no patrol: it has no run of its own."""
    return [line for line in dump if '"table":"run"' not in line]


def test_a_failed_platform_stops_no_other_and_fails_the_run(later: Later) -> None:
    failed = later.runs["broken"]
    assert failed["state"] == "failed"
    assert failed["tasks"] == {
        "platforms": {"state": "success", "tries": 1},
        "patrol_platform demo_forum": {"state": "success", "tries": 1},
        "patrol_platform demo_tips": {"state": "failed", "tries": 3},
        "summary": {"state": "success", "tries": 1},
        "end_of_day": {"state": "failed", "tries": 1},
    }
    assert "1 个平台失败 failed：demo_tips" in failed["summary"]
    assert "| demo_forum | 正常 ok | 66 |" in failed["summary"]
    assert "demo_tips is not there" in failed["summary"]
    assert failed["days"] == [], "a day with a failed platform is not whole"
    listings = rows_of(later.broken.home / "adwatch.db", "select count(*) from listing")
    assert listings == [(len(standing("forum", 1)),)]


def test_one_platform_alone_makes_no_whole_day(later: Later) -> None:
    alone = later.runs["forum alone"]
    assert (alone["state"], alone["tasks"]["end_of_day"]["state"], alone["days"]) == ("success", "skipped", [])


def test_without_a_day_nothing_is_patrolled(later: Later) -> None:
    """Never "now"."""
    run = later.runs["no day"]
    assert (run["state"], run["days"]) == ("failed", [])
    days = rows_of(later.broken.home / "adwatch.db", "select distinct day from run")
    assert sorted(days) == [("2026-11-18",), ("2026-11-19",)]
