"""What the walks through the demo's three weeks share: the office that walks, and what came of its letters."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adwatch.store import schema as s
from adwatch.store.engine import open_engine, reading
from adwatch_demo.world import FIRST_DATE, all_rows, stands
from tests.processes import run_command

UNIT = "某市市场监督管理局"
FAKE = "国家安全生产考式"
"""A public account that somebody reports: one character from that of the official look-up."""
Row = dict[str, Any]


@dataclass
class Work:
    """What was done, by those who did it."""

    home: Path
    port: int
    dates: dict[int, str] = field(default_factory=dict)
    """Date of each simulated day."""
    names: dict[int, str] = field(default_factory=dict)
    """The world's id of each case."""
    confirmed: set[str] = field(default_factory=set)
    corrected: set[str] = field(default_factory=set)
    """Whose scope the reviewer corrected."""
    mended: int = 0
    """Leads whose listing the seller mended after it was found."""
    asked: dict[str, int] = field(default_factory=dict)
    """World's ids in letters, with the day on which they were sent."""

    def run(self, *arguments: str, status: int = 0) -> str:
        """The command as it is typed."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ADWATCH_")}
        own = {
            "ADWATCH_HOME": str(self.home),
            "ADWATCH_UNIT": UNIT,
            "ADWATCH_DEMO_URL": f"http://127.0.0.1:{self.port}",
        }
        done = run_command(arguments, {**clean, **own}, seconds=600)
        out, err = done.stdout.decode(), done.stderr.decode()
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{out[-2000:]}\n{err[-2000:]}"
        return out

    def rows(self, *arguments: str, status: int = 0) -> list[Row]:
        return [json.loads(line) for line in self.run(*arguments, "--json", status=status).splitlines()]


def looks_of(work: Work) -> dict[str, list[tuple[int, str]]]:
    """(simulated day, word) of each look at a listing in a letter, in order."""
    numbers = {when: day for day, when in work.dates.items()}
    found: dict[str, list[tuple[int, str]]] = {name: [] for name in work.asked}
    engine = open_engine(f"sqlite:///{work.home / 'adwatch.db'}")
    look, listing = s.takedown_check, s.listing
    query = select(listing.c.native_id, look.c.day, look.c.word).join(listing, listing.c.id == look.c.listing_id)
    with reading(engine) as connection:
        for name, day, word in connection.execute(query.order_by(look.c.id)):
            found[name].append((numbers[day], word))
    engine.dispose()
    return found


def begun(home: Path, port: int) -> Work:
    """An office on the eve of the world's first day: when a thing was put up counts, so days are the sites' own."""
    home.mkdir()
    eve = {"number": 0, "day": (FIRST_DATE - timedelta(1)).isoformat(), "complete": True}
    (home / "demo.json").write_text(json.dumps(eve))
    return Work(home, port)


def wrong_looks(looks: dict[str, list[tuple[int, str]]]) -> dict[str, list[tuple[int, str]]]:
    """Looks whose word is not what was true on the site that day; one that could not tell is not wrong."""
    rows = {row["id"]: row for row in all_rows()}
    wrong = {
        name: [(day, word) for day, word in each if (word == "gone") == stands(rows[name], day) and word != "unknown"]
        for name, each in looks.items()
    }
    return {name: each for name, each in wrong.items() if each}


def taken_back(work: Work) -> list[Row]:
    """Papers that went out of which a case is 不属实 now."""
    return [row for row in work.rows("differing", "list") if "不属实" in json.dumps(row, ensure_ascii=False)]
