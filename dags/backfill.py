"""Backfill: rebuilds past days from the archive, without the network; started by hand only.

The day is the param ``day``, else the run's partition key; with ``until`` all days from the one to the other. A day of
which every enabled platform that is fetched lies in the archive is told as a partition of ``adwatch_patrol_day``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import Asset, Param, PartitionedAtRuntime, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

PATROL_DAY = Asset(name="adwatch_patrol_day", uri="x-adwatch://patrol/day", group="adwatch")
Rows = Sequence[dict[str, Any]] | None
Names = Sequence[str] | None


def alert(context: Any) -> None:
    from adwatch.app import alerts

    alerts.task_failed(context)


@dag(
    dag_id="backfill",
    dag_display_name="由存档重建 backfill",
    schedule=PartitionedAtRuntime(),
    start_date=pendulum.datetime(2026, 11, 1, tz="Asia/Shanghai"),
    max_active_runs=1,
    default_args={
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
        "execution_timeout": timedelta(minutes=30),
        "on_failure_callback": alert,
        "show_return_value_in_logs": False,
    },
    params={
        "day": Param(
            None, type=["null", "string"], format="date", title="日期", description="YYYY-MM-DD；留空：运行的分区键"
        ),
        "until": Param(
            None, type=["null", "string"], format="date", title="至", description="YYYY-MM-DD；留空：只此一日"
        ),
    },
    tags=["adwatch"],
    doc_md=__doc__,
)
def backfill() -> None:
    """Rebuild days from the archive."""

    @task
    def days(*, params: Any = None, dag_run: Any = None) -> list[str]:
        from adwatch.app import schedule

        return schedule.days_between(schedule.day_of(params, dag_run.partition_key), params["until"])

    # one after another, in the order of the days: what is known of a listing grows with them
    @task(map_index_template="{{ day_name }}", execution_timeout=timedelta(hours=6), max_active_tis_per_dagrun=1)
    def rebuild(day: str) -> dict[str, Any]:
        from adwatch.app import open_office, schedule

        get_current_context()["day_name"] = day  # type: ignore[typeddict-unknown-key]
        with open_office() as office:
            return schedule.rebuild_day(office, day)

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def summary(names: Names, done: Rows) -> str:
        from adwatch.app import open_office, schedule

        with open_office() as office:
            return schedule.rebuild_summary(office, names, done)

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0, outlets=[PATROL_DAY])
    def end_of_backfill(names: Names, done: Rows, *, outlet_events: Any = None) -> list[str]:
        from adwatch.app import schedule

        whole = schedule.end_rebuild(names, done)
        if not whole:
            raise AirflowSkipException("no day is whole: of an enabled platform nothing is archived")
        outlet_events[PATROL_DAY].add_partitions(whole)
        return whole

    names = days()
    done = rebuild.expand(day=names)
    summary(names, done)
    end_of_backfill(names, done)


backfill()
