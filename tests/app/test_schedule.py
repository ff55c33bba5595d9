"""What the schedules call, without Airflow: which day, which week, when a day is whole, what fails visibly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import patrol, schedule
from adwatch.app.markdown import cell, table
from adwatch.errors import StageError, UsageError
from tests.app.sites import World, goods, serving

TIPS = "name: tips\nlabel: 线索\nkind: handover\naccess: handover\nbasis: 测试\nhandover: {folder: inbox/tips}\n"
WEEK = [f"2026-11-{day}" for day in range(16, 23)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(goods(3, 2)) as site:
        yield World(tmp_path, site)


@pytest.mark.parametrize(
    ("params", "key", "day"),
    [
        ({"day": "2026-11-18"}, None, "2026-11-18"),
        ({"day": None}, "2026-11-19", "2026-11-19"),
        ({"day": "2026-11-18"}, "2026-11-19", "2026-11-18"),
    ],
)
def test_the_day_is_the_param_else_the_key(params: dict[str, Any], key: str | None, day: str) -> None:
    assert schedule.day_of(params, key) == day


@pytest.mark.parametrize(("text", "told"), [(None, "partition key"), ("", "partition key"), ("18.11.2026", "no date")])
def test_there_is_no_day_but_a_given_one(text: str | None, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        schedule.day_of({"day": text}, None)


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("2026-W47", "2026-W47"),
        ("2026-11-16 (W47)", "2026-W47"),
        ("2027-01-01", "2026-W53"),
        ("2026-11-22", "2026-W47"),
    ],
)
def test_the_week_of_a_key(text: str, week: str) -> None:
    assert schedule.week_of({"week": None}, text) == week


@pytest.mark.parametrize("text", ["2026-W54", "W47", "2026-47"])
def test_no_week(text: str) -> None:
    with pytest.raises(UsageError):
        schedule.week_of({"week": text}, None)


def test_days_between_are_both_included() -> None:
    assert schedule.days_between(WEEK[0], WEEK[6]) == WEEK
    assert schedule.days_between(WEEK[0], None) == WEEK[:1]
    with pytest.raises(UsageError, match="before"):
        schedule.days_between(WEEK[1], WEEK[0])


def test_a_cell_is_only_text() -> None:
    assert cell("a|b\n[x](javascript:1) <i>`*") == r"a\|b \[x\](javascript:1) \<i\>\`\*"
    assert cell(None) == ""
    assert table(("甲", "乙"), [(1, "二|2")]) == ["| 甲 | 乙 |", "|---|---|", r"| 1 | 二\|2 |"]


def test_a_day_is_whole_when_every_enabled_platform_has_a_result(world: World) -> None:
    world.platform("one")
    world.platform("two")
    with world.office() as office:
        done = [schedule.patrol_platform(office, WEEK[0], "one")]
        assert done[0]["platform"] == "one"
        alone = schedule.end_day(office, WEEK[0], ["one"], done)
        assert (alone["missing"], alone["seen"]) == (["two"], 5)
        done.append(schedule.patrol_platform(office, WEEK[0], "two"))
        end = schedule.end_day(office, WEEK[0], ["one", "two"], done)
        assert (end["missing"], end["platforms"], end["seen"]) == ([], ["one", "two"], 10)


def test_a_failed_task_is_named_though_an_earlier_run_of_the_day_went_well(world: World) -> None:
    world.platform("one")
    world.platform("two")
    with world.office() as office:
        done = [schedule.patrol_platform(office, WEEK[0], name) for name in ("one", "two")]
        text = schedule.day_summary(office, WEEK[0], ["one", "two"], done[:1])
        assert "1 个平台失败 failed：two" in text
        assert "任务失败" in next(line for line in text.splitlines() if line.startswith("| two "))
        assert (office.home / "summaries" / f"patrol-{WEEK[0]}.md").read_text(encoding="utf-8") == text
        with pytest.raises(StageError, match="failed: two"):
            schedule.end_day(office, WEEK[0], ["one", "two"], done[:1])
        with pytest.raises(StageError, match="no platform"):
            schedule.end_day(office, WEEK[0], None, None)


def test_a_platform_in_error_fails_its_task(world: World) -> None:
    world.platform("one")
    (world.folder / "data" / "platforms" / "tips.yml").write_text(TIPS, encoding="utf-8")
    with world.office() as office, pytest.raises(StageError, match=r"tips.*folder"):
        schedule.patrol_platform(office, WEEK[0], "tips")


def test_a_handed_over_day_stays_what_it_was_when_it_is_patrolled_again(world: World) -> None:
    """A file is read once; the day on which it came is no empty day, the next one is."""
    (world.folder / "data" / "platforms").mkdir(parents=True)
    (world.folder / "data" / "platforms" / "tips.yml").write_text(TIPS, encoding="utf-8")
    inbox = world.folder / "home" / "inbox" / "tips"
    inbox.mkdir(parents=True)
    (inbox / "one.jsonl").write_text('{"native_id":"1","text":"线索"}\n', encoding="utf-8")
    with world.office() as office:
        for day in (WEEK[0], WEEK[0], WEEK[1]):
            last = schedule.patrol_platform(office, day, "tips")
        assert last["outcome"] == "empty"
        days = [patrol.day_rows(office, day) for day in WEEK[:2]]
        assert [(row["outcome"], row["seen"]) for [row] in days] == [("ok", 1), ("empty", 0)]
        (inbox / "two.jsonl").write_text('{"native_id":"2","text":"线索二"}\n', encoding="utf-8")
        schedule.patrol_platform(office, WEEK[1], "tips")
        assert [row["outcome"] for row in patrol.day_rows(office, WEEK[1])] == ["ok"]


def test_a_list_that_was_issued_before_the_week_was_whole_is_issued_anew(world: World) -> None:
    world.platform()
    with world.office() as office:
        schedule.patrol_platform(office, WEEK[0], "shop")
        early = schedule.export_week(office, "2026-W47", ["jsonl"])
        assert early["reissued"] is False
        world.site.stock += goods(5, 1)[-1:]
        schedule.patrol_platform(office, WEEK[6], "shop")
        whole = schedule.export_week(office, "2026-W47", ["jsonl", "csv"])
        assert whole["reissued"] is True
        assert [Path(file).name for file in whole["files"]] == [
            "2026-W47-issue2-manifest.json",
            "2026-W47-issue2.csv",
            "2026-W47-issue2.jsonl",
        ]
        written = {file: Path(file).read_bytes() for file in whole["files"]}
        again = schedule.export_week(office, "2026-W47", ["jsonl", "csv"])
        assert again == {**whole, "reissued": False}
        assert {file: Path(file).read_bytes() for file in whole["files"]} == written
        counts = [
            json.loads(Path(files[0]).read_bytes())["counts"]["listings"] for files in (early["files"], again["files"])
        ]
        assert counts == [2, 3]
        assert "第 2 期，3 条" in schedule.week_summary(office, again)


def test_nothing_sent_is_nothing_to_look_at(world: World) -> None:
    world.platform()
    with world.office() as office:
        done = schedule.recheck(office, WEEK[0])
        assert done == {"day": WEEK[0], "words": {}, "requests": [], "back": []}
        assert "没有已发出的下架函" in schedule.recheck_summary(office, done)


def test_a_platform_that_cannot_be_rebuilt_stops_no_other(world: World) -> None:
    world.platform("one")
    world.platform("two")
    for name in world.names:
        world.patrol(WEEK[0], name)
    [file] = (world.folder / "home" / "archive").rglob("one-*.warc.gz")
    damage(file)
    for database in (world.folder / "home").glob("*.db*"):
        database.unlink()
    with world.office() as office:
        done = schedule.rebuild_day(office, WEEK[0])
        rows = {row["platform"]: row for row in done["rows"]}
        assert (rows["one"]["outcome"], rows["two"]["outcome"], rows["two"]["seen"]) == ("error", "ok", 5)
        assert (done["failed"], done["missing"]) == (["one"], [])
        with pytest.raises(StageError, match=f"{WEEK[0]}: failed: one"):
            schedule.end_rebuild([WEEK[0]], [done])
        assert "出错 error" in schedule.rebuild_summary(office, [WEEK[0]], [done])
    assert world.command().run("extract", "--day", WEEK[0]).returncode == 3


def damage(file: Path) -> None:
    """Flip bytes in the middle of the last item's body; the metadata records that name it stay whole."""
    from warcio.archiveiterator import ArchiveIterator

    with file.open("rb") as stream:
        records = ArchiveIterator(stream)
        bodies = []
        for record in records:
            record.content_stream().read()
            if record.rec_type == "response":
                bodies.append((records.get_record_offset(), records.get_record_length()))
    offset, length = bodies[-1]
    data = bytearray(file.read_bytes())
    middle = offset + length // 2
    for place in range(middle, middle + 8):
        data[place] ^= 0xFF
    file.write_bytes(bytes(data))


def test_days_without_an_archive_and_days_not_whole(world: World) -> None:
    world.platform("one")
    world.patrol(WEEK[0], "one")
    world.platform("two")
    with world.office() as office:
        with pytest.raises(StageError, match="nothing of it in the archive"):
            schedule.rebuild_day(office, WEEK[1])
        done = schedule.rebuild_day(office, WEEK[0])
        assert done["missing"] == ["two"]
    assert schedule.end_rebuild([WEEK[0]], [done]) == [], "not whole: two was never looked at"
    with pytest.raises(StageError, match=f"{WEEK[1]}: not rebuilt"):
        schedule.end_rebuild(WEEK[:2], [done])
