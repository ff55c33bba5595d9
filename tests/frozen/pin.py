"""Pins the floor at what the shipped judge reaches now: ``python -m tests.frozen.pin``.

A floor that holds stays or is raised; one that is broken is refused unless ``--lower --why REASON`` is given, and the
reason is kept in the file. ``--dry-run`` writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import TextIO

from classifiers.judge import OfferJudge
from tests.frozen import floors


def say(line: str, to: TextIO | None = None) -> None:
    """One line for the user."""
    (to or sys.stdout).write(line + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Write floors.json, or say what would be lowered."""
    parser = argparse.ArgumentParser(description="Pin the quality floor; prints figures only.")
    parser.add_argument("--lower", action="store_true", help="allow floors to come lower; needs --why")
    parser.add_argument("--why", default="", help="why, kept in the file")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    given = parser.parse_args(arguments)
    if given.lower and not given.why.strip():
        parser.error("--lower needs --why REASON")
    judge = OfferJudge.load()
    reports = floors.measured(judge)
    old, history, _ = floors.load() if floors.FLOORS.is_file() else ({}, [], "")
    new = floors.kept(old, reports)
    lower = floors.lowered(old, new)
    for file, report in reports.items():
        total = report.total
        say(f"{file}: recall {total.recall:.3f}, precision {total.precision:.3f}, F1 {total.f1:.3f}, {judge.version}")
    for line in lower:
        say(f"lower: {line}")
    if lower and not given.lower:
        say(f"refused: {len(lower)} floors would be lower; if that is meant: {floors.LOWER}", sys.stderr)
        return 1
    if given.dry_run:
        return 0
    if lower:
        history = [*history, {"at": datetime.now(UTC).date().isoformat(), "why": given.why.strip(), "floors": lower}]
    floors.save(new, history, judge.version)
    say(f"pinned: {sum(len(part) for part in new.values())} groups")
    return 0


if __name__ == "__main__":
    sys.exit(main())
