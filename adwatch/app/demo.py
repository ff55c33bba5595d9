"""The demo: serves the invented shop, patrols its next simulated day through Airflow, scores the patrol.

State: ``demo.json`` in home holds the number of the last simulated day and the first day's date.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from adwatch.app import patrol
from adwatch.app.office import Office, open_office
from adwatch.app.rows import latest_texts
from adwatch.errors import StageError, UsageError
from adwatch.settings import Settings
from adwatch.store.locks import run_lock
from adwatch_demo import DAYS, PLATFORM
from adwatch_demo.score import Score, score
from classifiers.keyword_judge import KeywordJudge

DAGS = Path(__file__).parent.parent.parent / "dags"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """One simulated day."""

    number: int
    """Number of the simulated day, from 1."""
    day: str
    """Its date."""
    rows: list[dict[str, Any]]
    """Outcome of each platform."""
    score: Score
    """Against the truth."""
    keyword_only: Score
    """What the keyword lists alone would have flagged."""
    through: str
    """Airflow, or the command."""
    seconds: float
    """Wall time of the patrol."""

    @property
    def complete(self) -> bool:
        """Whether every platform was patrolled and the shop was seen whole."""
        return all(row["outcome"] == "ok" for row in self.rows) and self.score.seen == self.score.standing > 0

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        figures = {"precision": self.score.precision, "recall": self.score.recall}
        beside = {"precision": self.keyword_only.precision, "recall": self.keyword_only.recall}
        shown = {"number": self.number, "day": self.day, "through": self.through, "seconds": round(self.seconds, 1)}
        return {**shown, "score": {**asdict(self.score), **figures}, "keyword_only": beside}

    def report(self) -> Iterator[str]:
        """Lines for the user: the score, and what to do next."""
        ours, beside = self.score, self.keyword_only
        yield f"经由 {self.through}，用时 {self.seconds:.1f} 秒；商品 {ours.seen}/{ours.standing} 件已收录"
        yield f"对照真值：违法信息 {ours.offers} 条，命中 {ours.found} 条"
        yield f"  证巡      查准率 precision {ours.precision:.3f}  查全率 recall {ours.recall:.3f}"
        yield f"  仅关键词  查准率 precision {beside.precision:.3f}  查全率 recall {beside.recall:.3f}"
        if ours.missed:
            yield f"  漏报 missed: {' '.join(ours.missed)}"
        if ours.wrong:
            yield f"  误报 wrong: {' '.join(ours.wrong)}"
        yield "下一步 next:"
        yield "  .venv/bin/adwatch review list                      看线索"
        yield "  .venv/bin/adwatch review show 编号                 看一条：原文、命中、依据、证据"
        yield "  .venv/bin/adwatch review confirm 编号 --by 姓名 --unit 单位 --reason 理由"
        yield "  .venv/bin/adwatch takedown draft                   起草下架函"
        yield f"  .venv/bin/adwatch export --week {iso_week(self.day)}          本周清单"
        yield "  make run                                           演示的下一天"


def iso_week(day: str) -> str:
    """ISO week of a day: 2026-W47."""
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"


def run_demo(through_airflow: bool, say: Say) -> DemoOutcome:
    """Serve, patrol and score the next simulated day."""
    with open_office(demo=True) as office, run_lock(office.home, "demo"):
        number, day = _next_day(office)
        say(f"演示第 {number} 天（{day}）：启动演示商城 …")
        with _shop(office.settings, min(number, DAYS)) as url:
            started = time.monotonic()
            environment = _environment(office.settings, url)
            if through_airflow:
                _patrol_through_airflow(office.home, environment, day, say)
            else:
                _patrol_by_command(environment, day)
            seconds = time.monotonic() - started
        through = "Airflow" if through_airflow else "adwatch patrol"
        outcome = _outcome(office, number, day, through, seconds)
        if outcome.complete:
            _remember(office, number, day)
        return outcome


def _next_day(office: Office) -> tuple[int, str]:
    file = office.home / "demo.json"
    if not file.exists():
        return 1, office.clock.now().astimezone(office.settings.zone).date().isoformat()
    try:
        state = json.loads(file.read_text(encoding="utf-8"))
        day = date.fromisoformat(state["day"]) + timedelta(days=1)
        return int(state["number"]) + 1, day.isoformat()
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file}: cannot be read ({error}); delete it to start the demo again") from error


def _remember(office: Office, number: int, day: str) -> None:
    file = office.home / "demo.json"
    draft = file.with_suffix(".tmp")
    draft.write_text(json.dumps({"number": number, "day": day}), encoding="utf-8")
    draft.replace(file)


@contextmanager
def _shop(settings: Settings, shop_day: int) -> Iterator[str]:
    """The shop's process; on the port of ADWATCH_DEMO_URL, or on a free one where that is taken."""
    wanted = settings.demo_url.rpartition(":")[2].rstrip("/")
    for port in (wanted if wanted.isdecimal() else "0", "0"):
        command = [sys.executable, "-m", "adwatch_demo.server", "--port", port, "--day", str(shop_day)]
        shop = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        address = shop.stdout.readline().strip() if shop.stdout else ""
        if address:
            break
        shop.wait()
    else:
        raise StageError("the demo shop could not be started: no free port on loopback")
    try:
        yield address
    finally:
        shop.terminate()
        shop.communicate()


def _environment(settings: Settings, url: str) -> dict[str, str]:
    own = {"ADWATCH_DEMO": "true", "ADWATCH_DEMO_URL": url, "ADWATCH_HOME": str(settings.home)}
    return {**os.environ, **own}


def airflow_environment(home: Path) -> dict[str, str]:
    """Airflow's settings for a single machine, with all its state under home."""
    return {
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "8",
    }


def _patrol_through_airflow(home: Path, environment: Mapping[str, str], day: str, say: Say) -> None:
    if find_spec("airflow") is None:
        raise UsageError("Airflow is not installed: install adwatch[airflow], or run adwatch demo --no-airflow")
    if not (DAGS / "daily_patrol.py").is_file():
        raise UsageError(f"{DAGS}: no DAGs there; run from the repository, or adwatch demo --no-airflow")
    environment = {**environment, **airflow_environment(home)}
    folder = home / "airflow"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "demo.log"
    with log.open("ab") as out:
        if not (folder / "adwatch-migrated").exists():
            say("准备 Airflow 的数据库 …")
            _airflow(["db", "migrate"], environment, out, log)
            (folder / "adwatch-migrated").touch()
        say("经由 Airflow 巡查 …")
        run = json.dumps({"day": day})
        _airflow(["dags", "test", "daily_patrol", "-c", run], environment, out, log)


def _airflow(arguments: list[str], environment: Mapping[str, str], out: Any, log: Path) -> None:
    command = [sys.executable, "-m", "airflow", *arguments]
    done = subprocess.run(command, env=dict(environment), stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        raise StageError(f"airflow {' '.join(arguments[:3])} ended with {done.returncode}; see {log}")


def _patrol_by_command(environment: Mapping[str, str], day: str) -> None:
    command = [sys.executable, "-m", "adwatch", "patrol", "--day", day, "--json"]
    done = subprocess.run(command, env=dict(environment), stdout=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1, 3):
        raise StageError(f"adwatch patrol ended with {done.returncode}")


def _outcome(office: Office, number: int, day: str, through: str, seconds: float) -> DemoOutcome:
    rows = patrol.day_rows(office, day)
    goods = latest_texts(office.engine, PLATFORM, day)
    words = KeywordJudge.load(office.settings.data).judge([(row.title, row.text) for row in goods])
    ours = {row.native_id: row.band == "flagged" for row in goods}
    beside = {row.native_id: verdict.band == "flagged" for row, verdict in zip(goods, words, strict=True)}
    shop_day = min(number, DAYS)
    return DemoOutcome(number, day, rows, score(shop_day, ours), score(shop_day, beside), through, seconds)
