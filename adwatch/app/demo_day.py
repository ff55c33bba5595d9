"""The demo's last simulated day: ``demo.json`` in home holds its number, its date, and whether it went well."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from adwatch.errors import UsageError

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

    @property
    def first(self) -> date:
        """Date of the first simulated day: the sites' own times begin there."""
        return date.fromisoformat(self.day) - timedelta(days=self.number - 1)


def last_step(home: Path) -> Step | None:
    """What is remembered; None where no demo was run there."""
    file = home / FILE
    if not file.exists():
        return None
    try:
        state = json.loads(file.read_text(encoding="utf-8"))
        day = date.fromisoformat(state["day"])
        return Step(int(state["number"]), day.isoformat(), bool(state.get("complete", True)))
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file}: cannot be read ({error}); delete it to start the demo again") from error


def remember(home: Path, step: Step) -> None:
    """Keep a day, whole or not at all."""
    file = home / FILE
    draft = file.with_suffix(".tmp")
    draft.write_text(json.dumps({"number": step.number, "day": step.day, "complete": step.complete}), encoding="utf-8")
    draft.replace(file)


def ahead(home: Path, today: date) -> Step | None:
    """The last simulated day where it lies behind today: what is shown as of now knows nothing of it."""
    try:
        step = last_step(home)
    except UsageError:  # the demo's own command says so; no page of a console depends on it
        return None
    return step if step is not None and date.fromisoformat(step.day) > today else None
