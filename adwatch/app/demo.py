"""The demo: serves the invented world, patrols its next simulated day through Airflow, scores the patrol.

State: see ``demo_day``; a day that did not go as it ought to is repeated.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from adwatch.app import patrol
from adwatch.app.demo_day import Step, begin, last_step, remember
from adwatch.app.demo_score import long_lines, score_day, short_lines, tables
from adwatch.app.office import Office, open_office
from adwatch.casework.states import WORDS
from adwatch.casework.weekly import iso_week
from adwatch.errors import StageError, UsageError
from adwatch.settings import Settings
from adwatch.store.engine import reading
from adwatch.store.locks import run_lock
from adwatch.store.takedowns import requests
from adwatch_demo import HANDED, SERVED, SITES
from adwatch_demo.score import DayScore
from adwatch_demo.tips import write_tips

DAGS = Path(__file__).parent.parent.parent / "dags"
NEXT = "next"
Say = Callable[[str], None]
Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """One simulated day."""

    step: Step
    """Which."""
    rows: list[dict[str, Any]]
    """Outcome of each platform."""
    score: DayScore
    """Against the truth."""
    through: str | None
    """Airflow, or the command; None where nothing was patrolled."""
    seconds: float
    """Wall time of the patrol."""
    checks: Mapping[str, int]
    """How often each word was found when the listings of sent letters were looked at again."""

    @property
    def complete(self) -> bool:
        """Whether every site's day went as it ought to."""
        return self.score.complete

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        shown = {"number": self.step.number, "day": self.step.day, "through": self.through}
        figures = {"seconds": round(self.seconds, 1), "checks": dict(self.checks), "score": self.score.as_dict()}
        return {**shown, **figures}

    def tables(self) -> Iterator[Table]:
        """(title, headings, rows) of the full score."""
        return tables(self.score)

    def report(self, full: bool) -> Iterator[str]:
        """Lines for the user: the score, and what to do next."""
        if self.through:
            yield f"经由 {self.through}，用时 {self.seconds:.1f} 秒"
        yield from short_lines(self.score)
        if self.checks:
            counted = "，".join(f"{WORDS[word]} {count} 条" for word, count in self.checks.items())
            yield f"已发出的下架函核验：{counted}"
        if full:
            yield from long_lines(self.score)
            return
        yield "下一步 next:"
        yield "  .venv/bin/adwatch review list                      看线索"
        yield "  .venv/bin/adwatch review show 编号                 看一条：原文、命中、依据、证据"
        yield "  .venv/bin/adwatch review confirm 编号 --by 姓名 --unit 单位 --reason 理由"
        yield "  .venv/bin/adwatch takedown draft                   起草下架函"
        yield "  .venv/bin/adwatch takedown mark-sent 编号 --by 姓名  记录发函；演示的下一天会核验是否下架"
        yield f"  .venv/bin/adwatch export --week {iso_week(date.fromisoformat(self.step.day))}          本周清单"
        yield "  .venv/bin/adwatch demo --score                     各环节、各网站、各伪装方式的得分"
        yield "  .venv/bin/adwatch demo --table                     统计表的数与真值逐案对照"
        yield "  make run                                           演示的下一天"


def run_demo(through_airflow: bool, say: Say, wanted: str = NEXT) -> DemoOutcome:
    """Serve, patrol and score a simulated day: the next one, or one by its number."""
    with open_office(demo=True) as office, run_lock(office.home, "demo"):
        step = begin(office.home, _step(office, wanted), office.settings.zone)
        say(f"演示第 {step.number} 天（{step.day}）：启动演示网站 …")
        write_tips(office.home / "inbox" / SITES[HANDED], step.number, step.first)
        with world(office.settings, step, say) as urls:
            started = time.monotonic()
            environment = _environment(office.settings, urls)
            if through_airflow:
                _patrol_through_airflow(office.home, environment, step.day, say)
            else:
                _patrol_by_command(environment, step.day)
            seconds = time.monotonic() - started
            checks = _recheck(office, environment, step.day, say)
        through = "Airflow" if through_airflow else "adwatch patrol"
        return _outcome(office, step, through, seconds, checks)


def score_again() -> DemoOutcome:
    """Score the last simulated day once more, without a patrol."""
    with open_office(demo=True) as office:
        last = last_step(office.home)
        if last is None:
            raise UsageError("nothing was patrolled yet; run adwatch demo first")
        return _outcome(office, last, None, 0.0, {})


def _outcome(office: Office, step: Step, through: str | None, seconds: float, checks: Mapping[str, int]) -> DemoOutcome:
    rows = [row for row in patrol.day_rows(office, step.day) if row["platform"] in SITES.values()]
    outcome = DemoOutcome(step, rows, score_day(office, step.number, step.day), through, seconds, checks)
    if through is not None:
        remember(office.home, replace(step, complete=outcome.complete))
    return outcome


def _step(office: Office, wanted: str) -> Step:
    """The day to patrol: a later one, or the last one again."""
    last = last_step(office.home)
    if last is None:
        today = office.clock.now().astimezone(office.settings.zone).date()
        last = Step(0, (today - timedelta(days=1)).isoformat())
    if wanted == NEXT:
        number = last.number + 1 if last.complete else last.number
    elif wanted.isascii() and wanted.isdecimal() and int(wanted) >= max(last.number, 1):
        number = int(wanted)
    else:
        again = f"{last.number} (again) or " if last.number else ""
        raise UsageError(f"--day {wanted}: write {NEXT}, {again}a later day's number such as {last.number + 1}")
    day = date.fromisoformat(last.day) + timedelta(days=number - last.number)
    return Step(number, day.isoformat())


@contextmanager
def world(settings: Settings, step: Step, say: Say) -> Iterator[str]:
    """The sites' process and their addresses; at the port of ADWATCH_DEMO_URL, or at free ones where that is taken."""
    wanted = settings.demo_url.partition(" ")[0].rpartition(":")[2].rstrip("/")
    wanted = wanted if wanted.isdecimal() else "0"
    for port in (wanted, "0"):
        day = ["--day", str(step.number), "--first", step.first.isoformat()]
        command = [sys.executable, "-m", "adwatch_demo.server", "--port", port, *day]
        served = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        addresses = served.stdout.readline().strip() if served.stdout else ""
        if addresses:
            break
        served.communicate()
        if port != "0":
            say(f"端口 {wanted} 起的 {len(SERVED)} 个端口不能用（多半已被别的程序占用），演示网站改用空闲端口")
    else:
        raise StageError("the demo's sites could not be started: no free ports on loopback")
    try:
        yield addresses
    finally:
        served.terminate()
        served.communicate()


def _environment(settings: Settings, urls: str) -> dict[str, str]:
    own = {"ADWATCH_DEMO": "true", "ADWATCH_DEMO_URL": urls, "ADWATCH_HOME": str(settings.home)}
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


def _recheck(office: Office, environment: Mapping[str, str], day: str, say: Say) -> dict[str, int]:
    """Look at the listings of sent letters again, while the sites are served: how often each word was found."""
    with reading(office.engine) as connection:
        if not requests(connection, state="sent"):
            return {}
    say("核验已发出的下架函 …")
    command = [sys.executable, "-m", "adwatch", "takedown", "verify", "--day", day, "--json"]
    done = subprocess.run(command, env=dict(environment), stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise StageError(f"adwatch takedown verify ended with {done.returncode}")
    return dict(Counter(str(json.loads(line)["word"]) for line in done.stdout.splitlines()))
