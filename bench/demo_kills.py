"""Three simulated days of the demo world through Airflow, with a kill on each day, beside three undisturbed ones.

Run ``python -m bench.demo_kills [--json] [--keep FOLDER]``. Each day is begun by ``adwatch demo`` (it runs
``airflow dags test daily_patrol``), killed with SIGKILL, and begun again: in the middle of collecting (a failpoint),
behind a commit of the classifier (a failpoint), and from outside, Airflow's process by its id while it patrols a site.
Both scores of each day are printed, and whether the two stores are the same. Exit 1 where anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adwatch_demo import DAYS, SERVED, SITES

FAILPOINTS = {1: "collect.before_request@150", 2: "classify.after_commit@3"}
"""Where Airflow's process is killed on these days; on the others from outside."""
SITE = SITES["school"]
"""The site that is being patrolled when Airflow's process is killed from outside."""
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Home:
    """A home of the demo, at the same addresses as any other one here."""

    folder: Path
    port: int

    def environment(self, **more: str) -> dict[str, str]:
        """Of ``adwatch``; nothing of the machine's own settings."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("ADWATCH_", "AIRFLOW"))}
        own = {"ADWATCH_HOME": str(self.folder), "ADWATCH_DEMO_URL": f"http://127.0.0.1:{self.port}"}
        return {**clean, **own, **more}

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """The command, started."""
        command = [sys.executable, "-m", "adwatch", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env=self.environment(**more), stdout=pipe, stderr=pipe, text=True)

    def told(self, *arguments: str) -> list[dict[str, Any]]:
        """Its JSON lines."""
        process = self.start(*arguments, "--json")
        out, err = process.communicate()
        if process.returncode:
            raise SystemExit(f"adwatch {' '.join(arguments)} ended with {process.returncode}\n{err}{out}")
        return [json.loads(line) for line in out.splitlines()]

    def dump(self) -> list[str]:
        """The state, without the runs: a day that was killed and begun again is said to have been."""
        process = self.start("dump", "--canonical")
        out, _ = process.communicate()
        return [line for line in out.splitlines() if '"table":"run"' not in line]


def free_port() -> int:
    """The first of as many free ports as the demo has sites."""
    for start in range(21_000, 60_000, 37):
        with ExitStack() as stack, suppress(OSError):
            for number in range(len(SERVED)):
                stack.enter_context(socket.create_server(("127.0.0.1", start + number)))
            return start
    raise SystemExit("no free ports in a row")


def holder(home: Home) -> int | None:
    """The process that patrols the site just now."""
    with suppress(OSError, ValueError):
        pid = int((home.folder / "locks" / f"platform-{SITE}.lock").read_text(encoding="ascii"))
        os.kill(pid, 0)
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        return pid if b"airflow" in command else None
    return None


def killed_at(home: Home, point: str) -> str:
    """A day begun and killed at a failpoint."""
    process = home.start("demo", "--json", ADWATCH_FAILPOINT=point)
    return ended(process, f"at {point}")


def killed_from_outside(home: Home) -> str:
    """A day begun and killed by the id of the process that patrols."""
    process = home.start("demo", "--json")
    while process.poll() is None:
        pid = holder(home)
        if pid is not None:
            time.sleep(0.3)  # some pages into it
            os.kill(pid, signal.SIGKILL)
            return ended(process, f"kill -9 of Airflow while it patrols {SITE}")
        time.sleep(0.01)
    return ended(process, "")


def ended(process: subprocess.Popen[str], how: str) -> str:
    """How it was killed; it must have been."""
    out, err = process.communicate()
    if process.returncode != 3 or "ended with -9" not in err:
        raise SystemExit(f"the day was not killed: {process.returncode}\n{err}{out}")
    return how


def day_of(home: Home, kill: Callable[[], str] | None) -> dict[str, Any]:
    """A simulated day: what was told of it, its score asked for once more, how it was killed, seconds."""
    started = time.monotonic()
    how = kill() if kill else ""
    *rows, outcome = home.told("demo")
    *_, again = home.told("demo", "--score")
    notes = [note for row in rows for note in row["notes"] if note.startswith("continued")]
    replayed = sum(row["replayed"] for row in rows)
    seconds = round(time.monotonic() - started, 1)
    again_differs = list(differences(outcome["score"], again["score"]))
    found = {"number": outcome["number"], "through": outcome["through"], "score": again["score"]}
    found["again"] = again_differs
    return {**found, "killed": how, "continued": len(notes), "replayed": replayed, "seconds": seconds}


def differences(one: Any, other: Any, where: str = "score") -> Iterator[str]:
    """Places in which two scores differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from differences(one.get(name), other.get(name), f"{where}.{name}")
    elif one != other:
        yield f"{where}: {one} against {other}"


def short(day: dict[str, Any]) -> str:
    """The score in a line."""
    ours = day["score"]["total"]["ours"]
    stages = day["score"]["stages"]
    came = f"{stages['served']['rows']} served, {stages['extracted']['rows']} read"
    found = f"{ours['found']}/{ours['offers']} offers, precision {ours['precision']:.4f}, recall {ours['recall']:.4f}"
    return f"{came}, {found}, complete {day['score']['complete']}"


def run(folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Both rows of days, and whether they are the same."""
    port = free_port()
    quiet, shot = Home(folder / "undisturbed", port), Home(folder / "killed", port)
    days = []
    for number in range(1, DAYS + 1):
        point = FAILPOINTS.get(number)
        without = day_of(quiet, None)
        kill = (lambda point=point: killed_at(shot, point)) if point else (lambda: killed_from_outside(shot))
        with_kill = day_of(shot, kill)
        differing = list(differences(without["score"], with_kill["score"]))
        differing += [f"asked again: {line}" for one in (without, with_kill) for line in one["again"]]
        equal = not differing
        say(f"day {number}, undisturbed ({without['seconds']} s): {short(without)}")
        say(f"       killed {with_kill['killed']} and continued ({with_kill['seconds']} s): {short(with_kill)}")
        took = f"{with_kill['continued']} runs taken up, {with_kill['replayed']} requests from the archive"
        say(f"       {took}; scores equal: {equal}")
        for line in differing:
            say(f"       {line}")
        days.append({"undisturbed": without, "killed": with_kill, "equal": equal})
    dumps = quiet.dump() == shot.dump()
    say(f"stores the same after {DAYS} days: {dumps}")
    return {"days": days, "stores_equal": dumps}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder for both homes; a temporary one if left out")
    given = parser.parse_args()
    out = sys.stderr if given.json else sys.stdout
    with tempfile.TemporaryDirectory() as temporary:
        found = run(given.keep or Path(temporary), lambda line: print(line, file=out, flush=True))
    if given.json:
        print(json.dumps(found))
    sys.exit(0 if found["stores_equal"] and all(day["equal"] for day in found["days"]) else 1)


if __name__ == "__main__":
    main()
