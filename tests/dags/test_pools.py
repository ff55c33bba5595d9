"""The daily patrol where hosts have pools: a mapped task for each, in its pool, beside that for all other platforms."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.dags.conftest import ROOT, Airflow

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("airflow") is None, reason="the airflow extra is not installed"),
]
LOOK = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
dag = bag.dags["daily_patrol"]
print("FOUND", json.dumps({
    "errors": bag.import_errors,
    "pools": {task.task_id: task.pool for task in dag.tasks if task.is_mapped},
    "after": {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks},
}))
"""


def test_a_host_with_a_pool_has_a_mapped_task_of_its_own(tmp_path: Path) -> None:
    airflow = Airflow(tmp_path)
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "adwatch-pools.json").write_text('{"host-forum.example-8080": {"slots": 2}}')
    done = airflow.run("-c", LOOK, str(ROOT / "dags" / "daily_patrol.py"))
    lines = [line for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    assert lines, done.stderr + done.stdout
    found = json.loads(lines[-1].removeprefix("FOUND "))
    assert found["errors"] == {}
    own = "patrol_host-forum.example-8080"
    assert found["pools"] == {"patrol_platform": "default_pool", own: "host-forum.example-8080"}
    assert found["after"]["of_host-forum.example-8080"] == ["platforms"]
    assert {own, "patrol_platform", "platforms"} == set(found["after"]["summary"]) == set(found["after"]["end_of_day"])
