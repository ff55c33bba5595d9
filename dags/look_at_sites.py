"""The day's looks at sites that may imitate an official look-up: new ones, doubtful ones, confirmed ones until gone.

After the patrol and the pictures of the day, which find them. Within the day's budget (``per_day`` of site_rules.csv);
where there is no chromium the pages are looked at plain and the result says so. A look has no day but today.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import CronPartitionTimetable, dag, task

ZONE = "Asia/Shanghai"


def alert(context: Any) -> None:
    from adwatch.app import alerts

    alerts.task_failed(context)


@dag(
    dag_id="look_at_sites",
    dag_display_name="仿冒网站查看 look_at_sites",
    schedule=CronPartitionTimetable("30 13 * * *", timezone=ZONE, key_format="%Y-%m-%d"),
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
    tags=["adwatch"],
    doc_md=__doc__,
)
def look_at_sites() -> None:
    """Look at the sites that are due."""

    @task(execution_timeout=timedelta(hours=4))
    def look() -> dict[str, Any]:
        from adwatch.app import open_office, site_schedule

        with open_office() as office:
            return site_schedule.look_at_sites(office)

    look()


look_at_sites()
