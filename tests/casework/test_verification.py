"""How looks add up: two at distance remove, the schedule backs off, what is back is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adwatch.casework.takedown import mark_sent
from adwatch.casework.tracks import tracks_of
from adwatch.casework.verification import Looking, verify, word_label
from adwatch.casework.verification_state import Look, advance, apart
from adwatch.errors import SpecError
from adwatch.evidence.audit import verify_log
from adwatch.models import Listing
from adwatch.ports import Refetched
from adwatch.store import schema as s
from adwatch.store.captures import store_capture
from adwatch.store.engine import reading
from adwatch.tables.rechecks import WORDS, check_rules, rechecks
from tests.casework.office import ZONE, confirmed, draft
from tests.store.world import DAY, World, capture

RULES = rechecks()
START = datetime(2026, 11, 18, 6, 40, tzinfo=UTC)
"""14:40 in the office's time zone."""


def looked(*words: str | tuple[str, float], deadline: datetime | None = None) -> dict[str, Any]:
    """The row after looks, a day apart or as many hours after the first as is said."""
    row: dict[str, Any] | None = None
    for number, each in enumerate(words):
        word, hours = each if isinstance(each, tuple) else (each, 24.0 * number)
        word, _, judged = word.partition("/")
        at = START + timedelta(hours=hours)
        day = at.astimezone(ZONE).date().isoformat()
        row = advance(row, Look(word, judged or None, at, day), deadline, RULES, ZONE)
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("words", "removed", "verified"),
    [
        (("gone",), None, None),
        (("gone", "gone"), "2026-11-18", "2026-11-19"),
        (("up", "gone", "gone"), "2026-11-19", "2026-11-20"),
        (("gone", "unknown", "gone"), "2026-11-18", "2026-11-20"),
        (("gone", "unknown", "unknown"), None, None),
        (("gone", "up", "gone"), None, None),
        (("gone", "changed/clear", "gone"), None, None),
        (("gone", "moved", "gone"), None, None),
        (("gone", ("gone", 2.0)), None, None),
        (("gone", ("gone", 2.0), ("gone", 26.0)), "2026-11-18", "2026-11-19"),
        ((("gone", 9.0), ("gone", 9.5)), None, None),
        ((("gone", 0.0), ("gone", 23.99)), "2026-11-18", "2026-11-19"),
        (("unknown", "unknown"), None, None),
    ],
)
def test_two_looks_at_distance_remove(
    words: Sequence[str | tuple[str, float]], removed: str | None, verified: str | None
) -> None:
    row = looked(*words)
    assert (row["removed_day"], row["verified_day"]) == (removed, verified)
    assert (row["removed_at"] is None) == (removed is None)


def test_midnight_between_two_looks_is_no_distance() -> None:
    late, early = START.replace(hour=15, minute=50), START.replace(hour=16, minute=10)
    looks = [Look("gone", None, at, at.astimezone(ZONE).date().isoformat()) for at in (late, early)]
    assert looks[0].day < looks[1].day
    assert not apart(looks[0], looks[1], RULES.apart_hours, ZONE)
    assert apart(replace(looks[0], day="2026-11-02"), replace(looks[1], day="2026-11-03"), RULES.apart_hours, ZONE)


@pytest.mark.parametrize(
    ("words", "back"),
    [
        (("gone", "gone", "up"), "2026-11-20"),
        (("gone", "gone", "changed/flagged"), "2026-11-20"),
        (("gone", "gone", "changed/review"), "2026-11-20"),
        (("gone", "gone", "changed/clear"), None),
        (("gone", "gone", "moved"), None),
        (("gone", "gone", "unknown"), None),
        (("gone", "up"), None),
        (("gone", "gone", "up", "gone", "gone", "up"), "2026-11-20"),
    ],
)
def test_back_is_an_offer_seen_after_a_verified_removal(words: Sequence[str], back: str | None) -> None:
    row = looked(*words)
    assert row["relisted_day"] == back
    assert row["relisted_how"] == ("same" if back else None)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        (("up",), 0),
        (("up", "up"), 0),
        (("up", "up", "up"), 1),
        (("up",) * 6, 3),
        (("up",) * 30, 7),
        (("gone",), 1),
        (("gone", "gone"), 2),
        (("unknown",) * 3, 1),
        (("up", "up", "up", "changed/flagged"), 0),
    ],
)
def test_the_schedule_backs_off(words: Sequence[str], days: int) -> None:
    row = looked(*words)
    day = datetime.fromisoformat(row["last_day"]) + timedelta(days=days)
    assert row["due_day"] == day.date().isoformat()


def test_what_is_gone_is_looked_at_again_for_ninety_days() -> None:
    row, days = looked("gone"), [0]
    while row["due_day"] is not None and len(days) < 20:
        at = START + timedelta(days=(datetime.fromisoformat(row["due_day"]).date() - START.date()).days)
        days.append((at - START).days)
        row = advance(row, Look("gone", None, at, row["due_day"]), None, RULES, ZONE)
    assert days == [0, 1, 3, 7, 14, 30, 90]


def test_a_deadline_is_not_passed_over() -> None:
    deadline = START + timedelta(days=7, hours=2)
    row = looked(*("up",) * 6, deadline=deadline)
    assert (row["due_at"], row["due_day"]) == (deadline, "2026-11-25")
    assert looked(*("up",) * 6, deadline=START - timedelta(days=9))["due_day"] == "2026-11-26"


def test_tables_say_each_word_and_a_mistake_names_its_line(tmp_path: Path) -> None:
    assert set(RULES.steps) == set(WORDS)
    rules = check_rules()
    assert {rule.word for rule in rules.values()} == set(WORDS)
    assert all((rule.confidence is None) == (rule.word == "unknown") for rule in rules.values())
    (tmp_path / "tables").mkdir()
    file = tmp_path / "tables" / "rechecks.csv"
    whole = "word,look,hours,note\n" + "".join(f"{word},1,24,\n" for word in (*WORDS, "apart"))
    for spoilt, said in (
        (whole + "gone,2,x,\n", ":8:"),
        (whole + "goned,2,48,\n", ":8:"),
        (whole + "up,1,48,\n", ":8:"),
        (whole + "gone,2,12,\n", "must rise"),
        (whole.replace("moved,1,24,\n", ""), "moved"),
        (whole.replace("hours", "hour"), "columns"),
    ):
        file.write_text(spoilt, encoding="utf-8")
        with pytest.raises(SpecError, match=said):
            rechecks(tmp_path)
    file.write_text(whole, encoding="utf-8")
    assert rechecks(tmp_path).apart_hours == 24


class Answers:
    """A refetch by native id: a word, or a text that stands there now."""

    def __init__(self, world: World, answers: Mapping[str, str]) -> None:
        self.world, self.answers = world, answers
        self.asked: list[str] = []

    def __call__(self, listing: Listing, day: str, save: Any) -> Refetched:
        self.asked.append(listing.native_id)
        word, _, text = self.answers[listing.native_id].partition(":")
        self.world.captures += 1
        taken = capture(self.world.captures, listing.platform, day, self.world.now)
        taken = replace(taken, id=store_capture(self.world.engine, taken, "html", None))
        read = replace(listing, text=text or listing.text) if word in ("up", "changed") else None
        rule = {"gone": "gone_status", "up": "up_same", "changed": "changed_item", "moved": "moved_home"}.get(word)
        return Refetched(word, read, taken, "as told", rule or "no_item")


class Clock:
    def __init__(self, world: World) -> None:
        self.world = world

    def now(self) -> datetime:
        return self.world.now


def judged(title: str | None, text: str | None, day: str) -> str:
    return "flagged" if "包过" in (text or "") else "review" if "协助" in (text or "") else "clear"


def look(world: World, answers: Mapping[str, str], everything: bool = False, **more: Any) -> list[dict[str, Any]]:
    day = world.now.astimezone(ZONE).date().isoformat()
    return verify(
        world.engine,
        Answers(world, answers),
        lambda _: None,  # type: ignore[arg-type, unused-ignore]
        day=day,
        clock=Clock(world),
        everything=everything,
        looking=Looking(ZONE, judge=judged),
        **more,
    )


def sent(world: World, folder: Path, *names: str, platform: str = "plaza") -> str:
    confirmed(world, *names, platform=platform)
    (row,) = draft(world, folder)
    mark_sent(world.engine, [row["number"]], "张三", world.now, zone=ZONE)
    return str(row["number"])


def test_only_what_is_due_is_looked_at(world: World, tmp_path: Path) -> None:
    number = sent(world, tmp_path, "1", "2", "3")
    gone = {"1": "gone", "2": "up", "3": "unknown"}
    assert len(look(world, gone)) == 3, "the first look, as soon as it is sent"
    world.tick(hours=1)
    assert [row["url"][-1] for row in look(world, gone)] == ["2", "3"]
    world.tick(hours=1)
    assert len(look(world, gone, everything=True)) == 3
    assert len(look(world, gone, number=number)) == 3
    world.tick(hours=22)
    rows = look(world, gone)
    assert [(row["word"], row["verified"]) for row in rows] == [("gone", True), ("up", False), ("unknown", False)]
    world.tick(days=1)
    assert [row["word"] for row in look(world, gone)] == ["up", "unknown"]
    assert verify_log(world.engine).fault is None


def test_each_check_has_its_rule_how_sure_it_is_and_what_the_text_is_now(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2", "3", "4")
    rows = look(world, {"1": "changed:包过，换个说法", "2": "changed:出售教材", "3": "changed:协助办理", "4": "gone"})
    assert [row["judged"] for row in rows] == ["flagged", "clear", "review", None]
    assert [row["word_label"] for row in rows[:2]] == ["内容已改，仍是违法招揽", "内容已改，已不是违法招揽"]
    stored = world.rows(s.takedown_check)
    assert [row["rule"] for row in stored] == ["changed_item"] * 3 + ["gone_status"]
    assert [row["confidence"] for row in stored] == [0.97, 0.97, 0.97, 0.97]
    assert all(row["capture_id"] and row["day"] for row in stored)
    assert word_label("gone", None) == "已下架"


def test_the_takedown_track_goes_along_and_the_case_is_closed_and_comes_back(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    both = {"1": "gone", "2": "gone"}

    def steps() -> list[str]:
        with reading(world.engine) as connection:
            found = tracks_of(connection, [1, 2])
        return [row["step"] for case in sorted(found) for row in found[case] if row["track"] == "takedown"]

    if not steps():
        pytest.skip("no takedown track is opened by drafting")
    world.tick(hours=1)
    look(world, {**both, "2": "up"})
    assert steps() == ["verified_once", "sent"]
    world.tick(days=1)
    look(world, both)
    assert steps() == ["verified", "verified_once"]
    assert [row["state"] for row in world.rows(s.case)] == ["closed", "confirmed"]
    world.tick(days=2)
    look(world, {"1": "up", "2": "gone"})
    assert steps() == ["relisted", "verified"]
    assert [row["state"] for row in world.rows(s.case)] == ["confirmed", "closed"]


def test_a_listing_put_up_again_counts_as_relisted_once(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    for word in ("gone", "gone", "up", "gone", "up"):
        look(world, {"1": word}, everything=True)
        world.tick(days=1)
    (row,) = world.rows(s.removal)
    assert (row["removed_day"], row["verified_day"], row["relisted_day"]) == (DAY, "2026-11-19", "2026-11-20")
    assert row["relisted_how"] == "same"
    assert [event["kind"] for event in world.rows(s.event, subject="takedown")].count("relisted") == 1
    assert [entry["action"] for entry in world.rows(s.audit_entry)].count("takedown.relisted") == 1
