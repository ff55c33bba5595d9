"""Reclassify: everything stored is judged by the classifier in force, a mapped task for each platform and month.

Started by hand after new lists or a new model, so that the next patrol need not do it alone. The day, by which first
flags are counted, is the param ``day``, else the run's partition key; hits on older listings are marked as found late.
Cleared, retried or started again it goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import Param, PartitionedAtRuntime, TriggerRule, dag, get_current_context, task

Parts = Sequence[dict[str, Any]] | None
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


def alert(context: Any) -> None:
    from adwatch.app import alerts

    alerts.task_failed(context)


@dag(
    dag_id="reclassify",
    dag_display_name="重新判定 reclassify",
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
        "platform": Param(None, type=["null", "string"], title="平台", description="留空：全部"),
        "since": Param(
            None, type=["null", "string"], pattern=MONTH, title="自（月）", description="首见于此月及以后，如 2026-01"
        ),
        "until": Param(None, type=["null", "string"], pattern=MONTH, title="至（月）", description="首见于此月及以前"),
    },
    tags=["adwatch"],
    doc_md=__doc__,
)
def reclassify() -> None:
    """Judge the whole store anew, in parts."""

    @task
    def parts(*, params: Any = None, dag_run: Any = None) -> list[dict[str, Any]]:
        from adwatch.app import open_office, schedule, schedule_parts

        with open_office() as office:
            return schedule_parts.reclassify_parts(office, schedule.day_of(params, dag_run.partition_key), params)

    @task(map_index_template="{{ part_name }}", execution_timeout=timedelta(hours=6), max_active_tis_per_dagrun=4)
    def judge(part: dict[str, Any], *, params: Any = None, dag_run: Any = None) -> dict[str, Any]:
        from adwatch.app import open_office, schedule, schedule_parts

        get_current_context()["part_name"] = schedule_parts.name_of(part)  # type: ignore[typeddict-unknown-key]
        with open_office() as office:
            return schedule_parts.reclassify_part(office, schedule.day_of(params, dag_run.partition_key), part)

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def summary(named: Parts, done: Parts, *, params: Any = None, dag_run: Any = None) -> str:
        from adwatch.app import open_office, schedule, schedule_parts

        day = schedule.day_of(params, dag_run.partition_key)
        with open_office() as office:
            return schedule_parts.summary(office, f"{day} 重新判定", f"reclassify-{day}", named, done)

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0, execution_timeout=timedelta(hours=6))
    def end_of_reclassify(named: Parts, done: Parts, *, params: Any = None, dag_run: Any = None) -> dict[str, Any]:
        from adwatch.app import open_office, schedule, schedule_parts

        with open_office() as office:
            return schedule_parts.end_reclassify(office, schedule.day_of(params, dag_run.partition_key), named, done)

    named = parts()
    done = judge.expand(part=named)
    summary(named, done)
    end_of_reclassify(named, done)


reclassify()
