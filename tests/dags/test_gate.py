"""A running scheduler: a batch of takedown requests is asked for, rejected, approved; what fails is told to a webhook."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from adwatch.app import casework
from adwatch.store.engine import reading
from adwatch.store.takedowns import requests
from tests.app.keyword_world import Lists
from tests.dags.conftest import Airflow, with_metadata
from tests.dags.scheduler import Running, left_over, running

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.slow,
    pytest.mark.begun_first,
    pytest.mark.timeout(600),
    pytest.mark.skipif(find_spec("airflow") is None, reason="the airflow extra is not installed"),
]
OFFER = "特种作业包过，免考直接拿证，电话13800001234"
DAY = "2026-11-22"


def answered(live: Running, run_id: str, answer: str) -> dict[str, Any]:
    """The question of a run, once it was answered and the run has ended well.

    LocalExecutor loses an answer that comes before the scheduler has noted that the task waits; it is asked again then.
    """
    asked: dict[str, Any] = {}
    run = f"/api/v2/dags/send_takedowns/dagRuns/{run_id}"

    def ended() -> bool:
        for detail in live.ask("GET", f"{run}/hitlDetails?response_received=false")["hitl_details"]:
            if detail["task_instance"]["state"] != "awaiting_input":
                continue
            for _ in range(2):
                beat(live)
            path = f"{run}/taskInstances/approve_batch/-1/hitlDetails"
            live.ask("PATCH", path, chosen_options=[answer], params_input={})
            asked.update(detail)
        [state] = [each["state"] for each in live.runs("send_takedowns") if each["dag_run_id"] == run_id]
        assert state != "failed", live.log("scheduler")
        return bool(state == "success")

    live.wait(f"{answer} of {run_id}", ended)
    return asked


def beat(live: Running) -> None:
    """The scheduler has gone round once more."""

    def heard() -> str:
        return str(live.ask("GET", "/api/v2/monitor/health")["scheduler"]["latest_scheduler_heartbeat"])

    last = heard()
    live.wait("a heartbeat of the scheduler", lambda: heard() != last)


def known(live: Running) -> set[str]:
    """DAGs that have been read."""
    return {each["dag_id"] for each in live.ask("GET", "/api/v2/dags?limit=100")["dags"]}


def states(lists: Lists) -> list[tuple[str, str | None]]:
    with lists.office() as office, reading(office.engine) as connection:
        return [(row["state"], row["sent_by"]) for row in requests(connection)]


def tasks(live: Running, run_id: str) -> dict[str, str]:
    found = live.ask("GET", f"/api/v2/dags/send_takedowns/dagRuns/{run_id}/taskInstances")["task_instances"]
    return {task["task_id"]: task["state"] for task in found}


def test_a_person_is_asked_and_what_fails_is_told(metadata: Path, tmp_path: Path, httpserver: HTTPServer) -> None:
    lists = Lists(tmp_path)
    with_metadata(tmp_path / "home", metadata)
    lists.fill([OFFER])
    with lists.office() as office:
        [case] = casework.list_cases(office)
        casework.decide(office, [case["case_id"]], "confirm", "李建国", "测试局", "页面承诺免考")
    httpserver.expect_request("/hook").respond_with_json({"errcode": 0})
    own = {"ADWATCH_DEMO": "false", "ADWATCH_DATA": str(lists.data), "ADWATCH_TAKEDOWN_APPROVAL": "true"}
    more = {"ADWATCH_ALERT_WEBHOOK": httpserver.url_for("/hook"), "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1"}
    with running(Airflow(tmp_path / "home", {**own, **more})) as live:
        live.wait("the DAGs", lambda: {"daily_patrol", "send_takedowns"} <= known(live))
        failed = live.trigger("daily_patrol", partition_key=DAY, conf={})
        rejected = live.trigger("send_takedowns", conf={"by": "王芳"})
        asked = answered(live, rejected, "Reject")
        assert "致 plaza" in asked["body"]
        assert "13800001234" not in asked["body"]
        assert (asked["defaults"], asked["options"]) == (["Reject"], ["Approve", "Reject"])
        assert states(lists) == [("draft", None)]
        assert tasks(live, rejected) == {
            **dict.fromkeys(("batch", "gate", "approve_batch", "summary"), "success"),
            "send": "skipped",
        }
        approved = live.trigger("send_takedowns", conf={"by": "王芳"})
        answered(live, approved, "Approve")
        assert set(tasks(live, approved).values()) == {"success"}
        assert states(lists) == [("sent", "王芳")]
        assert live.finished("daily_patrol", failed)["state"] == "failed", "no platform is enabled"
        for _ in range(2):
            beat(live)
        processes, url = live.processes, live.url
    assert left_over(processes) == []
    [told] = [text for request, _ in httpserver.log if DAY in (text := request.json["text"]["content"])]
    assert told.splitlines()[:2] == ["【证巡】daily_patrol 失败：end_of_day", f"日期 {DAY}，第 1 次，StageError"]
    assert told.splitlines()[2].startswith(f"{url}/dags/daily_patrol/runs/")
