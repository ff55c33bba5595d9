from __future__ import annotations

import signal
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from adwatch.casework import subjects
from adwatch.casework.subject_graph import graph, svg
from adwatch.casework.subject_show import list_subjects, show_subject
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.failpoints import FAILPOINTS
from adwatch.search.keys import contact_key
from adwatch.store import inside, ranges
from adwatch.store import schema as s
from adwatch.store.dump import canonical
from adwatch.store.engine import migrate, open_engine, writing
from adwatch.store.filters import Filters
from adwatch.tables.links import Links
from tests.casework import subject_process
from tests.casework.clusters.measure import SECRET, partition
from tests.casework.subject_process import ACTOR, NOW
from tests.casework.test_clusters import WORDS, groups, link, put, rebuilt, sets, shop
from tests.processes import Called
from tests.store.world import World

RULES = Links()


def merge(world: World, *natives: str) -> dict[str, Any]:
    where = partition(world)
    return subjects.merge(world.engine, RULES, [where[each] for each in natives], ACTOR, "同一人收款", NOW)


def account(world: World, native: str) -> int:
    listing_id = next(row["id"] for row in world.rows(s.listing) if row["native_id"] == native)
    return int(world.rows(s.subject_member, listing_id=listing_id)[0]["account_id"])


def split(world: World, native: str, *out: str) -> dict[str, Any]:
    accounts = [account(world, each) for each in out]
    return subjects.split(world.engine, RULES, partition(world)[native], accounts, ACTOR, "不是一家", NOW)


def undo(world: World, rule: int) -> dict[str, Any]:
    return subjects.undo(world.engine, RULES, rule, ACTOR, "弄错了", NOW)


def chain_holds(engine: Engine) -> bool:
    return verify_log(engine).fault is None


def test_what_a_person_merges_stays_one_and_an_undo_parts_it_again(world: World) -> None:
    put(world, shop("a", contact="abc111111"), shop("b", "焊工"), shop("c", "叉车", "abc111111"))
    done = merge(world, "a", "b")
    assert done["changed"]
    assert groups(world) == sets("abc")
    put(world, shop("d", "塔吊", "abc111111"))
    with writing(world.engine) as connection:
        connection.execute(update(s.subject).values(cases=9))
    rebuilt(world)
    assert groups(world) == sets("abcd"), "and what is counted is counted anew"
    undone = undo(world, done["rule"])
    assert undone["changed"]
    assert groups(world) == sets("acd", "b")
    assert not undo(world, done["rule"])["changed"]
    actions = [(row["action"], row["person"], row["unit"]) for row in world.rows(s.audit_entry)]
    assert actions == [(f"subject.{verb}", ACTOR.person, ACTOR.unit) for verb in ("merge", "undo")]
    assert [row["kind"] for row in world.rows(s.subject_rule)] == ["merge", "undo"]
    assert chain_holds(world.engine)


def test_what_a_person_splits_is_never_joined_again(world: World) -> None:
    put(world, *(shop(name, name * 30, "abc111111") for name in "abcd"))
    assert groups(world) == sets("abcd")
    done = split(world, "a", "c")
    assert groups(world) == sets("abd", "c")
    put(world, shop("e", "新的", "abc111111"), shop("f", "又一个 xyz222222", "abc111111"))
    put(world, shop("c2", "换号", "xyz222222", seller_id="uc"))
    rebuilt(world)
    where = partition(world)
    assert all(where["c"] != where[each] for each in "abd")
    assert where["c"] == where["c2"]
    undo(world, done["rule"])
    assert groups(world) == {frozenset(["a", "b", "c", "d", "e", "f", "c2"])}
    assert chain_holds(world.engine)


def test_a_split_holds_in_any_order_of_what_comes_later(tmp_path: Path) -> None:
    later = [shop(name, name * 30, "abc111111") for name in "efg"]
    found = []
    for at, order in enumerate((later, later[::-1])):
        engine = open_engine(f"sqlite:///{tmp_path}/{at}.db")
        migrate(engine)
        other = World(engine)
        put(other, *(shop(name, name * 30, "abc111111") for name in "abc"))
        split(other, "a", "c")
        put(other, *order)
        found.append(groups(other))
        engine.dispose()
    assert found[0] == found[1]


def test_contradictions_and_mistakes_are_refused(world: World) -> None:
    put(world, shop("a", contact="abc111111"), shop("b", "焊工", "abc111111"), shop("c", "叉车"))
    rule = split(world, "a", "b")["rule"]
    with pytest.raises(UsageError, match=f"undo {rule}"):
        merge(world, "a", "b")
    where = partition(world)
    with pytest.raises(UsageError, match="至少要两个"):
        merge(world, "a")
    with pytest.raises(UsageError, match="没有主体 999"):
        subjects.merge(world.engine, RULES, [where["a"], 999], ACTOR, "x", NOW)
    with pytest.raises(UsageError, match="不属于"):
        subjects.split(world.engine, RULES, where["a"], [account(world, "c")], ACTOR, "x", NOW)
    with pytest.raises(UsageError, match="其中一部分"):
        split(world, "c", "c")
    with pytest.raises(UsageError, match="没有第 99 号"):
        undo(world, 99)
    with pytest.raises(UsageError, match="reason"):
        subjects.undo(world.engine, RULES, rule, ACTOR, " ", NOW)
    assert [row["kind"] for row in world.rows(s.subject_rule)] == ["split"]


def test_a_merged_number_leads_to_the_subject_that_took_it_in(world: World) -> None:
    put(world, shop("a"), shop("b", "焊工"))
    where = partition(world)
    merge(world, "a", "b")
    late = max(where.values())
    assert show_subject(world.engine, RULES, late)["subject_id"] == min(where.values())
    with pytest.raises(UsageError, match="没有主体"):
        show_subject(world.engine, RULES, 2**70)


@pytest.mark.parametrize("few", [0, inside.FEW])
def test_a_page_asks_once_whether_what_is_inside_is_few(
    world: World, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(world, shop("a", seller_region="某省"), shop("b", "焊工", seller_region="山西太原"))
    limits, asked = Filters(only_regions=("山西",)), list[Any]()

    def how_many(*given: Any) -> list[int]:
        asked.append(given)
        return ranges.how_many(*given)

    monkeypatch.setattr(inside, "FEW", few)
    monkeypatch.setattr(inside, "how_many", how_many)
    assert [row["subject_id"] for row in list_subjects(world.engine, 5, limits=limits)] == [partition(world)["b"]]
    assert len(asked) == 1


def test_one_subject_is_shown_across_platforms_with_masked_contacts(world: World) -> None:
    put(world, shop("a", WORDS, "abc13800138000"), shop("b", "焊工", "abc13800138000", platform="bazaar"))
    put(world, shop("c", "北京" + WORDS, "xyz222222"))
    number = partition(world)["a"]
    found = show_subject(world.engine, RULES, number)
    assert found["platforms"] == ["bazaar", "plaza"]
    assert [each["kind"] for each in found["shared"]] == ["contact"]
    assert found["contacts"] == ["ab************"]
    assert [each["subject_id"] for each in found["near"]] == [partition(world)["c"]]
    assert found["near"][0]["kinds"] == ["文字相近"]
    assert len(found["listings"]) == 2
    rows = list_subjects(world.engine, 10)
    assert (rows[0]["subject_id"], rows[0]["cases"], rows[0]["accounts"]) == (number, 2, 2)
    assert rows[0]["states"] == {"待初筛": 2}
    key = contact_key(SECRET, "ABC13800138000")
    assert [row["subject_id"] for row in list_subjects(world.engine, 10, contact_key=key)] == [number]
    assert list_subjects(world.engine, 10, contact_key=contact_key(SECRET, "abc000000")) == []
    assert "13800138000" not in str(found) + str(rows)


def test_the_graph_is_data_and_a_drawing_that_hostile_names_cannot_break(world: World) -> None:
    evil = "</text><script>alert(1)</script>\"'><![CDATA[" + "\u202e&"
    put(world, shop("a", contact="abc111111", seller_name=evil), shop("b", "焊工", "abc111111", seller_name="小店"))
    found = show_subject(world.engine, RULES, partition(world)["a"])
    drawn = graph(found)
    assert {node["kind"] for node in drawn["nodes"]} == {"account", "contact"}
    assert len(drawn["edges"]) == 2
    assert all(edge["links"] for edge in drawn["edges"])
    tree = ET.fromstring(svg(drawn))  # noqa: S314 - our own
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert names == {"svg", "title", "line", "circle", "rect", "text"}
    assert not any(name.startswith("on") or name in ("href", "style") for each in tree.iter() for name in each.attrib)


def test_a_very_large_subject_is_drawn_in_part_and_says_so() -> None:
    many = {"accounts": [{"account_id": n, "platform": "p", "seller_name": str(n)} for n in range(500)], "shared": []}
    drawn = graph(many)
    assert (len(drawn["nodes"]), drawn["left_out"]) == (120, 380)


POINTS = [name for name in FAILPOINTS if name.startswith(("link.", "subject."))]
PERSONS = [("merge", point) for point in ("audit.before_commit", "audit.after_commit")]
PERSONS += [(verb, point) for verb in ("split", "undo") for point in ("audit.before_commit", "audit.after_commit")]


def run(engine: Engine, *words: object, point: str = "") -> int:
    url = engine.url.render_as_string(hide_password=False)
    return Called(subject_process.main, url, *map(str, words), ADWATCH_FAILPOINT=point).ended()[0]


def flagged(world: World) -> None:
    for name in "abcd":
        world.flag(*shop(name, name * 30, "abc111111" if name < "d" else None))


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_while_linking_it_ends_as_if_undisturbed(world: World, point: str) -> None:
    flagged(world)
    verb = "rebuild" if point.startswith("subject.") else "link"
    assert run(world.engine, "link") == 0
    undisturbed = list(canonical(world.engine))
    if verb == "link":
        world.flag(*shop("e", "e" * 30, "abc111111"))
    assert run(world.engine, verb, point=point) == -signal.SIGKILL
    assert run(world.engine, verb) == 0
    if verb == "rebuild":
        assert list(canonical(world.engine)) == undisturbed
    else:
        assert groups(world) == sets("abce", "d")
        after = list(canonical(world.engine))
        rebuilt(world)
        assert list(canonical(world.engine)) == after
    assert chain_holds(world.engine)


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "point"), PERSONS)
def test_killed_while_a_person_says_something_it_is_there_whole_or_not_at_all(
    world: World, verb: str, point: str
) -> None:
    flagged(world)
    link(world)
    where = partition(world)
    words: list[int] = [where["a"], where["d"]]
    if verb == "split":
        words = [where["a"], account(world, "c")]
    if verb == "undo":
        words = [merge(world, "a", "d")["rule"]]
    before, entries = groups(world), len(world.rows(s.audit_entry))
    rules = len(world.rows(s.subject_rule))
    assert run(world.engine, verb, *words, point=point) == -signal.SIGKILL
    written = point == "audit.after_commit"
    assert (groups(world) != before) == written
    assert len(world.rows(s.audit_entry)) - entries == written
    assert len(world.rows(s.subject_rule)) - rules == written
    assert chain_holds(world.engine)
    if not written:
        assert run(world.engine, verb, *words) == 0
    after = {"merge": sets("abcd"), "split": sets("ab", "c", "d"), "undo": sets("abc", "d")}[verb]
    assert groups(world) == after
    assert len(world.rows(s.audit_entry)) - entries == 1
