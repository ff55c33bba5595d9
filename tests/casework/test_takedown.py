from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from adwatch.casework.letter import letter
from adwatch.casework.takedown import draft, mark_sent, verify
from adwatch.errors import Blocked, StageError, Unreachable, UsageError
from adwatch.models import Listing
from adwatch.ports import Refetched
from adwatch.store import schema as s
from adwatch.store.captures import store_capture
from tests.casework.office import CLASSES, PLATFORMS, UNIT, ZONE, decide, law
from tests.store.world import DAY, OFFER, World, capture, listing, verdict


def _draft(world: World, folder: Path) -> list[dict[str, Any]]:
    out = folder / "out"
    return draft(
        world.engine,
        out,
        law=law(folder),
        classes=CLASSES,
        platforms=PLATFORMS,
        unit=UNIT,
        now=world.now,
        zone=ZONE,
    )


def _confirmed(world: World, *names: str, platform: str = "plaza") -> None:
    for name in names:
        item = listing(name, platform=platform)
        decide(world, world.flag(item, verdict(item, contact="abc13800138000")))


def _words(file: str) -> str:
    document = Document(file)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


class _Answers:
    """A refetch that answers from a table: a word, or an error to raise."""

    def __init__(self, world: World, answers: dict[str, Any]) -> None:
        self.world, self.answers, self.asked = world, answers, list[str]()

    def __call__(self, item: Listing, day: str, save: Any) -> Refetched:
        self.asked.append(item.native_id)
        answer = self.answers[item.native_id]
        if isinstance(answer, Exception):
            raise answer
        self.world.captures += 1
        taken = capture(self.world.captures, item.platform, day, self.world.now)
        taken = replace(taken, id=store_capture(self.world.engine, taken, "html", None))
        read = replace(item, text="改为辅导") if answer == "changed" else item
        return Refetched(answer, read if answer in ("up", "changed") else None, taken, "as told")


class _Clock:
    def __init__(self, world: World) -> None:
        self.world = world

    def now(self) -> datetime:
        return self.world.now


def _verify(world: World, answers: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    def save(_: Any) -> Any:
        raise AssertionError("the answers save for themselves")

    return verify(world.engine, _Answers(world, answers), save, day=DAY, clock=_Clock(world), **more)


def test_one_request_per_platform_over_what_is_confirmed_and_in_no_request(world: World, tmp_path: Path) -> None:
    _confirmed(world, "1", "2")
    _confirmed(world, "3", platform="bazaar")
    world.flag(listing("4"))
    decide(world, world.flag(listing("5")), "dismiss")
    rows = _draft(world, tmp_path)
    assert [(row["number"], row["platform"], row["listings"]) for row in rows] == [
        ("ADW-TD-2026-0001", "bazaar", 1),
        ("ADW-TD-2026-0002", "plaza", 2),
    ]
    assert _draft(world, tmp_path) == []
    _confirmed(world, "6")
    assert [(row["number"], row["listings"]) for row in _draft(world, tmp_path)] == [("ADW-TD-2026-0003", 1)]


def test_the_letter_says_what_an_office_must_say(world: World, tmp_path: Path) -> None:
    _confirmed(world, "1")
    (row,) = _draft(world, tmp_path)
    words = _words(row["letter"])
    for needed in (
        *(
            "广场（某市）网络科技有限公司（广场网）：",
            "ADW-TD-2026-0001",
            "文号",
            "（印章）",
            UNIT,
            "附件",
            "涉嫌",
            "24小时内",
        ),
        *(
            "平台规则第3条",
            "《某某法》第一条",
            "承诺通过",
            "https://plaza.example/item/1",
            "小店",
            "“电工证包过，不过退款”",
        ),
        *(f"CAP-1-{1:016x}"[:6], f"{1:064x}"[:16], "ADW-2026-000001", "某市应急管理局甄别"),
    ):
        assert needed in words, needed
    assert "13800138000" not in words
    xml = zipfile.ZipFile(row["letter"]).read("word/document.xml").decode()
    assert 'w:eastAsia="仿宋"' in xml
    assert 'w:eastAsia="宋体"' in xml


def test_the_json_is_the_same_request_for_machines(world: World, tmp_path: Path) -> None:
    _confirmed(world, "1")
    (row,) = _draft(world, tmp_path)
    text = Path(row["json"]).read_text(encoding="utf-8")
    assert "13800138000" not in text
    found = json.loads(text)
    assert (found["schema"], found["number"], found["deadline_hours"]) == ("adwatch.takedown/1", row["number"], 24)
    (one,) = found["listings"]
    assert (one["capture_id"], one["capture_sha256"], one["lead_number"]) == (1, f"{1:064x}", "ADW-2026-000001")
    assert one["quotes"] == ["电工证包过，不过退款"]


def test_a_draft_whose_files_were_lost_is_written_again_byte_for_byte(world: World, tmp_path: Path) -> None:
    _confirmed(world, "1")
    (row,) = _draft(world, tmp_path)
    before = Path(row["letter"]).read_bytes(), Path(row["json"]).read_bytes()
    Path(row["letter"]).unlink()
    world.tick(days=3)
    (again,) = _draft(world, tmp_path)
    assert again["number"] == row["number"]
    assert (Path(row["letter"]).read_bytes(), Path(row["json"]).read_bytes()) == before
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        f"{row['number']}.docx",
        f"{row['number']}.json",
    ]


def test_what_was_confirmed_is_quoted_not_what_stands_there_later(world: World, tmp_path: Path) -> None:
    _confirmed(world, "1")
    world.tick(hours=1)
    world.store(listing("1", "现在卖书"))
    (row,) = _draft(world, tmp_path)
    assert "“电工证包过，不过退款”" in _words(row["letter"])


def test_hostile_text_cannot_break_the_letter(world: World, tmp_path: Path) -> None:
    item = listing(
        "1", "包过\x01\x0b<w:p>&amp;\u202e坏", title="坏\x02", url="https://plaza.example/\x03", seller_name="\x04店"
    )
    decide(world, world.flag(item, verdict(item)))
    (row,) = _draft(world, tmp_path)
    assert "包过\ufffd" in _words(row["letter"])


def test_a_platform_without_master_data_is_addressed_by_its_label(world: World, tmp_path: Path) -> None:
    _confirmed(world, "3", platform="bazaar")
    (row,) = _draft(world, tmp_path)
    words = _words(row["letter"])
    assert "集市网：" in words
    assert "自收到本函之日起及时" in words


def test_sending_starts_the_deadline_once(world: World, tmp_path: Path) -> None:
    _confirmed(world, "1")
    _confirmed(world, "2", platform="bazaar")
    numbers = [row["number"] for row in _draft(world, tmp_path)]
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
    _confirmed(world, "1", "2", "3", "4", "5", "6", "7")
    (row,) = _draft(world, tmp_path)
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
    _confirmed(world, "1")
    (row,) = _draft(world, tmp_path)
    mark_sent(world.engine, [row["number"]], "张三", world.now, zone=ZONE)
    for answer in ("gone", "deleted", "up"):
        world.tick(days=1)
        _verify(world, {"1": answer})
    assert [each["word"] for each in world.rows(s.takedown_check)] == ["gone", "unknown", "up"]
    assert [each["word"] for each in world.rows(s.takedown_listing)] == ["up"]


def test_a_draft_is_not_verified(world: World, tmp_path: Path) -> None:
    _confirmed(world, "1")
    _draft(world, tmp_path)
    assert _verify(world, {}) == []


def test_a_folder_that_cannot_be_written_is_one_sentence_and_loses_nothing(world: World, tmp_path: Path) -> None:
    _confirmed(world, "1")
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(StageError, match="--out"):
        _draft(world, tmp_path)
    (tmp_path / "out").unlink()
    assert [row["number"] for row in _draft(world, tmp_path)] == ["ADW-TD-2026-0001"]


def test_a_letter_is_the_same_bytes_and_opens_with_many_rows(world: World, tmp_path: Path) -> None:
    _confirmed(world, "1")
    (row,) = _draft(world, tmp_path)
    content = json.loads(Path(row["json"]).read_text(encoding="utf-8"))
    content["listings"] = [{**content["listings"][0], "seq": n} for n in range(1, 301)]
    made = letter(content)
    assert made == letter(content)
    assert len(Document(BytesIO(made)).tables[0].rows) == 301
