from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from adwatch.casework.takedown import mark_sent
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.store.pages import Due, add_page_capture, attempt_of, due, retry_time, spent
from tests.casework.office import ZONE, confirmed, decide, draft
from tests.store.world import DAY, World, listing, verdict


def waiting(world: World, days: float = 7) -> list[Due]:
    with reading(world.engine) as connection:
        return due(connection, world.now, world.now - timedelta(days=days), 100)


def done(world: World, wanted: Due, state: str = "captured", **more: Any) -> int:
    with writing(world.engine) as connection:
        values: dict[str, Any] = {
            "listing_id": wanted.listing_id,
            "case_id": wanted.case_id,
            "occasion": wanted.occasion,
            "ref": wanted.ref,
            "attempt": attempt_of(connection, wanted),
            "at": world.now,
            "ended_at": world.now,
            "day": DAY,
            "host": "plaza.example",
            "state": state,
            "message": "",
            "url": wanted.url,
            "person": "machine",
            "unit": "AdWatch",
            "facts": {},
            "files": {},
            **more,
        }
        return add_page_capture(connection, **values)


def test_a_flagged_lead_is_due_once_and_the_highest_score_first(world: World) -> None:
    for number, score in (("1", 0.7), ("2", 0.95), ("3", 0.8)):
        world.flag(listing(number), verdict(listing(number), score=score))
    found = waiting(world)
    assert [(each.occasion, each.score) for each in found] == [("flagged", 0.95), ("flagged", 0.8), ("flagged", 0.7)]
    done(world, found[0])
    assert [each.score for each in waiting(world)] == [0.8, 0.7]
    done(world, found[1], "partial", reason="no_font")
    assert [each.score for each in waiting(world)] == [0.7]


def test_a_dismissed_or_old_lead_is_not_due(world: World) -> None:
    case_id = world.flag(listing("1"))
    decide(world, case_id, "dismiss")
    world.flag(listing("2"))
    assert [each.occasion for each in waiting(world)] == ["flagged"]
    world.tick(days=8)
    assert waiting(world) == []
    assert len(waiting(world, 9)) == 1


def test_each_occasion_is_due_by_what_happened(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    case_id = world.rows(s.case)[0]["id"]
    found = waiting(world)
    assert [each.occasion for each in found] == ["confirmed", "flagged"]
    for each in found:
        done(world, each)
    assert waiting(world) == []
    number = draft(world, tmp_path)[0]["number"]
    mark_sent(world.engine, [number], "王五", world.now, zone=ZONE)
    [sent] = waiting(world)
    assert (sent.occasion, sent.case_id, sent.url) == ("sent", case_id, "https://plaza.example/item/1")
    done(world, sent)
    for _again in range(2):
        with writing(world.engine) as connection:
            takedown = world.rows(s.takedown)[0]["id"]
            values = {"takedown_id": takedown, "listing_id": sent.listing_id, "word": "present", "at": world.now}
            connection.execute(s.takedown_check.insert().values(**values, message=""))
        [check] = waiting(world)
        assert check.occasion == "check"
        done(world, check)
        assert waiting(world) == []


def test_only_the_newest_check_is_worth_a_capture(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    number = draft(world, tmp_path)[0]["number"]
    mark_sent(world.engine, [number], "王五", world.now, zone=ZONE)
    for each in waiting(world):
        done(world, each)
    listing_id, takedown = world.rows(s.listing)[0]["id"], world.rows(s.takedown)[0]["id"]
    with writing(world.engine) as connection:
        values = {"takedown_id": takedown, "listing_id": listing_id, "word": "present", "at": world.now, "message": ""}
        connection.execute(s.takedown_check.insert(), [values, values, values])
    assert [each.ref for each in waiting(world)] == [world.rows(s.takedown_check)[-1]["id"]]


def test_a_failed_attempt_is_made_again_when_its_time_has_come_and_not_for_ever(world: World) -> None:
    world.flag(listing("1"))
    [wanted] = waiting(world)
    for attempt in (1, 2, 3):
        [again] = waiting(world)
        assert again == wanted
        state, reason = ("failed", "unreachable") if attempt % 2 else ("partial", "crashed")
        done(world, wanted, state, reason=reason, retry_at=retry_time(attempt, world.now))
        assert waiting(world) == []
        world.tick(hours=7)
    assert waiting(world) == []
    assert [row["attempt"] for row in world.rows(s.page_capture)] == [1, 2, 3]


def test_what_failed_for_good_is_not_made_again(world: World) -> None:
    world.flag(listing("1"))
    [wanted] = waiting(world)
    done(world, wanted, "failed", reason="robots", retry_at=None)
    world.tick(days=1)
    assert waiting(world) == []


def test_the_budget_counts_only_what_asked_a_host(world: World) -> None:
    for number in "1234":
        world.flag(listing(number))
    first, second, third, fourth = waiting(world)
    done(world, first)
    done(world, second, "failed", reason="unreachable")
    done(world, third, "failed", reason="no_browser", host="other.example")
    done(world, fourth, day="2026-11-17")
    with reading(world.engine) as connection:
        assert spent(connection, DAY) == {"plaza.example": 2}


def test_attempts_are_numbered_on(world: World) -> None:
    world.flag(listing("1"))
    [wanted] = waiting(world)
    done(world, wanted)
    with writing(world.engine) as connection:
        connection.execute(update(s.page_capture).values(attempt=7))
        assert attempt_of(connection, wanted) == 8
