"""Forty platforms through Airflow on PostgreSQL: the scheduler or a worker is killed in the middle, and nothing is lost.

Each run is on a fresh office and must end in the dump of the one that nobody disturbed.
"""

from __future__ import annotations

import pytest

from tests.airflow.cluster import SLOTS, Cluster, Patrol, lines_of
from tests.airflow.world import GOODS, SHOPS

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]


def test_forty_platforms_are_patrolled_by_a_task_each(undisturbed: Patrol) -> None:
    assert (undisturbed.run["state"], undisturbed.run["run_type"]) == ("success", "scheduled")
    names = {f"patrol_platform small_{number:02}" for number in range(SHOPS)}
    assert undisturbed.tasks.keys() == names | {"platforms", "summary", "end_of_day"}
    assert (undisturbed.states, undisturbed.again) == ({"success"}, {})
    assert undisturbed.twice == {}
    assert len(lines_of(undisturbed.dump, "listing")) == SHOPS * GOODS
    assert len(lines_of(undisturbed.dump, "case")) > SHOPS


def test_the_scheduler_is_killed_in_the_middle_and_started_again(local: Cluster, undisturbed: Patrol) -> None:
    gate, shot = local.world.gate, {}

    def kill() -> None:
        local.held()
        below = local.live.below("scheduler")
        shot.update({name: pid for name, pid in local.patrolling().items() if pid in below})
        local.live.shoot("scheduler")
        gate.open()
        local.start_scheduler()

    gate.close()
    patrol = local.patrolled(kill)
    assert len(shot) == SLOTS, "all tasks died with the scheduler"
    assert (patrol.run["state"], patrol.states) == ("success", {"success"})
    assert patrol.dump == undisturbed.dump
    # only what was asked for and not yet answered when the process died is asked for again
    assert patrol.twice == {name: {local.world.shops[name].held: 2} for name in shot}


def test_a_worker_is_killed_in_the_middle_and_the_other_finishes(celery: Cluster, undisturbed: Patrol) -> None:
    gate, shot = celery.world.gate, {}

    def kill() -> None:
        celery.held()
        below = celery.live.below("worker-1")
        shot.update({name: pid for name, pid in celery.patrolling().items() if pid in below})
        celery.live.shoot("worker-1")
        celery.workers.remove("worker-1")
        gate.open()

    gate.close()
    patrol = celery.patrolled(kill)
    assert len(shot) == SLOTS // 2, "the worker had its share of the tasks"
    assert (patrol.run["state"], patrol.states) == ("success", {"success"})
    assert patrol.again == {f"patrol_platform {name}": 2 for name in shot}
    assert patrol.dump == undisturbed.dump
    assert patrol.twice == {name: {celery.world.shops[name].held: 2} for name in shot}
