"""Full captures of what is due: leads when they are flagged, confirmed, sent and checked, four times a day.

Within the budgets of the day and of each host (capture_rules.csv); what a run leaves waits for the next. Where there is
no chromium each is recorded with that reason, the result says so and nothing fails. A capture has no day but now.
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
    dag_id="capture_pages",
    dag_display_name="网页取证 capture_pages",
    schedule=CronPartitionTimetable("50 8,11,15,18 * * *", timezone=ZONE, key_format="%Y-%m-%dT%H"),
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
def capture_pages() -> None:
    """Capture the pages that are due."""

    @task(execution_timeout=timedelta(hours=3))
    def capture() -> dict[str, Any]:
        from adwatch.app import capture_schedule, open_office

        with open_office() as office:
            return capture_schedule.capture_pages(office)

    capture()


capture_pages()
