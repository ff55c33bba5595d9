"""The pictures of the day: what listings' pictures say, read within the day's budgets; verdicts follow.

The day is the param ``day``, else the run's partition key. Where the reader of pictures (the extra ``ocr``) is not
installed the task is skipped and says so.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import CronPartitionTimetable, Param, dag, task
from airflow.sdk.exceptions import AirflowSkipException

ZONE = "Asia/Shanghai"


def alert(context: Any) -> None:
    from adwatch.app import alerts

    alerts.task_failed(context)


@dag(
    dag_id="read_pictures",
    dag_display_name="图片识读 read_pictures",
    schedule=CronPartitionTimetable("20 11 * * *", timezone=ZONE, key_format="%Y-%m-%d"),
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
def read_pictures() -> None:
    """Read the pictures that wait."""

    @task(execution_timeout=timedelta(hours=6))
    def read(*, params: Any = None, dag_run: Any = None) -> dict[str, Any]:
        from adwatch.app import open_office, pictures, schedule

        with open_office() as office:
            day = schedule.day_of(params, dag_run.partition_key)
            if why := pictures.lacking():
                raise AirflowSkipException(f"pictures are not read: {why}")
            return pictures.as_row(day, pictures.read_pictures(office, day))

    read()


read_pictures()
