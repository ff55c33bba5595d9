"""The weekly list: exported once, when all seven days of the week (Monday to Sunday) are there.

The week is the param ``week`` (2026-W47), else the run's partition key (2026-11-16 (W47)). Run again it writes the same
files; only a list that was issued before the week was whole is issued anew.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import (
    Asset,
    Param,
    PartitionedAssetTimetable,
    RollupMapper,
    StartOfWeekMapper,
    WaitForAll,
    WeekWindow,
    dag,
    task,
)

ZONE = "Asia/Shanghai"
PATROL_DAY = Asset(name="adwatch_patrol_day", uri="x-adwatch://patrol/day", group="adwatch")
FORMATS = ["xlsx", "csv", "jsonl"]


def alert(context: Any) -> None:
    from adwatch.app import alerts

    alerts.task_failed(context)


@dag(
    dag_id="weekly_export",
    dag_display_name="每周清单 weekly_export",
    schedule=PartitionedAssetTimetable(
        assets=PATROL_DAY,
        default_partition_mapper=RollupMapper(
            upstream_mapper=StartOfWeekMapper(timezone=ZONE, input_format="%Y-%m-%d"),
            window=WeekWindow(),
            wait_policy=WaitForAll(),
        ),
    ),
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
        "week": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-W\d\d$",
            title="周",
            description="ISO 周，如 2026-W47；留空：运行的分区键",
        ),
        "formats": Param(
            ["xlsx"],
            type="array",
            items={"type": "string", "enum": FORMATS},
            examples=FORMATS,
            minItems=1,
            title="格式",
        ),
    },
    tags=["adwatch"],
    doc_md=__doc__,
)
def weekly_export() -> None:
    """Export a week's flagged listings."""

    @task
    def export(*, params: Any = None, dag_run: Any = None) -> dict[str, Any]:
        from adwatch.app import open_office, schedule

        with open_office() as office:
            return schedule.export_week(office, schedule.week_of(params, dag_run.partition_key), params["formats"])

    @task
    def summary(done: dict[str, Any]) -> str:
        from adwatch.app import open_office, schedule

        with open_office() as office:
            return schedule.week_summary(office, done)

    summary(export())


weekly_export()
