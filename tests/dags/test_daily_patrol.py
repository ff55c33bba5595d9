"""The daily DAG: it loads, has the graph we mean, and patrols the demo through Airflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from adwatch_demo import SITES
from adwatch_demo.world import expected, standing

ROOT = Path(__file__).parent.parent.parent
pytestmark = [
    pytest.mark.airflow,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("airflow") is None, reason="the airflow extra is not installed"),
]

GRAPH = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag("dags")
graph = {d: {t.task_id: sorted(t.downstream_task_ids) for t in dag.tasks} for d, dag in bag.dags.items()}
print("GRAPH", json.dumps({"errors": bag.import_errors, "graph": graph}))
"""


def environment(home: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ADWATCH_", "AIRFLOW"))}
    own = {"ADWATCH_HOME": str(home), "AIRFLOW_HOME": str(home / "airflow"), "ADWATCH_DEMO_URL": "http://127.0.0.1:0"}
    return {**clean, **own, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}


def test_dags_load_and_have_their_graph(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", GRAPH], cwd=ROOT, env=environment(tmp_path), capture_output=True, check=False, text=True
    )
    [line] = [line for line in done.stdout.splitlines() if line.startswith("GRAPH ")]
    found: dict[str, Any] = json.loads(line.removeprefix("GRAPH "))
    assert found["errors"] == {}
    assert found["graph"]["daily_patrol"] == {
        "platforms": ["patrol_platform"],
        "patrol_platform": ["summary"],
        "summary": [],
    }


def demo(home: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Rows of the platforms by name, and the outcome of the next simulated day."""
    done = subprocess.run(
        [sys.executable, "-m", "adwatch", "demo", "--json"],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        check=False,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    *rows, outcome = (json.loads(line) for line in done.stdout.splitlines())
    return {row["platform"]: row for row in rows}, outcome


@pytest.mark.timeout(600)
def test_two_simulated_days_through_airflow(tmp_path: Path) -> None:
    rows, first = demo(tmp_path)
    assert (first["number"], first["through"], first["score"]["complete"]) == (1, "Airflow", True)
    assert rows.keys() == set(SITES.values())
    assert {name: row["outcome"] for name, row in rows.items()} == {
        name: expected(site, 1).outcome for site, name in SITES.items()
    }
    total = first["score"]["total"]
    assert total["ours"]["recall"] > total["keyword_only"]["recall"]
    assert total["ours"]["precision"] > total["keyword_only"]["precision"]
    rows, second = demo(tmp_path)
    assert (second["number"], second["score"]["complete"]) == (2, True)
    assert second["day"] > first["day"]
    new = {row["id"] for site in SITES for row in standing(site, 2) if row["appears"] == 2}
    assert sum(row["new"] for row in rows.values()) == len(new - expected("moody", 2).hidden)
