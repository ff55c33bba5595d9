"""Takedown requests: drafts what is due, shows the batch, asks a person where that is switched on, marks it as sent.

Started by hand. Asking is off by default: the param ``approval``, else ADWATCH_TAKEDOWN_APPROVAL. Who is asked has 20
hours; without an answer, or after "Reject", nothing is sent and all stays drafted. It is a DAG of its own, since a run
that waits for an answer lets no other run of its DAG begin.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param, TriggerRule, dag, task


def alert(context: Any) -> None:
    from adwatch.app import alerts

    alerts.task_failed(context)


@dag(
    dag_id="send_takedowns",
    dag_display_name="发出下架函 send_takedowns",
    schedule=None,
    start_date=pendulum.datetime(2026, 11, 1, tz="Asia/Shanghai"),
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
        "by": Param(
            None, type=["null", "string"], title="发函人", description="记录为谁发出；须批准时可留空：记批准人"
        ),
        "approval": Param(
            None, type=["null", "boolean"], title="先经批准", description="留空：按 ADWATCH_TAKEDOWN_APPROVAL（默认否）"
        ),
    },
    tags=["adwatch"],
    doc_md=__doc__,
)
def send_takedowns() -> None:
    """Send the drafted requests, asked for or not."""

    @task
    def batch(*, params: Any = None) -> dict[str, Any]:
        from adwatch.app import open_office, schedule_takedown

        with open_office() as office:
            return schedule_takedown.batch(office, params)

    @task.branch
    def gate(made: dict[str, Any]) -> list[str]:
        if not made["numbers"]:
            return []
        return ["approve_batch" if made["asked"] else "send"]

    approve = ApprovalOperator(
        task_id="approve_batch",
        subject="发出这批下架函？ Send these requests?",
        body="{{ ti.xcom_pull(task_ids='batch')['text'] }}",
        defaults="Reject",
        response_timeout=timedelta(hours=20),
    )

    @task(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    def send(made: dict[str, Any], *, params: Any = None, ti: Any = None) -> dict[str, Any]:
        from adwatch.app import open_office, schedule_takedown

        with open_office() as office:
            return schedule_takedown.send(office, params, made, ti.xcom_pull(task_ids="approve_batch"))

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def summary(made: dict[str, Any] | None, *, ti: Any = None) -> str:
        from adwatch.app import open_office, schedule_takedown

        with open_office() as office:
            return schedule_takedown.summary(office, made, ti.xcom_pull(task_ids="send"))

    made = batch()
    way, sent = gate(made), send(made)
    way >> [approve, sent]
    approve >> sent >> summary(made)


send_takedowns()
