from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adwatch.casework.takedown import mark_sent
from adwatch.casework.verification import verify
from adwatch.errors import ArchiveError, Blocked, StageError, Unreachable, UsageError
from adwatch.models import Listing
from adwatch.ports import Refetched
from adwatch.store import schema as s
from adwatch.store.captures import store_capture
from tests.casework.office import ZONE, confirmed, decide, draft, drafted, words
from tests.store.world import DAY, OFFER, World, capture, listing, verdict


class _Answers:
    """A refetch that answers from a table: a word, or an error to raise."""

    def __init__(self, world: World, answers: dict[str, Any], spoil: Set[str]) -> None:
        self.world, self.answers, self.spoil, self.asked = world, answers, spoil, list[str]()

    def __call__(self, item: Listing, day: str, save: Any) -> Refetched:
        self.asked.append(item.native_id)
        answer = self.answers[item.native_id]
        if isinstance(answer, Exception):
            raise answer
        self.world.captures += 1
        taken = capture(self.world.captures, item.platform, day, self.world.now)
        taken = replace(taken, id=store_capture(self.world.engine, taken, "html", None))
        read = replace(item, text="改为辅导") if answer == "changed" else item
        if item.native_id in self.spoil:
            read = replace(read, text=b"no text")  # type: ignore[arg-type]
        return Refetched(answer, read if answer in ("up", "changed") else None, taken, "as told")


class _Clock:
    def __init__(self, world: World) -> None:
        self.world = world

    def now(self) -> datetime:
        return self.world.now


def _verify(world: World, answers: dict[str, Any], spoil: Set[str] = frozenset(), **more: Any) -> list[dict[str, Any]]:
    def save(_: Any) -> Any:
        raise AssertionError("the answers save for themselves")

    return verify(world.engine, _Answers(world, answers, spoil), save, day=DAY, clock=_Clock(world), **more)


def test_one_request_per_platform_over_what_is_confirmed_and_in_no_request(world: World, tmp_path: Path) -> None:
    confirmed(world, "1", "2")
    confirmed(world, "3", platform="bazaar")
    world.flag(listing("4"))
    decide(world, world.flag(listing("5")), "dismiss")
    rows = draft(world, tmp_path)
    assert [(row["number"], row["platform"], row["listings"]) for row in rows] == [
        ("ADW-TD-2026-0001", "bazaar", 1),
        ("ADW-TD-2026-0002", "plaza", 2),
    ]
    assert draft(world, tmp_path) == []
    confirmed(world, "6")
    assert [(row["number"], row["listings"]) for row in draft(world, tmp_path)] == [("ADW-TD-2026-0003", 1)]


def test_a_draft_whose_files_were_lost_is_written_again_byte_for_byte(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    (row,) = draft(world, tmp_path)
    before = Path(row["letter"]).read_bytes(), Path(row["json"]).read_bytes()
    Path(row["letter"]).unlink()
    world.tick(days=3)
    (again,) = draft(world, tmp_path)
    assert again["number"] == row["number"]
    assert (Path(row["letter"]).read_bytes(), Path(row["json"]).read_bytes()) == before
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        f"{row['number']}.docx",
        f"{row['number']}.json",
        f"{row['number']}.xlsx",
    ]


def test_what_was_confirmed_is_quoted_not_what_stands_there_later(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    world.tick(hours=1)
    world.store(listing("1", "现在卖书"))
    (row,) = draft(world, tmp_path)
    assert "“电工证包过，不过退款”" in words(row["letter"])


def test_a_tip_is_in_no_letter_and_is_named_instead(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    for name, platform in (("2", "plaza"), ("3", "hotline")):
        item = listing(name, platform=platform, kind="tip")
        decide(world, world.flag(item, verdict(item)))
    report, rows = drafted(world, tmp_path)
    assert [(row["platform"], row["listings"]) for row in rows] == [("plaza", 1)]
    assert report.dropped == {"tip": 2}
    assert any("hotline 3" in note and "投诉举报" in note for note in report.notes)
    again, none = drafted(world, tmp_path)
    assert (none, again.dropped) == ([], {"tip": 2})


def test_sending_starts_the_deadline_once(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    confirmed(world, "2", platform="bazaar")
    numbers = [row["number"] for row in draft(world, tmp_path)]
    report, rows = mark_sent(world.engine, [*numbers, "ADW-TD-2026-9999"], "张三", world.now, zone=ZONE)
    assert [(row["number"], row["deadline_at"]) for row in rows] == [
        (numbers[0], "未规定"),
        (numbers[1], "2026-11-19 12:00"),
    ]
    assert dict(report.dropped) == {"unknown": 1}
    report, rows = mark_sent(world.engine, numbers[:1], "李四", world.tick(days=1), zone=ZONE)
    assert (dict(report.dropped), rows) == ({"already_sent": 1}, [])
    assert [row["sent_by"] for row in world.rows(s.takedown)] == ["张三", "张三"]
    with pytest.raises(UsageError):
        mark_sent(world.engine, numbers, " ", world.now, zone=ZONE)


def test_verification_records_a_word_with_capture_and_time(world: World, tmp_path: Path) -> None:
    confirmed(world, "1", "2", "3", "4", "5", "6", "7")
    (row,) = draft(world, tmp_path)
    with pytest.raises(UsageError, match="mark-sent"):
        _verify(world, {}, number=row["number"])
    mark_sent(world.engine, [row["number"]], "张三", world.now, zone=ZONE)
    world.tick(days=1)
    answers = {
        **{"1": "gone", "2": "up", "3": "changed", "4": "moved", "5": "unknown"},
        **{"6": Blocked("captcha"), "7": Unreachable("timeout")},
    }
    seen: list[int] = []
    rows = _verify(world, answers, progress=seen.append)
    assert [each["word"] for each in rows] == ["gone", "up", "changed", "moved", "unknown", "unknown", "unknown"]
    assert rows[0]["word_label"] == "已下架"
    assert "blocked" in rows[5]["message"]
    assert sum(seen) == 7
    stored = world.rows(s.takedown_listing)
    assert [each["word"] for each in stored] == [each["word"] for each in rows]
    assert all(each["checked_at"] == world.now for each in stored)
    assert [each["check_capture_id"] is not None for each in stored] == [True] * 5 + [False] * 2
    assert len(world.rows(s.takedown_check)) == 7
    texts = [each["text"] for each in world.rows(s.listing_version)]
    assert texts == [OFFER] * 7 + ["改为辅导"], "what was read is stored, for the classifier"


def test_a_check_never_overwrites_history_and_a_strange_word_is_unknown(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    (row,) = draft(world, tmp_path)
    mark_sent(world.engine, [row["number"]], "张三", world.now, zone=ZONE)
    for answer in ("gone", "deleted", "up"):
        world.tick(days=1)
        _verify(world, {"1": answer})
    assert [each["word"] for each in world.rows(s.takedown_check)] == ["gone", "unknown", "up"]
    assert [each["word"] for each in world.rows(s.takedown_listing)] == ["up"]


def test_one_bad_listing_does_not_stop_the_others(world: World, tmp_path: Path) -> None:
    confirmed(world, "1", "2", "3", "4")
    (row,) = draft(world, tmp_path)
    mark_sent(world.engine, [row["number"]], "张三", world.now, zone=ZONE)
    answers = {"1": ValueError("odd"), "2": UsageError("ADWATCH_CONTACT is not set"), "3": "changed", "4": "gone"}
    rows = _verify(world, answers, spoil={"3"})
    assert [(each["word"], each["failed"]) for each in rows] == [
        *(("unknown", True), ("unknown", True), ("unknown", True), ("gone", False))
    ]
    assert [each["message"] for each in rows[:2]] == [
        "ValueError: odd; this is a defect, please report it",
        "ADWATCH_CONTACT is not set",
    ]
    assert [each["word"] for each in world.rows(s.takedown_check)] == ["unknown"] * 3 + ["gone"]
    with pytest.raises(StageError, match="disk"):
        _verify(world, {**answers, "2": ArchiveError("disk full")})


def test_a_draft_is_not_verified(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    draft(world, tmp_path)
    assert _verify(world, {}) == []


def test_a_folder_that_cannot_be_written_is_one_sentence_and_loses_nothing(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(StageError, match="--out"):
        draft(world, tmp_path)
    (tmp_path / "out").unlink()
    assert [row["number"] for row in draft(world, tmp_path)] == ["ADW-TD-2026-0001"]
