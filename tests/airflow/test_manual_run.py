"""A run by hand for one platform and one day: through the REST API, and the form as the UI gets it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest

from tests.airflow.cluster import Cluster, Patrol
from tests.airflow.servers import not_tried
from tests.airflow.world import GOODS

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]
NAME = "small_07"


ACROSS = ("subject", "subject_mark")
"""Tables that tell of sellers on all platforms together."""


def of_platform(dump: list[str], name: str) -> list[str]:
    """Lines of a dump that tell of one platform."""
    rows = [(line, json.loads(line)) for line in within_platforms(dump)]
    ids = {row["listing_id"] for _, row in rows if row["table"] == "listing" and row["platform"] == name}
    return [
        line
        for line, row in rows
        if row.get("platform") == name or ids & {row.get("listing_id"), *row.get("listing_ids", ())}
    ]


def within_platforms(dump: list[str]) -> list[str]:
    """Lines of a dump without those that join platforms."""
    return [line for line in dump if json.loads(line)["table"] not in ACROSS]


def test_one_platform_and_one_day_by_the_rest_api(celery: Cluster, undisturbed: Patrol) -> None:
    celery.fresh()
    run_id = celery.live.trigger("daily_patrol", conf={"day": undisturbed.day, "platform": NAME})
    run = celery.live.finished("daily_patrol", run_id)
    tasks = celery.tasks("daily_patrol", run_id)
    assert run["state"] == "success"
    assert {name: task["state"] for name, task in tasks.items()} == {
        "platforms": "success",
        f"patrol_platform {NAME}": "success",
        "summary": "success",
        "end_of_day": "skipped",  # the other platforms have no result on the day
    }
    assert {name for name, shop in celery.world.shops.items() if shop.asked} == {NAME}
    dump = within_platforms(celery.airflow.dump())
    assert dump == of_platform(undisturbed.dump, NAME)
    assert len(dump) > 2 * GOODS


@pytest.mark.parametrize(
    ("conf", "told"),
    [
        ({"day": "2026-02-30"}, ["day", "2026-02-30", "is not a 'date'"]),
        ({"day": "gestern"}, ["day", "gestern", "is not a 'date'"]),
        ({"day": 20261120}, ["day", "20261120 is not of type"]),
        ({"day": "2026-11-20", "platform": "Small 07; --"}, ["platform", "does not match"]),
        ({"day": "2026-11-20", "platform": [NAME]}, ["platform", "is not of type"]),
    ],
)
def test_what_the_form_would_refuse_the_rest_api_refuses(
    installation: Cluster, undisturbed: Patrol, conf: dict[str, Any], told: list[str]
) -> None:
    before = len(installation.live.runs("daily_patrol"))
    status, detail = refused(installation, logical_date=None, conf=conf)
    assert status == 400
    for word in told:
        assert word in detail
    assert len(installation.live.runs("daily_patrol")) == before


def test_a_partition_key_that_is_no_day_is_refused(installation: Cluster, undisturbed: Patrol) -> None:
    status, detail = refused(installation, logical_date=None, partition_key="2026-W47", conf={})
    assert status == 400
    assert "2026-W47" in detail


def refused(installation: Cluster, **body: Any) -> tuple[int, str]:
    """Status and words with which a run is not begun."""
    live = installation.live
    headers = {"Authorization": f"Bearer {live.token}"}
    answer = live.pool.request("POST", f"{live.url}/api/v2/dags/daily_patrol/dagRuns", json=body, headers=headers)
    return answer.status, str(answer.json().get("detail"))


def test_an_unknown_platform_fails_at_once_and_is_named(celery: Cluster, undisturbed: Patrol) -> None:
    run_id = celery.live.trigger("daily_patrol", conf={"day": undisturbed.day, "platform": "small_99"})
    assert celery.live.finished("daily_patrol", run_id)["state"] == "failed"
    task = celery.tasks("daily_patrol", run_id)["platforms"]
    assert (task["state"], task["try_number"]) == ("failed", 1)
    log = celery.live.ask("GET", f"/api/v2/dags/daily_patrol/dagRuns/{run_id}/taskInstances/platforms/logs/1")
    assert "small_99: not an enabled platform" in json.dumps(log, ensure_ascii=False)


def test_the_form_has_a_schema_for_each_field(installation: Cluster, undisturbed: Patrol) -> None:
    """As the trigger form of the UI gets it."""
    params = installation.live.ask("GET", "/api/v2/dags/daily_patrol/details")["params"]
    assert params.keys() == {"day", "platform"}
    day, platform = params["day"], params["platform"]
    assert (day["value"], day["schema"]["type"], day["schema"]["format"]) == (None, ["null", "string"], "date")
    assert (platform["value"], platform["schema"]["type"]) == (None, ["null", "string"])
    assert (day["schema"]["title"], platform["schema"]["title"]) == ("日期", "平台")
    assert day["description"]
    assert platform["description"]


def test_one_platform_and_one_day_by_the_form_of_the_ui(celery: Cluster, undisturbed: Patrol) -> None:
    """A person fills it in, in a browser."""
    celery.fresh()
    live, before = celery.live, {run["dag_run_id"] for run in celery.live.runs("daily_patrol")}
    with browser_page() as page:
        page.goto(f"{live.url}/auth/token/login?next=/")
        page.goto(f"{live.url}/dags/daily_patrol")
        page.get_by_test_id("trigger-dag-button").first.click()
        page.locator("[name=element_day]").fill(undisturbed.day)
        page.locator("[name=element_platform]").fill(NAME)
        page.get_by_test_id("trigger-dag-submit").click()

        def begun() -> list[dict[str, Any]]:
            page.wait_for_timeout(200)
            return [run for run in live.runs("daily_patrol") if run["dag_run_id"] not in before]

        [run] = live.wait("the run of the form", begun)
    run = live.finished("daily_patrol", run["dag_run_id"])
    assert (run["state"], run["run_type"]) == ("success", "manual")
    assert run["conf"] == {"day": undisturbed.day, "platform": NAME}
    assert within_platforms(celery.airflow.dump()) == of_platform(undisturbed.dump, NAME)


@contextmanager
def browser_page() -> Iterator[Any]:
    """A page of the system's Chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        not_tried("no chromium (Debian: apt-get install chromium)")
    if find_spec("playwright") is None:
        not_tried("the extra [browser] is not installed")
    from playwright import sync_api as playwright

    with playwright.sync_playwright() as run:
        browser = run.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            page = browser.new_page(locale="zh-CN")
            page.set_default_timeout(240_000)
            yield page
        finally:
            browser.close()
