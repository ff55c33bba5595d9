"""The daily patrol: one mapped task a platform, then a summary that fails the run when a platform failed.

The day is the param ``day``, else the run's partition key (a day in the office's time zone), else an error.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import CronPartitionTimetable, Param, TriggerRule, dag, get_current_context, task

ZONE = "Asia/Shanghai"


def day_of_run() -> str:
    """The patrol day of this run; never "now"."""
    context = get_current_context()
    day = context["params"].get("day") or context["dag_run"].partition_key
    if not day:
        raise ValueError("no day: give the param day (YYYY-MM-DD) or start the run with a partition key")
    return str(day)


@dag(
    dag_id="daily_patrol",
    schedule=CronPartitionTimetable("10 6 * * *", timezone=ZONE, key_format="%Y-%m-%d"),
    start_date=pendulum.datetime(2026, 11, 1, tz=ZONE),
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
    },
    params={
        "day": Param(None, type=["null", "string"], format="date", title="日期", description="YYYY-MM-DD"),
        "platform": Param(None, type=["null", "string"], title="平台", description="留空：全部启用的平台"),
    },
    tags=["adwatch"],
    doc_md=__doc__,
)
def daily_patrol() -> None:
    """Patrol every enabled platform once."""

    @task
    def platforms() -> list[str]:
        from adwatch.app import open_office, patrol

        wanted = get_current_context()["params"].get("platform")
        with open_office() as office:
            return patrol.platform_names(office, [wanted] if wanted else None)

    @task(map_index_template="{{ platform_name }}", execution_timeout=timedelta(hours=6))
    def patrol_platform(platform: str) -> dict[str, Any]:
        from adwatch.app import open_office, patrol

        get_current_context()["platform_name"] = platform  # type: ignore[typeddict-unknown-key]
        with open_office() as office:
            return patrol.patrol_platform(office, day_of_run(), platform).as_dict()

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0)
    def summary() -> str:
        from adwatch.app import open_office, patrol

        with open_office() as office:
            return patrol.summary(office, day_of_run())

    patrol_platform.expand(platform=platforms()) >> summary()


daily_patrol()
