"""The DAGs load without an error, whatever the working folder, and have the graph, schedule and limits that we mean."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import pytest

from tests.dags.conftest import ROOT, Airflow

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("airflow") is None, reason="the airflow extra is not installed"),
]

DAGS = {
    *("daily_patrol", "weekly_export", "recheck_takedowns", "backfill"),
    *("reclassify", "retrohunt", "send_takedowns", "read_pictures", "look_at_sites", "capture_pages"),
}
LOOK = """
import json, os, sys
os.chdir("/")
before = set(sys.modules)
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
found = {}
for name, dag in bag.dags.items():
    found[name] = {
        "graph": {t.task_id: sorted(t.downstream_task_ids) for t in dag.tasks},
        "mapped": sorted(t.task_id for t in dag.tasks if t.is_mapped),
        "rules": {t.task_id: t.trigger_rule.value for t in dag.tasks if t.trigger_rule.value != "all_success"},
        "retries": {t.task_id: t.retries for t in dag.tasks},
        "asks": {
            t.task_id: [*t.defaults, t.response_timeout.seconds] for t in dag.tasks if hasattr(t, "response_timeout")
        },
        "wordy": dag.default_args.get("show_return_value_in_logs", True),
        "silent": [t.task_id for t in dag.tasks if not t.on_failure_callback],
        "late": bool(dag.dagrun_timeout) == bool(dag.on_failure_callback),
        "unlimited": [t.task_id for t in dag.tasks if t.execution_timeout is None],
        "outlets": {t.task_id: [o.name for o in t.outlets] for t in dag.tasks if t.outlets},
        "timetable": type(dag.timetable).__name__,
        "cron": getattr(dag.timetable, "expression", None) or getattr(dag.timetable, "_expression", None),
        "zone": str(getattr(dag.timetable, "timezone", None) or getattr(dag.timetable, "_timezone", None)),
        "catchup": dag.catchup,
        "active": dag.max_active_runs,
        "form": {k: sorted(v.schema) for k, v in ((k, dag.params.get_param(k)) for k in dag.params)},
    }
ours = [m for m in sys.modules if m.split(".")[0] in ("adwatch", "collectors", "classifiers")]
print("FOUND", json.dumps({"errors": bag.import_errors, "dags": found, "ours": ours}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = Airflow(tmp_path_factory.mktemp("graph")).run("-c", LOOK, str(ROOT / "dags"), AIRFLOW__CORE__DAGS_FOLDER="/")
    lines = [line for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    assert lines, done.stderr + done.stdout
    answer: dict[str, Any] = json.loads(lines[-1].removeprefix("FOUND "))
    return answer


def test_all_load_and_import_nothing_of_ours_before_a_task_runs(found: dict[str, Any]) -> None:
    assert found["errors"] == {}
    assert found["dags"].keys() == DAGS
    assert {file.stem for file in (ROOT / "dags").glob("*.py")} - {"__init__"} == found["dags"].keys()
    assert found["ours"] == []


def test_graphs(found: dict[str, Any]) -> None:
    graphs = {name: dag["graph"] for name, dag in found["dags"].items()}
    assert graphs == {
        "daily_patrol": {
            "platforms": ["end_of_day", "patrol_platform", "summary"],
            "patrol_platform": ["end_of_day", "summary"],
            "summary": [],
            "end_of_day": [],
        },
        "weekly_export": {"export": ["summary"], "summary": []},
        "recheck_takedowns": {"verify": ["summary"], "summary": []},
        "read_pictures": {"read": []},
        "look_at_sites": {"look": []},
        "capture_pages": {"capture": []},
        "backfill": {
            "days": ["end_of_backfill", "rebuild", "summary"],
            "rebuild": ["end_of_backfill", "summary"],
            "summary": [],
            "end_of_backfill": [],
        },
        "reclassify": {
            "parts": ["end_of_reclassify", "judge", "summary"],
            "judge": ["end_of_reclassify", "summary"],
            "summary": [],
            "end_of_reclassify": [],
        },
        "retrohunt": {
            "parts": ["end_of_hunt", "hunt", "summary"],
            "hunt": ["end_of_hunt", "summary"],
            "summary": [],
            "end_of_hunt": [],
        },
        "send_takedowns": {
            "batch": ["gate", "send", "summary"],
            "gate": ["approve_batch", "send"],
            "approve_batch": ["send"],
            "send": ["summary"],
            "summary": [],
        },
    }
    mapped = {name: dag["mapped"] for name, dag in found["dags"].items() if dag["mapped"]}
    assert mapped == {
        "daily_patrol": ["patrol_platform"],
        "backfill": ["rebuild"],
        "reclassify": ["judge"],
        "retrohunt": ["hunt"],
    }


def test_a_failed_platform_stops_no_other_and_the_end_is_always_reached(found: dict[str, Any]) -> None:
    patrol, backfill = found["dags"]["daily_patrol"], found["dags"]["backfill"]
    assert patrol["rules"] == {"summary": "all_done", "end_of_day": "all_done"}
    assert backfill["rules"] == {"summary": "all_done", "end_of_backfill": "all_done"}
    assert patrol["outlets"] == {"end_of_day": ["adwatch_patrol_day"]}
    assert backfill["outlets"] == {"end_of_backfill": ["adwatch_patrol_day"]}


def test_every_task_has_tries_and_a_time_limit(found: dict[str, Any]) -> None:
    for dag in found["dags"].values():
        assert dag["unlimited"] == []
        assert dag["catchup"] is False
        assert dag["active"] == 1
        few = {name for name, retries in dag["retries"].items() if retries < 2}
        assert few <= {"end_of_day", "end_of_backfill", "end_of_reclassify", "end_of_hunt"}, (
            "these only say what has failed before"
        )


def test_every_task_that_fails_for_good_is_told_and_a_run_that_takes_too_long(found: dict[str, Any]) -> None:
    assert {name: dag["silent"] for name, dag in found["dags"].items() if dag["silent"]} == {}
    assert [name for name, dag in found["dags"].items() if not dag["late"]] == []


def test_no_log_repeats_what_a_task_gives(found: dict[str, Any]) -> None:
    """A batch's titles and a summary stand in the result, once."""
    assert [name for name, dag in found["dags"].items() if dag["wordy"]] == []


def test_nobody_is_asked_by_a_dag_that_runs_every_day(found: dict[str, Any]) -> None:
    """A run that waits for an answer lets no other run of its DAG begin."""
    asking = {name: dag["asks"] for name, dag in found["dags"].items() if dag["asks"]}
    assert asking == {"send_takedowns": {"approve_batch": ["Reject", 72000]}}


def test_schedules_count_days_in_shanghai(found: dict[str, Any]) -> None:
    shown = {name: (dag["timetable"], dag["cron"], dag["zone"]) for name, dag in found["dags"].items()}
    assert shown["daily_patrol"] == ("CronPartitionTimetable", "10 6 * * *", "Asia/Shanghai")
    assert shown["recheck_takedowns"] == ("CronPartitionTimetable", "40 14 * * *", "Asia/Shanghai")
    assert shown["look_at_sites"] == ("CronPartitionTimetable", "30 13 * * *", "Asia/Shanghai")
    assert shown["capture_pages"] == ("CronPartitionTimetable", "50 8,11,15,18 * * *", "Asia/Shanghai")
    assert shown["weekly_export"][0] == "PartitionedAssetTimetable"
    assert shown["backfill"][0] == "PartitionedAtRuntime"


def test_forms_have_titles(found: dict[str, Any]) -> None:
    forms = {name: dag["form"] for name, dag in found["dags"].items()}
    assert {name: sorted(form) for name, form in forms.items()} == {
        "daily_patrol": ["day", "platform"],
        "weekly_export": ["formats", "week"],
        "recheck_takedowns": ["day"],
        "read_pictures": ["day"],
        "look_at_sites": [],
        "capture_pages": [],
        "backfill": ["day", "until"],
        "reclassify": ["day", "platform", "since", "until"],
        "retrohunt": ["day", "kind", "speaks_for", "weight", "what"],
        "send_takedowns": ["approval", "by"],
    }
    for form in forms.values():
        for schema in form.values():
            assert {"title", "type"} <= set(schema)
