"""The clocks by their definitions: medians, tails, what still runs, and what stays down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adwatch.casework.relisting import look_for_relisted
from adwatch.casework.removal_clocks import CLOCKS, STAYS, Numbers, packed, rank, stay_down, summary, unpacked
from adwatch.models import Actor
from adwatch.store import removal_figures as figures
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.store.life_lines import LifeLine, life_lines, sent_between
from tests.casework.office import ZONE
from tests.casework.test_verification import look, sent
from tests.store.world import NOON, World

T = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
TODAY = date(2026, 12, 31)


def line(removed: int | None, back: int | None = None, known: int | None = None, **more: Any) -> LifeLine:
    """A listing sent on day 0: removed, back and last looked at on so many days after."""

    def at(days: int | None) -> datetime | None:
        return T + timedelta(days=days) if days is not None else None

    def day(days: int | None) -> str | None:
        moment = at(days)
        return moment.date().isoformat() if moment else None

    verified = removed + 1 if removed is not None else None
    last = max((each for each in (verified, back, known) if each is not None), default=None)
    made = LifeLine(
        "plaza",
        at(-3),
        at(-2),
        T,
        None,
        at(removed),
        day(removed),
        at(verified),
        at(back),
        day(back),
        at(last),
        day(last),
    )
    return replace(made, **more)


def rows(*lines: LifeLine) -> Numbers:
    return unpacked([packed(each) for each in lines])


def clocks(*lines: LifeLine) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows by platform and clock, as on a day two months later."""
    names = {each.platform for each in lines}
    by_platform = {name: rows(*(each for each in lines if each.platform == name)) for name in names}
    found = summary(by_platform, (T + timedelta(days=60)).astimezone(ZONE).date())
    return {(row["platform"], row["clock"]): row for row in found["clocks"]}


def test_every_clock_runs_between_two_steps_of_a_life_line() -> None:
    steps = ("found", "confirmed", "sent", "acknowledged", "removed", "verified", "relisted")
    for clock in CLOCKS:
        assert steps.index(clock.begin) < steps.index(clock.end)
        assert clock.definition and clock.label and clock.unit == "hours"
    assert len({clock.id for clock in CLOCKS}) == len(CLOCKS)
    assert {step for clock in CLOCKS for step in (clock.begin, clock.end)} == set(steps)


def test_median_and_tail_are_of_what_ended_and_what_still_runs_is_said() -> None:
    lines = [line(days) for days in (1, 2, 3, 4, 10)] + [line(None), line(None), line(2, platform="bazaar")]
    found = clocks(*lines)
    asked = {name: found["plaza", "sent_removed"][name] for name in ("n", "open", "median", "p90")}
    assert asked == {"n": 5, "open": 2, "median": 72.0, "p90": 240.0}
    assert (found["all", "sent_removed"]["n"], found["all", "sent_removed"]["median"]) == (6, 48.0)
    assert (found["plaza", "removed_relisted"]["n"], found["plaza", "removed_relisted"]["open"]) == (0, 5)
    assert found["plaza", "sent_acknowledged"]["median"] is None
    assert found["plaza", "found_confirmed"]["median"] == 24.0


@pytest.mark.parametrize(
    ("values", "share", "is_"),
    [([], 0.5, None), ([51], 0.9, 5.1), ([20, 10], 0.5, 1.0), ([*range(10, 0, -1)], 0.9, 0.9)],
)
def test_nearest_rank(values: list[int], share: float, is_: float | None) -> None:
    assert rank(np.array(values, dtype=np.int32), share) == is_


def test_back_on_the_day_of_the_removal_is_no_negative_time() -> None:
    early = replace(line(3), relisted=T + timedelta(days=2, hours=20), relisted_day="2026-11-04")
    assert clocks(early)["all", "removed_relisted"]["median"] == 0.0


def test_stay_down_counts_what_was_watched_for_as_long() -> None:
    lines = [
        line(1, known=100),  # stayed for all
        line(1, back=5),  # back within 7
        line(1, back=20),  # stayed 7, back within 30
        line(1, known=9),  # watched 7 only
        line(1),  # watched one day
        line(58, known=59),  # too young for 7
        line(None, known=50),  # never removed
    ]
    found = {row["days"]: row for row in stay_down(rows(*lines).T, T.date() + timedelta(days=60))}
    shown = {days: tuple(found[days][name] for name in ("of", "stayed", "back", "unwatched")) for days in STAYS}
    assert shown == {7: (4, 3, 1, 1), 30: (3, 1, 2, 2), 90: (1, 1, 0, 0)}
    assert found[7]["share"] == 0.75
    later = {row["days"]: row for row in stay_down(rows(*lines).T, T.date() + timedelta(days=120))}
    assert tuple(later[90][name] for name in ("of", "stayed", "back", "unwatched")) == (3, 1, 2, 2)
    assert stay_down(rows().T, TODAY)[0]["share"] is None


def test_the_stores_own_times(world: World, tmp_path: Path) -> None:
    """From the first hit to what is back: each step as the store has it, by platform and by the day of sending."""
    number = sent(world, tmp_path, "1", "2")
    world.tick(hours=5)
    with writing(world.engine) as connection:
        said = {"takedown_id": 1, "kind": "acknowledged", "reason": "", "person": "王", "unit": "局"}
        connection.execute(s.takedown_reply.insert().values(**said, at=world.now, recorded_at=world.now))
    for words in (("gone", "up"), ("gone", "gone"), ("up", "unknown")):
        world.tick(days=1)
        look(world, dict(zip(("1", "2"), words, strict=True)), everything=True)
    with reading(world.engine) as connection:
        one, two = (each.line for each in life_lines(connection, [1], ZONE))
        assert list(life_lines(connection, [2], ZONE)) == []
        assert sent_between(connection, date(2026, 11, 19), None, ZONE) == set()
        assert sent_between(connection, date(2026, 11, 18), date(2026, 11, 18), ZONE) == {1}
    assert (one.found, one.confirmed, one.sent, one.acknowledged) == (NOON, NOON, NOON, NOON + timedelta(hours=5))
    assert one.removed == NOON + timedelta(hours=29)
    assert one.verified == NOON + timedelta(hours=53)
    assert one.relisted == NOON + timedelta(hours=77)
    assert (two.removed, two.verified, two.relisted) == (None, None, None)
    with reading(world.engine) as connection:
        overdue = figures.overdue(connection, NOON + timedelta(hours=30))
        standing = figures.standing(connection, number)
        back = figures.back(connection, "plaza", 10)
        looks = figures.checks(connection, standing[0]["listing_id"])
        due = figures.rechecks_due(connection, "2026-11-21", world.now)
    assert [(row["number"], row["open"]) for row in overdue] == [(number, 2)]
    assert sorted(row["word"] for row in standing) == ["unknown", "up"]
    assert [(row["relisted_how"], row["back_as"]) for row in back] == [("same", [])]
    assert len(looks) == 3
    assert {row["word"] for row in due} == {"up", "unknown"}


def test_a_case_that_is_back_is_named(world: World, tmp_path: Path) -> None:
    from tests.casework.test_relisting import offer, remove

    old = remove(world, tmp_path)
    new = offer(world, "new", seller_id="s1")
    look_for_relisted(world.engine, str, "2026-11-21", world.now, Actor("machine", "局"))
    with reading(world.engine) as connection:
        (row,) = figures.back(connection, None, 10)
    assert (row["case_id"], row["back_as"], row["relisted_how"]) == (old, [new], "seller")
