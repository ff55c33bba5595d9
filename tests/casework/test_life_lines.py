"""What is kept of life lines says the same as the tables that it is made of, whatever happens in whatever order."""

from __future__ import annotations

import random
import signal
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adwatch.casework.life_lines import bring_up_to_date, figures, forget, is_due
from adwatch.casework.removal_clocks import packed, summary, unpacked
from adwatch.failpoints import FAILPOINTS
from adwatch.store import life_line_due as marks
from adwatch.store import schema as s
from adwatch.store.engine import migrate, open_engine, reading, writing
from adwatch.store.life_lines import LifeLine
from tests.casework import life_lines_process, naive_clocks
from tests.casework.histories import LIMITS, History
from tests.casework.office import ZONE, decide
from tests.casework.test_verification import look, sent
from tests.processes import Called
from tests.store.world import NOON, World

T = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


def invented(chance: random.Random) -> LifeLine:
    """A life line that may lack any step, or have them in a wrong order."""

    def moment() -> datetime | None:
        return T + timedelta(
            seconds=chance.randrange(-9_000_000, 9_000_000), microseconds=chance.choice([0, 1, 999_999])
        )

    def maybe(share: float) -> datetime | None:
        return moment() if chance.random() < share else None

    removed, back, known = maybe(0.7), maybe(0.4), maybe(0.8)
    return LifeLine(
        chance.choice(["plaza", "bazaar", "arcade"]),
        maybe(0.9),
        maybe(0.8),
        moment() or T,
        maybe(0.5),
        removed,
        removed.date().isoformat() if removed and chance.random() < 0.95 else None,
        maybe(0.6),
        back,
        back.date().isoformat() if back else None,
        known,
        known.date().isoformat() if known else None,
    )


@pytest.mark.parametrize("seed", range(60))
def test_packed_life_lines_are_counted_as_they_are_defined(seed: int) -> None:
    chance = random.Random(seed)
    lines = [invented(chance) for _ in range(chance.choice([0, 1, 2, 9, 10, 11, 300]))]
    today = (T + timedelta(days=chance.randrange(-100, 200))).date()
    rows: dict[str, list[bytes]] = {"nobody": []}
    for line in lines:
        rows.setdefault(line.platform, []).append(packed(line, chance.randrange(1000)))
    assert summary({name: unpacked(each) for name, each in rows.items()}, today) == naive_clocks.summary(lines, today)


@pytest.mark.parametrize("hours", [0.05, 0.15, 0.25, 0.35, 2.449999, 2.45, 1e-7, 87_600.05])
def test_a_tenth_is_rounded_as_it_always_was(hours: float) -> None:
    line = LifeLine("plaza", T, T + timedelta(hours=hours), T, *([None] * 8))
    today = T.date()
    assert summary({"plaza": unpacked([packed(line)])}, today) == naive_clocks.summary([line], today)


def told(world: World, zone: ZoneInfo = ZONE, some: int | None = None) -> list[Any]:
    """All figures, by each limit and each choice, or by some of them, others on other days."""
    choices: list[dict[str, Any]] = [{"limits": limits} for limits in LIMITS]
    day = world.now.astimezone(zone).date() - timedelta(days=12)
    choices += [{"platform": "plaza"}, {"first": day}, {"last": day}, {"first": date(2026, 11, 18), "last": day}]
    if some is not None:
        choices = random.Random(day.toordinal()).sample(choices, some)
    with reading(world.engine) as connection:
        is_told = [figures(connection, world.now, zone, **each) for each in choices]
        should = [naive_clocks.figures(connection, world.now, zone, **each) for each in choices]
    assert is_told == should
    return is_told


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_figures_are_those_of_the_tables(world: World, tmp_path: Path, seed: int) -> None:
    history = History(world, tmp_path, seed)
    for act in (history.flag, history.flag, history.flag, history.flag):
        act()
    decide(world, list(history.cases.values()))
    history.ask()
    for _ in range(30):
        history.go_on()
        told(world, some=2)
    bring_up_to_date(world.engine, ZONE)
    kept = told(world)
    assert kept[0]["clocks"][0]["n"] > 0
    assert world.rows(s.life_line_due) == []
    before = rows_kept(world)
    forget(world.engine)
    assert told(world) == kept, "from where it is written"
    bring_up_to_date(world.engine, ZONE)
    assert rows_kept(world) == before, "what was thrown away is made the same again"


def rows_kept(world: World) -> list[Any]:
    """What is kept, with regions and families in the place of their numbers."""
    reaches = {row["id"]: (row["region"], row["families"]) for row in world.rows(s.life_line_reach)}
    rows = [
        (row["takedown_id"], row["platform_id"], unpacked([row["lines"]]).tolist()) for row in world.rows(s.life_line)
    ]
    return [(*keys, [(each[:-1], reaches.get(each[-1])) for each in lines]) for *keys, lines in rows]


def test_of_another_time_zone_what_is_kept_is_not_believed(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    world.tick(hours=12)
    look(world, {"1": "gone", "2": "up"})
    bring_up_to_date(world.engine, ZONE)
    told(world)
    abroad = ZoneInfo("America/New_York")
    told(world, abroad)
    assert bring_up_to_date(world.engine, abroad) == 1
    told(world, abroad)
    assert not is_due(world.engine, abroad)
    assert is_due(world.engine, ZONE)


def test_what_is_kept_is_read_and_not_made_again(world: World, tmp_path: Path) -> None:
    """A removal that is written behind the back of the store is not seen: so the page does not read every listing."""
    sent(world, tmp_path, "1", "2")
    bring_up_to_date(world.engine, ZONE)
    with writing(world.engine) as connection:
        connection.execute(
            s.takedown_reply.insert().values(
                takedown_id=1, kind="acknowledged", reason="", person="王", unit="局", at=NOON, recorded_at=NOON
            )
        )
    with reading(world.engine) as connection:
        rows = {row["clock"]: row["n"] for row in figures(connection, world.now, ZONE)["clocks"]}
        assert rows["sent_acknowledged"] == 0
    with writing(world.engine) as connection:
        marks.touched(connection, 1)
    told(world)


POINTS = [name for name in FAILPOINTS if name.startswith("life_lines.")]


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_while_it_is_made(tmp_path: Path, point: str) -> None:
    url = f"sqlite:///{tmp_path / 'adwatch.db'}"
    engine = open_engine(url)
    migrate(engine)
    world = World(engine)
    sent(world, tmp_path, "1", "2")
    look(world, {"1": "gone", "2": "up"})
    killed = Called(life_lines_process.main, url, ADWATCH_FAILPOINT=point)
    assert killed.ended()[0] == -signal.SIGKILL, "the failpoint was never passed"
    assert len(world.rows(s.life_line_due)) == (0 if point.endswith("after_commit") else 5)
    kept = told(world)
    assert Called(life_lines_process.main, url).ended()[0] == 0
    assert told(world) == kept
    assert len(world.rows(s.life_line)) == 1
    engine.dispose()
