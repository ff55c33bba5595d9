"""Whatever speaks of a case after a person corrected scope, classes and families names these, as long as they stand."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from adwatch.casework import transfer
from adwatch.casework.bulletin_content import case_rows
from adwatch.casework.case_file import show_case
from adwatch.casework.confirmation_differing import Words
from adwatch.casework.lead_queue import lead_page
from adwatch.casework.routing import apply_routes, assign_owner, lead_of, owners_of, route_anew, show_route
from adwatch.casework.routing_table import Routing
from adwatch.casework.takedown import draft
from adwatch.casework.takedown_files import Bundling
from adwatch.casework.transfer_content import whole_content
from adwatch.casework.transfer_papers import summary
from adwatch.store import schema as s
from adwatch.store import transfers
from adwatch.store.casework_rows import casework_of
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.store.views import versions_of
from adwatch.tables import Family
from tests.casework.office import CLASSES, FAMILIES, PLATFORMS, UNIT, ZONE, law, register, words
from tests.casework.reviewing import HEAD, LI, TWO_PERSONS, ZHANG, found, undone
from tests.casework.test_export import _rows, export
from tests.casework.test_routing import table
from tests.store.world import World, listing, verdict

GAS = {**FAMILIES, "gas": Family("gas", "燃气类证书", "other_credential", "某部门", "")}
CORRECTED = {"scope": "other_credential", "types": ["paper_trade"], "families": ["gas"]}
OLD, NEW = ("承诺通过", "电工类证书", "某某法"), ("买卖证件", "燃气类证书", "另一法")


@pytest.fixture
def case_id(world: World) -> int:
    """A case whose one listing the machine read as 承诺通过, 电工类证书, and that a person corrected."""
    number = world.flag(listing("1"))
    assert found(world, number, ZHANG, corrected=CORRECTED)[0].kept == 1
    return number


def names(text: str, new: tuple[str, ...], old: tuple[str, ...]) -> None:
    """A text names all of the corrected and none of what the machine read."""
    assert [each for each in new if each not in text] == []
    assert [each for each in old if each in text] == []


def views(world: World, case_id: int) -> tuple[dict[str, Any], Any]:
    """The case's row and the versions of its listings."""
    (case,) = [row for row in world.rows(s.case) if row["id"] == case_id]
    with reading(world.engine) as connection:
        case["listings"] = [row["listing_id"] for row in world.rows(s.case_listing) if row["case_id"] == case_id]
        return case, versions_of(connection, case["listings"])


def chosen(world: World, **filters: Any) -> list[dict[str, Any]]:
    """Rows of the queue."""
    about: dict[str, Any] = {"classes": CLASSES, "families": GAS, "now": world.now}
    return lead_page(world.engine, Filters(**filters), None, 10, **about)[0]


def tags(world: World) -> dict[str, list[str]]:
    """Classes and families by which the cases are chosen."""
    rows = world.rows(s.case_tag)
    return {kind: sorted(row["value"] for row in rows if row["kind"] == kind) for kind in ("class", "family")}


def test_letter_and_attachments(world: World, case_id: int, tmp_path: Path) -> None:
    bundling = Bundling("office@example.org", ("sure_thing",), ZONE)
    about: dict[str, Any] = {"law": law(tmp_path), "classes": CLASSES, "platforms": PLATFORMS, "bundling": bundling}
    (row,) = draft(world.engine, tmp_path / "out", unit=UNIT, now=world.now, zone=ZONE, **about)[1]
    sheet = CalamineWorkbook.from_path(row["list"]).get_sheet_by_index(0).to_python()
    for text in (words(row["letter"]), Path(row["json"]).read_text(encoding="utf-8"), str(sheet)):
        names(text, (NEW[0], NEW[2]), (OLD[0], OLD[2]))
    (listed,) = json.loads(Path(row["json"]).read_bytes())["listings"]
    assert listed["offer_types"] == CORRECTED["types"]
    with zipfile.ZipFile(row["xarf"]) as reports:
        report = json.loads(reports.read("reports.jsonl"))
    assert (report["tags"], report["fraud_type"]) == (["class:paper_trade"], "other")


def test_papers_of_a_transfer_and_a_bulletin(world: World, case_id: int, tmp_path: Path) -> None:
    given: dict[str, Any] = {"receiver": "police", "officers": ()}
    number = transfer.draft(world.engine, "clue", [case_id], HEAD, **given, now=world.now, zone=ZONE)["number"]
    with reading(world.engine) as connection:
        row = transfers.by_number(connection, number)
        assert row is not None
        called = {"plaza": "广场网"}
        content = whole_content(
            connection, row, law=law(tmp_path), classes=CLASSES, platforms=called, now=world.now, zone=ZONE
        )
        told = case_rows(connection, [case_id], Words(law(tmp_path), CLASSES, GAS, {}), {}, ZONE)
    (tmp_path / "summary.docx").write_bytes(summary(content))
    names(words(str(tmp_path / "summary.docx")), (NEW[0], NEW[2], "“广场网”平台"), (OLD[0], OLD[2], "plaza平台"))
    names(str(told), NEW, OLD)


def test_queue_filters_and_limits(world: World, case_id: int) -> None:
    (row,) = chosen(world, scope="other_credential", offer_class="paper_trade", family="gas")
    names(row["offer_labels"] + row["family_labels"], NEW[:2], OLD[:2])
    assert row["machine"] == "范围：安全生产类；违法类型：承诺通过；证书类别：电工类证书"
    assert row["scope"] == "other_credential"
    for old in ({"scope": "safety_production"}, {"offer_class": "sure_thing"}, {"family": "electric"}):
        assert chosen(world, **old) == []
    assert len(chosen(world, only_families=("gas",))) == 1, "whose families it is of now sees it"
    assert chosen(world, only_families=("electric",)) == []


def test_the_page_of_the_case_and_the_weekly_list(world: World, case_id: int, tmp_path: Path) -> None:
    page = show_case(world.engine, case_id, law=law(tmp_path), classes=CLASSES, families=GAS)
    names(page["offer_labels"] + page["family_labels"] + str(page["listings"][0]["cites"]), NEW, OLD)
    assert page["listings"][0]["verdict"]["offer_types"] == ("sure_thing",), "why it was flagged stays"
    (row,) = _rows(export(world, tmp_path))
    names(row["offer_labels"] + row["cites"], (NEW[0], NEW[2]), (OLD[0], OLD[2]))
    before = world.now
    world.tick(minutes=5)
    undone(world, case_id, ZHANG)
    (then,) = _rows(export(world, tmp_path, as_of=before))
    assert (then["offer_types"], then["scope"]) == (["paper_trade"], "other_credential"), "as it was known then"


def routes(folder: Path) -> Routing:
    """Electric papers go to one authority, gas to another."""
    rows = ("sure_thing,electric,,,,emergency,police,,,2020-01-01,,", "paper_trade,gas,,,,housing,,,,2020-01-01,,")
    return table(folder, *rows, classes=list(CLASSES), of=list(GAS))


def test_who_confirms_and_acts_goes_by_it_and_back_with_the_undo(world: World, tmp_path: Path) -> None:
    own, case_id, assigned = routes(tmp_path), world.flag(listing("1")), world.flag(listing("2"))
    register(world, [case_id, assigned])
    at: dict[str, Any] = {"now": world.now, "zone": ZONE}
    apply_routes(world.engine, own, LI, **at)
    assign_owner(world.engine, own, assigned, ["police"], "电话核实", LI, now=world.now)
    for number in (case_id, assigned):
        found(world, number, ZHANG, corrected=CORRECTED)
    for _ in range(2):
        route_anew(world.engine, own, [case_id, assigned], ZHANG, **at)
    with reading(world.engine) as connection:
        assert owners_of(connection, [case_id, assigned]) == {case_id: ["housing"], assigned: ["police"]}
    case, known = views(world, case_id)
    assert (lead_of(case, known).offer_class, lead_of(case, known).families) == ("paper_trade", ("gas",))
    assert show_route(world.engine, own, case_id, **at)["acting"] == []
    assert [each["kind"] for each in world.rows(s.event)].count("routed") == 3, "twice the same is said once"
    undone(world, case_id, ZHANG)
    route_anew(world.engine, own, [case_id], ZHANG, **at)
    with reading(world.engine) as connection:
        assert owners_of(connection, [case_id]) == {case_id: ["emergency"]}


MACHINE = {"class": ["sure_thing"], "family": ["electric"]}
PERSON = {"class": ["paper_trade"], "family": ["gas"]}


def test_it_stands_until_it_is_taken_back_or_found_otherwise(world: World, case_id: int) -> None:
    assert (tags(world), world.rows(s.case)[0]["family"]) == (PERSON, "gas")
    found(world, case_id, LI, corrected={"families": ["electric"]})
    assert tags(world) == {**PERSON, "family": ["electric"]}, "what a second correction does not name stays"
    assert world.rows(s.decision)[-1]["corrected"] == {**CORRECTED, "families": ["electric"]}
    assert found(world, case_id, LI, corrected={"scope": "other_credential"})[0].counts["unchanged"] == 1
    found(world, case_id, LI, "dismiss")
    assert (tags(world), world.rows(s.case)[0]["scope"]) == (MACHINE, "safety_production")
    found(world, case_id, LI)
    assert tags(world) == MACHINE, "found 属实 without a correction: the machine was right"


def test_the_undo_of_a_first_finding_gives_the_machines_reading_back(world: World) -> None:
    number = world.flag(listing("1"))
    found(world, number, ZHANG, corrected={"types": ["paper_trade"]})
    assert tags(world) == {**PERSON, "family": ["electric"]}, "what was not corrected is the machine's"
    undone(world, number, ZHANG)
    assert (tags(world), world.rows(s.case)[0]["scope"]) == (MACHINE, "safety_production")


def test_another_verdict_leaves_it_and_one_that_reopens_ends_it(world: World, case_id: int) -> None:
    item = listing("1")
    world.judge(verdict(item, score=0.7, certificate_kinds=("electric", "gas")), version="2", day="2026-11-19")
    case = world.rows(s.case)[0]
    assert (case["state"], case["scope"], case["score"], tags(world)) == ("confirmed", "other_credential", 0.7, PERSON)
    other = ("sure_thing", "paper_trade")
    world.judge(verdict(item, offer_types=other), version="3", day="2026-11-20")
    case = world.rows(s.case)[0]
    assert (case["state"], case["scope"]) == ("reopened", "safety_production")
    assert tags(world) == {"class": sorted(other), "family": ["electric"]}
    with reading(world.engine) as connection:
        (known,) = casework_of(connection, [1]).values()
    assert (known["corrected"], known["decided_scope"], known["decided_families"]) == (None, None, [])
    (row,) = chosen(world)
    assert (row["machine"], row["offer_types"]) == (None, list(other))
    found(world, case_id, LI, "exclude")
    assert tags(world)["class"] == sorted(other), "an exclusion brings no earlier correction back"


def test_a_page_that_is_clean_by_now_is_reopened_as_the_machine_read_it(world: World, case_id: int) -> None:
    world.flag(listing("1", text="持证上岗"), verdict(listing("1", text="持证上岗"), words=(), band="clear"))
    case = world.rows(s.case)[0]
    assert (case["state"], case["scope"], tags(world)) == ("reopened", "safety_production", MACHINE)


def test_a_correction_is_no_way_round_the_rule_of_two(world: World) -> None:
    """The rule is about sure_thing: who corrects it away, or corrects something to it, is the first of two."""
    away, to = world.flag(listing("1")), world.flag(listing("2"), verdict(listing("2"), offer_types=("paper_trade",)))
    for number, types in ((away, "paper_trade"), (to, "sure_thing")):
        _, (row,) = found(world, number, ZHANG, rules=TWO_PERSONS, corrected={"types": [types]})
        assert (row["waiting"], row["state"]) == (True, "screening")
