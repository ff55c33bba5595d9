"""Three simulated days as a user has them: the command in a process of its own, the sites in another."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adwatch_demo import SERVED, SITES
from adwatch_demo.table_truth import offers_among, removed_on
from adwatch_demo.world import expected, standing, truth_on
from tests.ports import free_row
from tests.processes import run_command

pytestmark = [pytest.mark.slow, pytest.mark.begun_first]
Days = tuple[Path, dict[int, tuple[dict[str, Any], dict[str, Any]]]]
LETTER_TO = "market"
TABLE = "monthly_2"
MOODS = {1: "blocked", 2: "layout_changed", 3: "unreachable"}


def demo(home: Path, *arguments: str, port: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
    own = {"ADWATCH_HOME": str(home), "ADWATCH_DEMO_URL": f"http://127.0.0.1:{port}"}
    done = run_command(["demo", *arguments], {**clean, **own, **more})
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def told(done: subprocess.CompletedProcess[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Rows of the platforms by name, and the outcome of the day."""
    assert done.returncode == 0, done.stderr + done.stdout
    *rows, outcome = (json.loads(line) for line in done.stdout.splitlines())
    return {row["platform"]: row for row in rows}, outcome


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    """Home, and what was told of each of four days."""
    home = tmp_path_factory.mktemp("demo") / "home"
    with free_row(len(SERVED)) as port:  # the same addresses every day: what is known of a page counts
        found = {1: told(demo(home, "--no-airflow", "--json", port=port))}
        _send_a_letter(home)
        found |= {number: told(demo(home, "--no-airflow", "--json", port=port)) for number in (2, 3, 4)}
    yield home, found


def _send_a_letter(home: Path) -> None:
    """Six confirmed listings of a site, two of which vanish on the second day."""
    stay = {row["id"] for row in standing(LETTER_TO, 2)}
    cases = [json.loads(line) for line in _adwatch(home, "review", "list", "--limit", "500", "--json").splitlines()]
    mine = [row for row in cases if row["platform"] == SITES[LETTER_TO]]
    gone = [row for row in mine if row["native_id"] not in stay][:2]
    chosen = [*gone, *[row for row in mine if row["native_id"] in stay][:4]]
    assert len(gone) == 2
    decided = ("--by", "李四", "--unit", "某局", "--reason", "看过")
    _adwatch(home, "review", "confirm", *(str(row["case_id"]) for row in chosen), *decided)
    [request] = _adwatch(home, "takedown", "draft", "--json").splitlines()
    _adwatch(home, "takedown", "mark-sent", json.loads(request)["number"], "--by", "王五")


def _adwatch(home: Path, *arguments: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
    done = run_command(arguments, {**clean, "ADWATCH_HOME": str(home)})
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_every_site_is_seen_as_it_stands(days: Days, number: int) -> None:
    rows, outcome = days[1][number]
    assert (outcome["number"], outcome["through"]) == (number, "adwatch patrol")
    assert rows.keys() == set(SITES.values())
    for site, platform in SITES.items():
        there = {row["id"] for row in standing(site, number)}
        ought = expected(site, number)
        one = outcome["score"]["sites"][site]
        assert (one["served"], one["extracted"]) == (len(there), len(there - ought.hidden)), site
        assert rows[platform]["seen"] == len(there - ought.hidden), site
        assert rows[platform]["outcome"] == one["outcome"] == ought.outcome, site
    assert outcome["score"]["complete"]


def test_the_next_day_looks_whether_the_listings_of_a_letter_are_gone(days: Days) -> None:
    assert days[1][1][1]["checks"] == {}, "nothing was sent before the first day"
    checks = days[1][2][1]["checks"]
    assert checks["gone"] == 2
    assert checks["gone"] + checks.get("up", 0) + checks.get("changed", 0) == 6


@pytest.mark.parametrize("number", [2, 3])
def test_changes_relists_and_vanished_ones_are_noticed(days: Days, number: int) -> None:
    _, outcome = days[1][number]
    for name, least in (("changed", 7), ("relisted", 4), ("vanished", 10)):
        one = outcome["score"][name]
        assert one["noticed"] == one["total"] >= least, name


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_moody_shop_is_called_what_it_is(days: Days, number: int) -> None:
    rows, outcome = days[1][number]
    mine = rows[SITES["moody"]]
    assert mine["outcome"] == MOODS[number]
    assert set(mine["outcomes"]) - {"ok"} == expected("moody", number).words
    assert outcome["score"]["sites"]["moody"]["as_expected"]
    others = {row["outcome"] for name, row in rows.items() if name != SITES["moody"]}
    assert others == {"ok"}


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_classifier_does_better_than_the_lists_alone(days: Days, number: int) -> None:
    total = days[1][number][1]["score"]["total"]
    assert total["ours"]["offers"] >= 80
    for name in ("precision", "recall"):
        assert total["keyword_only"][name] < total["ours"][name] <= 1.0


def test_a_day_after_another(days: Days) -> None:
    dates = [outcome["day"] for _, outcome in days[1].values()]
    assert dates == sorted(set(dates))
    assert days[1][4][0][SITES["tips"]]["outcome"] == "empty"


def test_the_last_day_is_scored_again_without_a_patrol(days: Days) -> None:
    home, by_number = days
    before = sorted(path.name for path in (home / "archive").rglob("*.warc*"))
    rows, outcome = told(demo(home, "--score", "--json"))
    assert (outcome["number"], outcome["through"]) == (4, None)
    assert outcome["score"] == by_number[4][1]["score"]
    assert rows.keys() == set(SITES.values())
    assert sorted(path.name for path in (home / "archive").rglob("*.warc*")) == before
    shown = demo(home, "--score").stdout
    for word in ("served", "extracted", "demo_moody", "zero_width", "误报 wrong"):
        assert word in shown


@pytest.mark.parametrize("day", ["3", "0", "tomorrow", "-1", "²"])
def test_a_day_that_cannot_be_patrolled(days: Days, day: str) -> None:
    done = demo(days[0], "--no-airflow", f"--day={day}")
    assert done.returncode == 2
    assert "next" in done.stderr and "Traceback" not in done.stderr


def test_nothing_to_score_yet(tmp_path: Path) -> None:
    done = demo(tmp_path, "--score")
    assert done.returncode == 2
    assert "adwatch demo first" in done.stderr


def _rows(home: Path, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _adwatch(home, *arguments, "--json").splitlines()]


def _behind(home: Path, column: str, months: set[str], names: dict[int, str]) -> dict[str, set[str]]:
    """Month → native ids behind a cell."""
    return {
        month: {names[row["case_id"]] for row in _rows(home, "report", "show", TABLE, month, "--cell", column)}
        for month in months
    }


def test_the_table_says_what_the_truth_says(days: Days) -> None:
    home, outcomes = days
    dates = {number: outcome["day"] for number, (_, outcome) in outcomes.items()}
    cases = [row for row in _rows(home, "review", "list", "--limit", "900") if row["platform"] == SITES[LETTER_TO]]
    names = {row["case_id"]: row["native_id"] for row in cases}
    asked = {row["native_id"] for row in cases if row["state"] in ("confirmed", "closed")}
    assert len(asked) == 6
    truth = offers_among(names.values(), 4)
    chosen = [str(row["case_id"]) for row in cases if row["native_id"] in truth and row["native_id"] not in asked]
    _adwatch(home, "review", "confirm", *chosen, "--by", "李四", "--unit", "某局", "--reason", "看过")
    confirmed = asked | truth
    today = date.today()  # noqa: DTZ011 - the decisions were made just now
    months = {(today + timedelta(shift)).isoformat()[:7] for shift in (-1, 0, 1)} | {day[:7] for day in dates.values()}

    found = _behind(home, "found", months, names)
    assert set().union(*found.values()) == confirmed
    fakes = _behind(home, "fake_sites", months, names)
    assert set().union(*fakes.values()) == set(), "who sells such sites is a lead; a site is counted once it is confirmed"

    removed: dict[str, set[str]] = {month: set() for month in months}
    for one, number in removed_on(asked, (2, 3, 4), "safety_production").items():
        removed[dates[number][:7]].add(one)
    assert _behind(home, "removed", months, names) == removed
    assert sum(map(len, removed.values())) >= 2, "the letter names two that vanish"
    assert all(truth_on(4)[one]["scope"] == "safety_production" for each in removed.values() for one in each)
    for month in months:
        [table] = _rows(home, "report", "show", TABLE, month)
        own = table["own"][table["own_department"]]
        assert (own["found"]["value"], own["removed"]["value"]) == (len(found[month]), len(removed[month]))


@pytest.mark.timeout(600)
def test_a_kill_on_each_day_changes_no_figure(days: Days, tmp_path: Path) -> None:
    points = {1: "collect.before_request@150", 2: "extract.after_commit@3", 3: "archive.half_record@40"}
    for number, point in points.items():
        killed = demo(tmp_path, "--no-airflow", ADWATCH_FAILPOINT=point)
        assert killed.returncode == 3, killed.stderr + killed.stdout
        assert "ended with -9" in killed.stderr
        _, outcome = told(demo(tmp_path, "--no-airflow", "--json"))
        assert outcome["number"] == number
        assert outcome["score"] == days[1][number][1]["score"]
