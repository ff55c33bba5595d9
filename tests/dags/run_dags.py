"""Run in a process of its own: reads JSON lines {dag, conf, environment, mark} from standard input, runs each by
``DAG.test()`` and prints a line ``RESULT {...}``: state of the run, its task instances, the summary, the days told as
partitions. Tasks that ``mark`` matches are marked as successful, not run: a person's answer would be waited for.

Only the waiting before a further try is cut short; tries and their number are the DAG's own.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta

from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from sqlalchemy import select


def main() -> None:
    """Run what is asked for."""
    for line in sys.stdin:
        asked = json.loads(line)
        os.environ.update(asked["environment"])
        # loaded anew each time, as by a process of its own: a param given to one run stays in the DAG object
        bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
        assert bag.import_errors == {}, bag.import_errors
        dag = bag.dags[asked["dag"]]
        for task in dag.tasks:
            task.retry_delay = timedelta(0)
            task.retry_exponential_backoff = 0
        run = dag.test(run_conf=asked["conf"], mark_success_pattern=asked["mark"])
        with create_session() as session:
            events = session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == run.run_id)).all()
            found = {
                "state": str(run.state),
                "tasks": {
                    f"{one.task_id} {one.rendered_map_index}" if one.map_index >= 0 else one.task_id: {
                        "state": str(one.state),
                        "tries": one.try_number,
                    }
                    for one in run.get_task_instances(session=session)
                },
                "summary": session.scalar(
                    select(XComModel.value).where(
                        XComModel.run_id == run.run_id, XComModel.dag_id == run.dag_id, XComModel.task_id == "summary"
                    )
                ),
                "days": sorted(str(event.partition_key) for event in events),
            }
        sys.stdout.write(f"RESULT {json.dumps(found)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
