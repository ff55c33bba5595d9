"""The daily re-check: fetches the listings of all sent takedown requests again, also those that were gone before.

The day is the param ``day``, else the run's partition key. A block page or an outage is ``unknown``, never ``gone``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import CronPartitionTimetable, Param, dag, task

ZONE = "Asia/Shanghai"


def alert(context: Any) -> None:
    from adwatch.app import alerts

    alerts.task_failed(context)


@dag(
    dag_id="recheck_takedowns",
    dag_display_name="下架核验 recheck_takedowns",
    schedule=CronPartitionTimetable("40 14 * * *", timezone=ZONE, key_format="%Y-%m-%d"),
    start_date=pendulum.datetime(2026, 11, 1, tz=ZONE),
    catchup=False,
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
    },
    tags=["adwatch"],
    doc_md=__doc__,
)
def recheck_takedowns() -> None:
    """Look again whether what was asked to be taken down is gone."""

    @task(execution_timeout=timedelta(hours=6))
    def verify(*, params: Any = None, dag_run: Any = None) -> dict[str, Any]:
        from adwatch.app import open_office, schedule

        with open_office() as office:
            return schedule.recheck(office, schedule.day_of(params, dag_run.partition_key))

    @task
    def summary(done: dict[str, Any]) -> str:
        from adwatch.app import open_office, schedule

        with open_office() as office:
            return schedule.recheck_summary(office, done)

    summary(verify())


recheck_takedowns()
