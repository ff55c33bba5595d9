"""The demo's last simulated day (``demo.json`` in home), and the clock that stands on it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from adwatch.errors import UsageError
from adwatch.ports import Clock
from adwatch.settings import SystemClock

FILE = "demo.json"


@dataclass(frozen=True, slots=True)
class Step:
    """One simulated day as it is remembered."""

    number: int
    """From 1."""
    day: str
    """Its date."""
    complete: bool = True
    """Whether it went as it ought to."""
    ahead: int | None = None
    """Days by which the office's clock is ahead of the machine's since; None before the first day was begun."""

    @property
    def first(self) -> date:
        """Date of the first simulated day: the sites' own times begin there."""
        return date.fromisoformat(self.day) - timedelta(days=self.number - 1)


class OfficeClock:
    """The machine's clock, moved by the whole days that a demo in home has simulated beyond it.

    Asked anew each time, so that an open console goes on to the day that ``adwatch demo`` begins beside it. Without
    the file, or where it cannot be read (``adwatch doctor`` says so), it is the machine's own.
    """

    def __init__(self, home: Path) -> None:
        self._file = home / FILE
        self._known: tuple[int, Step | None] = (0, None)
        self._machine = SystemClock()

    def now(self) -> datetime:
        """Aware UTC time, to the millisecond."""
        step = self.step()
        return self._machine.now() + timedelta(days=step.ahead or 0 if step else 0)

    def step(self) -> Step | None:
        """The simulated day on which the clock stands; None where no demo was run."""
        try:
            changed = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if self._known[0] != changed:
            try:
                self._known = (changed, last_step(self._file.parent))
            except UsageError:
                self._known = (changed, None)
        return self._known[1]


def simulated(clock: Clock) -> Step | None:
    """The demo's day on which a clock stands, where that is not the machine's own."""
    step = clock.step() if isinstance(clock, OfficeClock) else None
    return step if step is not None and step.ahead else None


def clock_facts(clock: Clock, server: str) -> dict[str, Any]:
    """What a record says of the clock: its offset by the time server or why there is none; under the demo, that."""
    from adwatch.evidence.environment import clock_offset

    facts, step = clock_offset(server), simulated(clock)
    return facts if step is None else {**facts, "simulated_days": step.ahead}


def last_step(home: Path) -> Step | None:
    """What is remembered; None where no demo was run there."""
    file = home / FILE
    if not file.exists():
        return None
    try:
        state = json.loads(file.read_text(encoding="utf-8"))
        day, ahead = date.fromisoformat(state["day"]), state.get("ahead")
        complete = bool(state.get("complete", True))
        return Step(int(state["number"]), day.isoformat(), complete, None if ahead is None else int(ahead))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise UsageError(f"{file}: cannot be read ({error}); delete it to start the demo again") from error


def remember(home: Path, step: Step) -> None:
    """Keep a day, whole or not at all."""
    file = home / FILE
    draft = file.with_suffix(".tmp")
    draft.write_text(json.dumps(asdict(step)), encoding="utf-8")
    draft.replace(file)


def begin(home: Path, step: Step, zone: ZoneInfo) -> Step:
    """Remember a day as begun and let the office's clock stand on it; a clock that is further on is never put back."""
    today = SystemClock().now().astimezone(zone).date()
    ahead = (date.fromisoformat(step.day) - today).days
    last = last_step(home)
    known = last.ahead if last is not None and last.ahead is not None else ahead
    begun = replace(step, complete=False, ahead=max(ahead, known))
    remember(home, begun)
    return begun
