"""The daily patrol: one mapped task a platform, a summary in Markdown, and an end that fails where a platform failed.

A failed platform stops no other. The day is the param ``day``, else the run's partition key (a day in the office's time
zone), else an error. A day that is there for every enabled platform is told as a partition of ``adwatch_patrol_day``.

A host's rate is kept by the store, whichever worker asks. Where ``adwatch-pools.json`` (``adwatch platforms pools``)
stands in ``AIRFLOW_HOME``, the platforms of each host in it are mapped by a task of their own, in that host's pool.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pendulum
from airflow.configuration import AIRFLOW_HOME
from airflow.sdk import Asset, Connection, CronPartitionTimetable, Param, TriggerRule, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException, AirflowSkipException

ZONE = "Asia/Shanghai"
PATROL_DAY = Asset(name="adwatch_patrol_day", uri="x-adwatch://patrol/day", group="adwatch")
POOLS_FILE = Path(AIRFLOW_HOME) / "adwatch-pools.json"
Rows = Sequence[dict[str, Any]] | None
Parts = Sequence[Rows]
Names = Sequence[str] | None


def pools() -> list[str]:
    """Names of the hosts' pools, if there are any."""
    return sorted(json.loads(POOLS_FILE.read_text(encoding="utf-8"))) if POOLS_FILE.is_file() else []


class Connections:
    """Keys of open interfaces out of Airflow's connections ``adwatch_NAME``: login, password, ``token`` in extra."""

    def get(self, name: str) -> str | None:
        """The secret ``key.part``, or None."""
        key, _, part = name.rpartition(".")
        try:
            found = Connection.get(f"adwatch_{key}")
        except AirflowNotFoundException:
            return None
        given = {"id": found.login, "secret": found.password, **found.extra_dejson}.get(part)
        return given if isinstance(given, str) else None


def joined(parts: Parts) -> list[dict[str, Any]]:
    """The rows of all mapped tasks."""
    return [row for rows in parts for row in rows or ()]


def alert(context: Any) -> None:
    from adwatch.app import alerts

    alerts.task_failed(context)


@dag(
    dag_id="daily_patrol",
    dag_display_name="每日巡查 daily_patrol",
    schedule=CronPartitionTimetable("10 6 * * *", timezone=ZONE, key_format="%Y-%m-%d"),
    start_date=pendulum.datetime(2026, 11, 1, tz=ZONE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=22),
    on_failure_callback=alert,
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
        "platform": Param(
            None,
            type=["null", "string"],
            pattern="^[a-z][a-z0-9_]{0,59}$",
            title="平台",
            description="平台文件的名字；留空：全部启用的平台",
        ),
    },
    tags=["adwatch"],
    doc_md=__doc__,
)
def daily_patrol() -> None:
    """Patrol every enabled platform once."""

    @task
    def platforms(*, params: Any = None) -> list[str]:
        from adwatch.app import open_office, patrol
        from adwatch.errors import UsageError

        with open_office() as office:
            try:
                return patrol.platform_names(office, [params["platform"]] if params["platform"] else None)
            except UsageError as error:  # a second try would find the same
                raise AirflowFailException(str(error)) from error

    @task
    def of_pool(names: Sequence[str], pool: str | None) -> list[str]:
        from adwatch.app import open_office
        from adwatch.app.pools import of_pool

        with open_office() as office:
            return of_pool(office, names, pool, shared)

    @task(map_index_template="{{ platform_name }}", execution_timeout=timedelta(hours=6), max_active_tis_per_dagrun=8)
    def patrol_platform(platform: str, *, params: Any = None, dag_run: Any = None) -> dict[str, Any]:
        from adwatch.app import open_office, schedule

        get_current_context()["platform_name"] = platform  # type: ignore[typeddict-unknown-key]
        with open_office() as office:
            office.more_secrets = Connections()
            return schedule.patrol_platform(office, schedule.day_of(params, dag_run.partition_key), platform)

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def summary(names: Names, parts: Parts, *, params: Any = None, dag_run: Any = None) -> str:
        from adwatch.app import open_office, schedule

        with open_office() as office:
            return schedule.day_summary(office, schedule.day_of(params, dag_run.partition_key), names, joined(parts))

    @task(trigger_rule=TriggerRule.ALL_DONE, retries=0, outlets=[PATROL_DAY])
    def end_of_day(
        names: Names, parts: Parts, *, params: Any = None, dag_run: Any = None, outlet_events: Any = None
    ) -> dict[str, Any]:
        from adwatch.app import open_office, schedule

        with open_office() as office:
            end = schedule.end_day(office, schedule.day_of(params, dag_run.partition_key), names, joined(parts))
        if end["missing"]:
            raise AirflowSkipException(f"the day is not whole: no result of {', '.join(end['missing'])}")
        outlet_events[PATROL_DAY].add_partitions(end["day"])
        outlet_events[PATROL_DAY].extra = end
        return end

    shared, names = pools(), platforms()
    parts = [patrol_platform.expand(platform=of_pool(names, None) if shared else names)]
    for pool in shared:
        own = of_pool.override(task_id=f"of_{pool}")(names, pool)
        parts.append(patrol_platform.override(task_id=f"patrol_{pool}", pool=pool).expand(platform=own))
    summary(names, parts)
    end_of_day(names, parts)


daily_patrol()
