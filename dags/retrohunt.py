"""Retro-hunt: a new word, or a list's new version, in everything stored, a mapped task for each platform and month.

The search index says where it may stand, and only that is judged; new hits open cases marked as found late. The day is
the param ``day``, else the run's partition key. Cleared, retried or started again it goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import Param, PartitionedAtRuntime, TriggerRule, dag, get_current_context, task

Parts = Sequence[dict[str, Any]] | None


def alert(context: Any) -> None:
    from adwatch.app import alerts

    alerts.task_failed(context)


@dag(
    dag_id="retrohunt",
    dag_display_name="回溯 retrohunt",
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
        "what": Param(
            "",
            type="string",
            minLength=1,
            title="词",
            description="要回溯的词；或词表的文件名（.txt，在 keywords/ 内）",
        ),
        "kind": Param("promise", type="string", title="词的作用", description="见 keywords/README.md，如 promise"),
        "weight": Param(3, type="integer", minimum=1, maximum=3, title="权重", description="3：单凭它就够"),
        "speaks_for": Param(
            None, type=["null", "string"], title="所指", description="违法类型或证书类别的代码；留空：不限"
        ),
        "day": Param(
            None, type=["null", "string"], format="date", title="日期", description="YYYY-MM-DD；留空：运行的分区键"
        ),
    },
    tags=["adwatch"],
    doc_md=__doc__,
)
def retrohunt() -> None:
    """Hunt a word through the whole store, in parts."""

    @task
    def parts(*, params: Any = None, dag_run: Any = None) -> list[dict[str, Any]]:
        from adwatch.app import open_office, schedule, schedule_parts

        with open_office() as office:
            return schedule_parts.hunt_parts(office, schedule.day_of(params, dag_run.partition_key), params)

    @task(map_index_template="{{ part_name }}", execution_timeout=timedelta(hours=6), max_active_tis_per_dagrun=4)
    def hunt(part: dict[str, Any], *, params: Any = None, dag_run: Any = None) -> dict[str, Any]:
        from adwatch.app import open_office, schedule, schedule_parts

        get_current_context()["part_name"] = schedule_parts.name_of(part)  # type: ignore[typeddict-unknown-key]
        with open_office() as office:
            return schedule_parts.hunt_part(office, schedule.day_of(params, dag_run.partition_key), params, part)

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def summary(named: Parts, done: Parts, *, params: Any = None, dag_run: Any = None) -> str:
        from adwatch.app import open_office, schedule, schedule_parts

        day = schedule.day_of(params, dag_run.partition_key)
        with open_office() as office:
            return schedule_parts.summary(office, f"{day} 回溯 {params['what']}", f"retrohunt-{day}", named, done)

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0, execution_timeout=timedelta(hours=6))
    def end_of_hunt(named: Parts, done: Parts, *, params: Any = None, dag_run: Any = None) -> dict[str, Any]:
        from adwatch.app import open_office, schedule, schedule_parts

        with open_office() as office:
            return schedule_parts.end_hunt(office, schedule.day_of(params, dag_run.partition_key), named, done)

    named = parts()
    done = hunt.expand(part=named)
    summary(named, done)
    end_of_hunt(named, done)


retrohunt()
