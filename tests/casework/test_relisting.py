"""What is back after its removal, by whatever it is known again; and what only looks so."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from adwatch.casework.relisting import look_for_relisted, marks_of
from adwatch.casework.takedown import mark_sent
from adwatch.casework.weekly import Tables, weekly
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import marks as store
from adwatch.store import schema as s
from adwatch.store.bands import KEPT
from adwatch.store.engine import reading, writing
from adwatch.store.verdicts import classifier_id, current_versions, save_verdicts
from adwatch.store.views import ListingView
from tests.casework.office import CLASSES, FAMILIES, PLATFORMS, ZONE, decide, draft, law, register
from tests.casework.test_export import _rows, export
from tests.casework.test_verification import look, sent
from tests.store.world import NOON, World, listing, verdict

ACTOR = Actor("machine", "某局")
OFFER = "电工证包过，不过退款。联系人微 信 abc13800138000"


def find(world: World) -> int:
    """Look for what is back."""
    day = world.now.astimezone(ZONE).date().isoformat()
    return look_for_relisted(world.engine, lambda value: f"key:{value}", day, world.now, ACTOR)


def offer(world: World, name: str, words: str = "叉车证包过，三天", **more: Any) -> int:
    """Another flagged listing, seen today."""
    contact = more.pop("contact", None)
    values = {"seller_name": f"店{name}", "seller_id": f"s{name}", **more}
    item = listing(name, words + (f"，联系 {contact}" if contact else ""), **values)
    day = world.now.astimezone(ZONE).date().isoformat()
    return world.flag(item, verdict(item, contact=contact), day=day)


def remove(world: World, folder: Path, **more: Any) -> int:
    """A listing that was confirmed, asked for, and found gone twice; its case."""
    item = listing(
        "old", OFFER, **{"seller_id": "s1", "seller_name": "顺达", "images": ("https://i.example/a.jpg",), **more}
    )
    case = world.flag(item, verdict(item, contact="abc13800138000"))
    find(world)
    decide(world, case)
    _send(world, folder)
    for _ in range(2):
        world.tick(days=1)
        look(world, {"old": "gone"})
    world.tick(days=1)
    return case


def _send(world: World, folder: Path) -> None:
    mark_sent(world.engine, [row["number"] for row in draft(world, folder)], "张三", world.now, zone=ZONE)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("seller", {"seller_id": "s1"}),
        ("contact", {"contact": "abc13800138000", "platform": "bazaar"}),
        ("text", {"words": OFFER, "platform": "bazaar"}),
        ("text", {"words": "电工 证【包过】，不過退款！！ 联系人 微信abc13800138000", "platform": "bazaar"}),
        ("image", {"images": ("https://i.example/a.jpg?spm=1",)}),
        (None, {}),
        (None, {"seller_id": "s1", "platform": "bazaar"}),
        (None, {"seller_id": "s1", "posted_at": NOON - timedelta(days=9)}),
    ],
)
def test_what_is_back_is_linked(world: World, tmp_path: Path, kind: str | None, more: dict[str, Any]) -> None:
    old = remove(world, tmp_path)
    rest = {name: value for name, value in more.items() if name not in ("contact", "words")}
    words = more.get("words", "叉车证包过，三天") + (f"，联系 {more['contact']}" if "contact" in more else "")
    item = listing("new", words, **{"seller_id": "s9", "seller_name": "别家", **rest})
    flagged = verdict(item, words=(), contact=more.get("contact"))
    new = world.flag(item, flagged, day="2026-11-21")
    assert find(world) == (1 if kind else 0)
    links = world.rows(s.case_link)
    (row,) = [each for each in world.rows(s.removal) if each["verified_at"]]
    if kind is None:
        assert (links, row["relisted_at"]) == ([], None)
        return
    assert [(each["case_id"], each["other_id"], each["kind"], each["detail"]) for each in links] == [
        (new, old, "relisted", {"by": [kind]})
    ]
    assert (row["relisted_how"], row["relisted_day"]) == (kind, "2026-11-21")
    assert [event["subject_id"] for event in world.rows(s.event, kind="relisted", subject="case")] == [old, new]
    assert find(world) == 0, "once"
    assert len(world.rows(s.case_link)) == 1
    assert verify_log(world.engine).fault is None


def test_what_came_back_before_the_second_look_is_linked_by_it(world: World, tmp_path: Path) -> None:
    item = listing("old", OFFER, seller_id="s1")
    old = world.flag(item, verdict(item))
    stays = offer(world, "beside", seller_id="s1")
    find(world)
    decide(world, old)
    _send(world, tmp_path)
    world.tick(days=1)
    look(world, {"old": "gone"})
    new = offer(world, "new", seller_id="s1")
    assert find(world) == 0, "a removal seen once is none yet"
    world.tick(days=1)
    look(world, {"old": "gone"})
    assert [(row["case_id"], row["other_id"]) for row in world.rows(s.case_link)] == [(new, old)]
    assert stays not in {row["case_id"] for row in world.rows(s.case_link)}, "it stood beside the old one all the time"


def test_a_listing_that_stood_there_before_was_only_found_late(world: World, tmp_path: Path) -> None:
    world.store(listing("late", "拿证不用考", seller_id="s1"))
    world.judge(verdict(listing("late", "拿证不用考"), words=(), band="clear", scope=None, offer_types=()))
    remove(world, tmp_path)
    item = listing("late", "拿证不用考", seller_id="s1")
    later = classifier_id(world.engine, "2", "k")
    versions, _ = current_versions(world.engine, [bytes.fromhex(item.listing_id)], later)
    save_verdicts(world.engine, later, versions, [verdict(item, words=())], "2026-11-21", world.now)
    assert find(world) == 0
    assert world.rows(s.case_link) == []


def test_nobody_is_known_again_by_an_anonymous_name(world: World, tmp_path: Path) -> None:
    remove(world, tmp_path, seller_id=None, seller_name="匿名用户")
    offer(world, "new", seller_id=None, seller_name="匿名用户")
    assert find(world) == 0


def test_what_a_patrol_sees_again_becomes_due_and_the_next_look_decides(world: World, tmp_path: Path) -> None:
    remove(world, tmp_path)
    (before,) = world.rows(s.removal)
    assert before["due_day"] > "2026-11-21"
    find(world)
    assert world.rows(s.removal)[0]["due_day"] == before["due_day"], "it was not seen"
    world.store(listing("old", OFFER, seller_id="s1"), day="2026-11-21")
    find(world)
    assert world.rows(s.removal)[0]["due_day"] == "2026-11-21"
    assert world.rows(s.removal)[0]["relisted_at"] is None
    (row,) = look(world, {"old": "up"})
    assert row["relisted"]


@pytest.mark.slow
def test_a_new_case_costs_the_same_however_many_marks_there_are(world: World, tmp_path: Path) -> None:
    """Each query of the pass reads by an index: none reads the table of marks whole."""
    remove(world, tmp_path)
    if world.engine.dialect.name != "sqlite":
        pytest.skip("SQLite tells its plan in words")
    with reading(world.engine) as connection:
        for query in (
            "SELECT case_id FROM offer_mark WHERE kind='a' AND value='b' AND removed_day <= 'x' ORDER BY removed_day DESC",
            "SELECT case_id FROM offer_mark WHERE kind='a' AND value='b' AND opened_day >= 'x' ORDER BY opened_day",
            "SELECT kind FROM offer_mark WHERE listing_id = 1",
            "SELECT listing_id FROM offer_band WHERE band=7 AND removed_day <= 'x' ORDER BY removed_day DESC LIMIT 20",
            "SELECT listing_id FROM offer_band WHERE band=7 AND opened_day >= 'x' ORDER BY opened_day LIMIT 20",
            "SELECT listing_id FROM offer_band WHERE removed_day IS NULL AND opened_day < 'x'",
            'SELECT id FROM "case" WHERE id > 5 ORDER BY id LIMIT 500',
        ):
            plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
            assert all("SEARCH" in step or "TEMP B-TREE" in step for step in plan), plan
    with writing(world.engine) as connection:
        assert store.fresh_cases(connection, 10) == ([], 1)


def test_a_sent_request_is_known_by_its_marks(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1")
    find(world)
    assert {mark["kind"] for mark in world.rows(s.offer_mark)} == {"seller", "contact", "text"}


WORDS = "企业负责人安全合格证，协会窗口直批，不进考场，随报随批，名额按季发放，领导签字页由我方取得"
REPUT = "企业负责人安全合格证，协会窗口直接批，不用进考场，随报随批，名额按季度发放，领导签字页由我们中心取得。电话 13800003519"
SAME_TRADE = "企业负责人安全合格证包过，先报名后交钱，人不用到，材料我们写，全国可查，三年有效，电话 13800003519"


@pytest.mark.parametrize("seen_between", [False, True])
def test_the_same_in_slightly_other_words_is_back(world: World, tmp_path: Path, seen_between: bool) -> None:
    """By another account with another contact; of the same trade in its own words nobody is taken for another."""
    item = listing("old", WORDS, seller_id="s1", seller_name="顺达")
    old = world.flag(item, verdict(item, words=()))
    find(world)
    decide(world, old)
    _send(world, tmp_path)
    world.tick(days=1)
    look(world, {"old": "gone"})
    made: dict[str, int] = {}
    for again in (seen_between, not seen_between):
        if again:
            day = world.now.astimezone(ZONE).date().isoformat()
            for name, words in (("new", REPUT), ("other", SAME_TRADE)):
                fresh = listing(name, words, seller_id=name, seller_name=f"店{name}", platform="bazaar")
                made[name] = world.flag(fresh, verdict(fresh, words=(), contact=None), day=day)
            find(world)
        if not again or seen_between:
            world.tick(days=1)
            look(world, {"old": "gone"})
            world.tick(days=1)
    links = [(row["case_id"], row["other_id"], row["detail"]) for row in world.rows(s.case_link)]
    assert links == [(made["new"], old, {"by": ["near"]})]
    (removal,) = world.rows(s.removal)
    assert removal["relisted_how"] == "near"
    assert verify_log(world.engine).fault is None


def test_bands_are_kept_of_what_was_removed_and_of_the_last_weeks(world: World, tmp_path: Path) -> None:
    """So that they do not grow with the listings; what is removed later has its bands again."""
    item = listing("old", WORDS, seller_id="s1")
    old = world.flag(item, verdict(item, words=()))
    offer(world, "stays", REPUT)
    find(world)
    assert {row["listing_id"] for row in world.rows(s.offer_band)} == {1, 2}
    decide(world, old)
    _send(world, tmp_path)
    world.tick(days=KEPT + 1)
    find(world)
    assert world.rows(s.offer_band) == []
    for _ in range(2):
        look(world, {"old": "gone"})
        world.tick(days=1)
    assert {row["listing_id"] for row in world.rows(s.offer_band)} == {1}
    world.tick(days=KEPT)
    find(world)
    offer(world, "new", REPUT.replace("中心", "协会"))
    assert find(world) == 1


def test_a_kept_picture_is_known_by_its_looks() -> None:
    """Whatever its address; by the address alone where its bytes were not kept."""
    first, other = (
        ListingView(
            1, 1, "2026-11-18", True, listing("1", images=(f"https://{host}.example/x",)), "d", None, None, None, None
        )
        for host in ("one", "two")
    )
    shown = {"https://one.example/x": "00ff", "https://two.example/x": "00ff"}
    one, two = ({*marks_of(view, str, shown.get)} for view in (first, other))
    assert "image" in {kind for kind, _ in one & two}
    assert "image" not in {kind for kind, _ in {*marks_of(first, str)} & {*marks_of(other, str)}}


def test_the_weekly_list_names_the_lead_on_what_is_back_elsewhere_as_known_then(world: World, tmp_path: Path) -> None:
    old = remove(world, tmp_path)
    gone = world.now
    [row] = _rows(export(world, tmp_path))
    assert row["relisted"] == "否"
    world.tick(hours=1)
    new = offer(world, "new", contact="abc13800138000", platform="bazaar")
    find(world)
    world.tick(hours=1)
    linked = world.now
    register(world, [new])
    number = next(each["lead_number"] for each in world.rows(s.case) if each["id"] == new)
    world.tick(hours=1)

    def cell(at: datetime) -> str:
        with reading(world.engine) as connection:
            tables = Tables(law(tmp_path), CLASSES, FAMILIES, PLATFORMS, ZONE)
            found = weekly(connection, "2026-W47", at, tables)["rows"]
        return next(str(each["relisted"]) for each in found if each["case_id"] == old)

    assert cell(world.now) == f"是（线索 {number}，集市网）"
    assert cell(linked - timedelta(minutes=1)) == f"是（案件 {new}（未登记），集市网）"
    assert cell(gone) == "否"
    [frozen] = _rows(export(world, tmp_path))
    assert frozen["relisted"] == "否", "what was issued stays as it was issued"
    again = next(each for each in _rows(export(world, tmp_path, reissue=True)) if each["case_id"] == old)
    assert again["relisted"] == f"是（线索 {number}，集市网）"


def test_a_listing_that_is_back_at_its_own_link_too_says_both(world: World, tmp_path: Path) -> None:
    old = remove(world, tmp_path)
    offer(world, "new", contact="abc13800138000", platform="bazaar")
    find(world)
    world.tick(days=30)
    look(world, {"old": "up"})
    world.tick(minutes=1)
    row = next(each for each in _rows(export(world, tmp_path)) if each["case_id"] == old)
    assert row["relisted"].startswith("是（原链接；案件 ")
    assert "13800138000" not in row["relisted"]
