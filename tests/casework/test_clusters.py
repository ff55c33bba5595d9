from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwatch.casework.clusters import forget, link_due, settle
from adwatch.models import Contact, Listing, Verdict
from adwatch.store import schema as s
from adwatch.store import subject_marks
from adwatch.store.dump import canonical
from adwatch.store.engine import migrate, open_engine
from adwatch.tables.links import Links
from tests.casework.clusters.measure import SECRET, no_picture, partition
from tests.casework.office import decide
from tests.store.world import World, clear, listing, verdict

WORDS = (
    "工地上的兄弟们看过来，不用请假不用进考场，我们和考点有长期合作，答案考前一晚上发到你手上照着填就行，"
    "去年给项目部办了三百多个没有一个没过的，价格好商量，老客户介绍还能便宜，先办证后付款安全可靠不成功不收费"
)
OTHER_WORDS = (
    "姐妹开的小工作室，空白的和钢印都是一手的，手感跟真的没有区别，带二维码扫码能跳出来信息，发货走顺丰到付先看货，"
    "满意再付款，不满意原路退回，做这一行十几年了从来没有出过差错，回头客占了一大半，需要的朋友抓紧时间联系"
)


def shop(native_id: str, text: str = "电工证包过", contact: str | None = None, **more: Any) -> tuple[Listing, Verdict]:
    """A flagged listing of an account of its own, its contact at the end of the text."""
    body = text if contact is None else f"{text} 加 {contact}"
    item = listing(native_id, body, **{"seller_id": f"u{native_id}", "title": "", **more})
    return item, verdict(item, words=(), contact=contact, kind="wechat")


def link(world: World) -> None:
    link_due(world.engine, Links(), SECRET, no_picture, world.now)


def put(world: World, *shops: tuple[Listing, Verdict]) -> None:
    """Store, flag and link, one after the other."""
    for item, found in shops:
        world.flag(item, found)
        link(world)


def groups(world: World) -> set[frozenset[str]]:
    """Native ids by subject; how many cases each has is kept."""
    counted = Counter(row["subject_id"] for row in world.rows(s.case) if row["subject_id"] is not None)
    assert {row["id"]: row["cases"] for row in world.rows(s.subject) if row["cases"]} == counted
    found: dict[int, set[str]] = {}
    for native, subject in partition(world).items():
        found.setdefault(subject, set()).add(native)
    return {frozenset(each) for each in found.values()}


def sets(*each: str) -> set[frozenset[str]]:
    """``"ab", "c"`` as groups."""
    return {frozenset(group) for group in each}


def test_one_contact_on_two_platforms_is_one_subject(world: World) -> None:
    put(world, shop("a", contact="abc13800138000"), shop("b", "焊工证", "ABC13800138000", platform="bazaar"), shop("c"))
    assert groups(world) == sets("ab", "c")


def test_one_account_is_one_subject_on_its_platform_only(world: World) -> None:
    put(
        world,
        shop("a", seller_id="x"),
        shop("b", "焊工", seller_id="x"),
        shop("c", "叉车", seller_id="x", platform="bazaar"),
    )
    assert groups(world) == sets("ab", "c")


def test_a_listing_without_an_account_stands_for_itself(world: World) -> None:
    put(world, shop("a", seller_id=None), shop("b", seller_id=None))
    assert groups(world) == sets("a", "b")


def test_one_credit_code_is_one_subject_and_a_malformed_one_is_none(world: World) -> None:
    code = "91140000MA0K11TE3X"
    put(world, shop("a", uscc=code), shop("b", "焊工", uscc=code.lower()), shop("c", uscc="1"), shop("d", uscc="1"))
    assert groups(world) == sets("ab", "c", "d")


def test_long_words_link_few_accounts_and_no_template(world: World) -> None:
    put(world, shop("a", "北京" + WORDS), shop("b", "上海" + WORDS), shop("c", OTHER_WORDS))
    assert groups(world) == sets("ab", "c")
    put(world, shop("d", WORDS), shop("e", WORDS))
    assert groups(world) == sets("a", "b", "c", "d", "e")


def test_the_same_words_with_different_contacts_are_not_one_seller(world: World) -> None:
    put(world, shop("a", WORDS, "abc111111"), shop("b", WORDS))
    assert groups(world) == sets("ab")
    put(world, shop("c", WORDS, "xyz222222"))
    assert groups(world) == sets("a", "b", "c")


def test_short_common_words_link_nobody(world: World) -> None:
    put(world, *(shop(name, "电工证免考包过，加急出证，诚信办理，详情私聊，全国可查") for name in "abc"))
    assert groups(world) == sets("a", "b", "c")


def test_a_picture_links_with_the_words_and_not_alone(world: World) -> None:
    words, picture = (
        "老店新号，回头客直接找，照片是昨天刚下来的一批，需要的朋友抓紧联系",
        ("https://p.example/1.jpg?w=200",),
    )
    put(world, shop("a", words, images=picture), shop("b", words, images=("https://p.example/1.jpg",)))
    put(world, shop("c", OTHER_WORDS, images=picture), shop("d", words))
    assert groups(world) == sets("ab", "c", "d")


def test_a_contact_of_very_many_links_only_those_with_the_same_words(world: World) -> None:
    many = [shop(f"m{n}", f"{chr(0x4E00 + 7 * n) * 30}", "abc111111") for n in range(18)]
    put(world, *many, shop("a", WORDS, "abc111111"), shop("b", WORDS, "abc111111"))
    assert len(groups(world)) == 1
    put(world, shop("c", "焊工证", "abc111111"))
    assert groups(world) == {*sets("ab", "c"), *(frozenset([f"m{n}"]) for n in range(18))}


def test_an_agent_who_names_the_head_office_beside_himself_is_not_the_office(world: World) -> None:
    two = [Contact("wechat", 0, 9, "off111111", "of*******"), Contact("wechat", 10, 19, "", "")]
    for n in range(22):
        item, found = shop(f"m{n}", WORDS)
        contacts = (two[0], replace(two[1], value=f"own{n:06d}"))
        put(world, (item, replace(found, contacts=contacts)))
    assert len(groups(world)) == 22


@pytest.mark.parametrize(
    ("number", "links"),
    [("12315", False), ("4008201234", False), ("95588", False), ("01012345", False), ("01088886666", True)],
)
def test_numbers_that_are_nobodys_own_link_nobody(world: World, number: str, links: bool) -> None:
    put(world, shop("a", "电工", number), shop("b", "焊工", number))
    assert groups(world) == (sets("ab") if links else sets("a", "b"))


def test_an_identity_number_is_no_contact(world: World) -> None:
    for name in "ab":
        item, found = shop(name, "电工", "110101199003070000")
        put(world, (item, replace(found, contacts=tuple(replace(c, kind="id_number") for c in found.contacts))))
    assert groups(world) == sets("a", "b")
    assert [row["kind"] for row in world.rows(s.case_tag) if row["kind"] == "contact"] == []


def test_cases_point_to_their_subject_and_a_decided_one_keeps_all_else(world: World) -> None:
    first = world.flag(*shop("a", contact="abc111111"))
    link(world)
    decide(world, first, "confirm")
    [before] = world.rows(s.case)
    history = [world.rows(table) for table in (s.decision, s.case_listing, s.event)]
    world.tick(hours=1)
    second = world.flag(*shop("b", "焊工", "abc111111"))
    link(world)
    cases = {row["id"]: row for row in world.rows(s.case)}
    assert cases[first]["subject_id"] == cases[second]["subject_id"]
    assert {**cases[first], "subject_id": None} == {**before, "subject_id": None}
    assert world.rows(s.decision) == history[0]
    assert world.rows(s.case_listing)[:1] == history[1]
    assert [row for row in world.rows(s.event, subject_id=first) if row["subject"] == "case"] == history[2]
    tags = [row["value"] for row in world.rows(s.case_tag) if row["kind"] == "contact"]
    assert len(tags) == 2
    assert len(set(tags)) == 1
    assert "abc111111" not in str(tags)


def test_what_is_no_longer_flagged_belongs_to_nobody_and_a_rebuild_forgets_what_it_showed(world: World) -> None:
    put(world, shop("a", contact="abc111111"), shop("b", "焊工 加 abc111111 或 xyz222222", "abc111111"))
    put(world, shop("c", "叉车", "xyz222222"))
    world.judge(verdict(shop("a")[0], words=()), clear(), clear(), version="2")
    link(world)
    assert groups(world) == sets("a")
    rebuilt(world)
    assert groups(world) == sets("a")
    assert [row["subject_id"] is None for row in world.rows(s.case)] == [False, True, True]


def rebuilt(world: World) -> None:
    forget(world.engine)
    link(world)
    settle(world.engine, Links(), world.now)


SHOPS = (
    *(shop(f"t{n}", ("北京", "上海", "太原")[n % 3] + WORDS) for n in range(3)),
    *(shop(f"w{n}", OTHER_WORDS, f"own{n:06d}") for n in range(4)),
    *(shop(f"p{n}", f"{chr(0x4E00 + 7 * n) * 26}", "abc111111") for n in range(4)),
    shop("q0", OTHER_WORDS, "abc111111"),
    shop("q1", "焊工证 加 xyz222222", "abc111111"),
    shop("q2", "叉车", "xyz222222"),
    shop("q3", WORDS, "own000001"),
    shop("i0", WORDS[:40], images=("https://p.example/1.jpg",)),
    shop("i1", WORDS[:40], images=("https://p.example/1.jpg",)),
    shop("u0", "锅炉", uscc="91140000MA0K11TE3X"),
    shop("u1", "电梯", uscc="91140000MA0K11TE3X", seller_id="up0"),
)
"""Shops on both sides of every limit, with the limits that ``tight`` sets."""


def tight(folder: Path) -> Links:
    """Limits so low that a few shops pass them."""
    rows = [
        "kind,label,weight,most,together,most_together,copied,note", "enough,e,1,,,,,",
        "company,u,1,3,0,0,no,", "contact,c,1,3,0.6,1000000,no,", "hotline,h,0.6,0,0.6,2,yes,",
        "text,t,0.5,3,0.5,1000000,yes,", "long_text,l,1,3,0,0,yes,", "image,i,0.5,0,0.5,2,yes,",
    ]  # fmt: skip
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / "links.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Links(folder)


def test_three_orders_give_the_same_subjects(tmp_path: Path) -> None:
    rules, numbers = tight(tmp_path), list(range(len(SHOPS)))
    orders = (numbers, numbers[::-1], numbers[1::2] + numbers[::2])
    found = [
        groups(linked_in(tmp_path, f"{at}", order, range(0, 20, at + 1), rules)) for at, order in enumerate(orders)
    ]
    assert found[0] == found[1] == found[2]
    assert {len(group) for group in found[0]} >= {1, 2, 3}


@pytest.mark.parametrize(("every", "slices"), [(1, 2), (1, 32), (3, 8)])
def test_marks_carried_over_link_like_recent_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int, slices: int
) -> None:
    rules, numbers = tight(tmp_path), list(range(len(SHOPS)))
    recent = linked_in(tmp_path, "recent", numbers, numbers, rules)
    assert recent.rows(s.subject_holder) == []
    monkeypatch.setattr(subject_marks, "EVERY", every)
    monkeypatch.setattr(subject_marks, "SLICES", slices)
    carried = linked_in(tmp_path, "carried", numbers, numbers, rules)
    assert len(carried.rows(s.subject_holder)) > len(SHOPS)
    assert groups(carried) == groups(recent)
    for world in (recent, carried):
        assert rebuilt_by(world, rules) == groups(recent)
        world.engine.dispose()


def rebuilt_by(world: World, rules: Links) -> set[frozenset[str]]:
    forget(world.engine)
    link_due(world.engine, rules, SECRET, no_picture, world.now)
    settle(world.engine, rules, world.now)
    return groups(world)


def linked_in(folder: Path, name: str, order: Sequence[int], batches: Iterable[int], rules: Links) -> World:
    engine = open_engine(f"sqlite:///{folder}/{name}.db")
    migrate(engine)
    world = World(engine)
    cut = set(batches)
    for at, number in enumerate(order):
        world.flag(*SHOPS[number])
        if at in cut or at == len(order) - 1:
            link_due(engine, rules, SECRET, no_picture, world.now)
    return world


@pytest.mark.slow
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(len(SHOPS))), st.sets(st.integers(0, len(SHOPS))), st.data())
def test_any_order_and_any_batches_give_the_same_subjects(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], batches: set[int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("order")
    rules = tight(folder)
    chosen = order[: data.draw(st.integers(2, len(order)))]
    one = linked_in(folder, "one", chosen, batches, rules)
    other = linked_in(folder, "other", sorted(chosen), range(len(chosen)), rules)
    assert groups(one) == groups(other)
    before = sorted(line for line in canonical(one.engine) if '"table":"subject' in line)
    forget(one.engine)
    link_due(one.engine, rules, SECRET, no_picture, one.now)
    settle(one.engine, rules, one.now)
    assert sorted(line for line in canonical(one.engine) if '"table":"subject' in line) == before
    for world in (one, other):
        world.engine.dispose()
