"""Leads confirmed or given from outside, on every database: letters, sheets, inspections, campaigns, bulletins."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adwatch.casework import bulletin, campaigns, confirmation, inspections, sources
from adwatch.casework.bulletin_content import masked_name
from adwatch.casework.confirmation_differing import Words
from adwatch.casework.confirmation_draft import draft_batches
from adwatch.casework.confirmation_settle import settle
from adwatch.casework.confirmation_sheet import Answer, Returned
from adwatch.casework.inspections import Found, covered
from adwatch.casework.lead_sheet import LeadSheet, SheetLead
from adwatch.casework.origins import origin_of
from adwatch.casework.publication import Publisher
from adwatch.casework.routing import apply_routes
from adwatch.casework.routing_table import COLUMNS, Routing
from adwatch.casework.tracks import move_track, open_track
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import outside as store
from adwatch.store import schema as s
from adwatch.store.audit import append_entries
from adwatch.store.dump import canonical
from adwatch.store.engine import reading
from adwatch.tables.campaign import Campaign, Indicator
from tests.casework.office import CLASSES, FAMILIES, UNIT, ZONE, decide, law, register
from tests.store.world import DAY, World, listing

ACTOR, CHIEF = Actor("王芳", UNIT), Actor("赵主任", UNIT)
TODAY = date(2026, 11, 18)


@pytest.fixture
def table(tmp_path: Path) -> Routing:
    (tmp_path / "routing").mkdir()
    row = ",electric,,,,emergency|housing,police,,,2020-01-01,,"
    (tmp_path / "routing" / "routing.csv").write_text("\n".join([",".join(COLUMNS), row]) + "\n", encoding="utf-8")
    return Routing(list(CLASSES), list(FAMILIES), tmp_path)


def words_of(folder: Path) -> Words:
    return Words(law(folder), CLASSES, FAMILIES, {"plaza": "广场网"})


def answer(number: str, seq: int, word: str) -> Answer:
    return Answer(5, seq, number, word, "看过", "李建国", TODAY)


def test_letters_end_in_decisions_and_numbers_have_no_gaps(world: World, table: Routing, tmp_path: Path) -> None:
    clock: dict[str, Any] = {"now": world.now, "zone": ZONE}
    cases = [world.flag(listing(name)) for name in ("1", "2", "3")]
    register(world, cases)
    apply_routes(world.engine, table, ACTOR, **clock)
    numbers = draft_batches(world.engine, table, words_of(tmp_path), ACTOR, **clock)
    assert numbers == ["ADW-ZB-2026-0001", "ADW-ZB-2026-0002"]
    assert draft_batches(world.engine, table, words_of(tmp_path), ACTOR, **clock) == []
    for number in numbers:
        confirmation.mark_sent(
            world.engine, number, ACTOR, world.now, lambda day, _: day, document="", due_on=None, **clock
        )
    leads = [row["lead_number"] for row in world.rows(s.case)]
    said = {numbers[0]: ("confirm", "refer", "dismiss"), numbers[1]: ("refer", "refer", "confirm")}
    for number, given in said.items():
        returned = Returned(number, [answer(leads[at], at + 1, word) for at, word in enumerate(given)])
        reply = confirmation.Reply(
            "回.xlsx", number.encode(), "某函1号", TODAY, ("复函.pdf", b"%PDF", "application/pdf")
        )
        report = confirmation.take_answers(world.engine, tmp_path, number, returned, reply, ACTOR, **clock)
        assert report.kept == 3, report.notes
        report = settle(world.engine, table, ACTOR, **clock)
    assert report.dropped["conflict"] == 1
    assert [row["state"] for row in world.rows(s.case)] == ["confirmed", "referred", "dismissed"]
    assert [row["unit"] for row in world.rows(s.decision)] == ["应急管理", "应急管理", "应急管理"]
    again = settle(world.engine, table, ACTOR, **clock)
    assert (again.kept, len(world.rows(s.decision))) == (0, 3), "settled once"
    (shown,) = confirmation.listed(world.engine, table, TODAY, numbers[1])
    assert (shown["state"], shown["conflicts"]) == ("answered", [leads[2]])
    assert verify_log(world.engine).fault is None
    assert any('"confirmation_row"' in line for line in canonical(world.engine))


def test_leads_come_in_once_with_their_numbers(world: World, tmp_path: Path) -> None:
    origin = origin_of("superior")
    world.store(listing("S1", platform=origin.platform), listing("S2", platform=origin.platform))
    sheet = LeadSheet("表", [SheetLead(3, "S1", TODAY, False), SheetLead(4, "S2", None, True)])
    sheet.leads.append(SheetLead(5, "S9", None, False))
    clock: dict[str, Any] = {"now": world.now, "zone": ZONE}
    file = ("交办.xlsx", b"sheet", "0" * 64)
    report, key = sources.take_in(world.engine, tmp_path, origin, sheet, file, ("文号", "上级"), ACTOR, **clock)
    assert (report.kept, report.dropped["row"]) == (2, 1)
    again, same = sources.take_in(world.engine, tmp_path, origin, sheet, file, ("文号", "上级"), ACTOR, **clock)
    assert (again.kept, same) == (0, key)
    with reading(world.engine) as connection:
        leads = store.leads(connection, intake=key)
    assert [(lead["number"], lead["due_on"], lead["real_name"]) for lead in leads] == [
        ("S1", DAY, False),
        ("S2", None, True),
    ]
    sources.acknowledge(world.engine, "superior", ["S1"], ACTOR, now=world.now)
    with pytest.raises(UsageError, match="还没有结论"):
        sources.tell(world.engine, "superior", {"S1": "x"}, ACTOR, now=world.now)
    assert verify_log(world.engine).fault is None


def test_cards_are_linked_once_in_either_direction(world: World, tmp_path: Path) -> None:
    sold = world.flag(listing("1", seller_name="万事通"))
    found = Found(TODAY, "某工地", "电工证", "T140121199001011234", "", "", "", "abc13800138000", "万事通")
    keys = {"T140121199001011234": "c" * 32, "abc13800138000": "k" * 32}
    item = found.listing("inspections", "1")
    (version,) = world.store(item)
    clock: dict[str, Any] = {"now": world.now, "zone": ZONE}
    row = inspections.record(world.engine, tmp_path, version.listing_id, found, [], keys.__getitem__, ACTOR, **clock)
    links = inspections.link_back(world.engine, lambda _: [], now=world.now)
    assert [(link["other"], link["by"]) for link in links] == [(sold, "seller")]
    assert inspections.link_back(world.engine, lambda _: [], now=world.now) == []
    with reading(world.engine) as connection:
        assert store.links_of(connection, sold) == [(row["case_id"], "inspection", {"by": "seller"})]
    assert verify_log(world.engine).fault is None


@pytest.mark.parametrize(
    ("raw", "shown"), [("T1401", "T1***"), ("a", "*"), ("", ""), ("138 0013 8000", "138**********")]
)
def test_a_number_is_covered_but_for_its_beginning(raw: str, shown: str) -> None:
    assert covered(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"), [("万事通", "万某某"), ("（假）店", "某网店"), ("", "某网店"), ("🙂店", "某网店")]
)
def test_a_name_is_masked_to_its_first_character(raw: str, shown: str) -> None:
    assert masked_name(raw) == shown


def test_a_campaign_and_its_bulletin(world: World, tmp_path: Path) -> None:
    clock: dict[str, Any] = {"now": world.now, "zone": ZONE}
    campaign = Campaign(
        name="c1",
        title="专项",
        document="文号",
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        indicators=(Indicator(id="visits", label="检查"), Indicator(id="told", label="通报", bulletins=True)),
        publishers=(UNIT,),
    )
    case_id = world.flag(listing("1", "万事通电工证包过", seller_name="万事通"))
    decide(world, case_id)
    assert campaigns.assign(world.engine, campaign, [case_id], ACTOR, now=world.now).kept == 1
    for value in ("2", "2.5"):
        campaigns.enter(world.engine, campaign, campaign.indicators[0], value, "公安", "", ACTOR, now=world.now)
    with work(world.engine) as connection:
        entries = open_track(connection, case_id, "investigation", ACTOR, world.now)
        entries += move_track(connection, case_id, "investigation", "not_filed", ACTOR, world.now, outcome="talk")
        append_entries(connection, entries)
    about: dict[str, Any] = {"campaign": campaign, "named": {}}
    span = (date(2026, 10, 1), TODAY)
    row = bulletin.draft(world.engine, "class", "sure_thing", span, words_of(tmp_path), ACTOR, **about, **clock)
    assert "万事通" not in str(row)
    assert "约谈告诫1件" in row["content"]["narrative"]
    bulletin.approve(world.engine, row["number"], CHIEF, now=world.now)
    gate = [Publisher(UNIT, "", date(2026, 1, 1), None, "")]
    assert bulletin.publish(world.engine, row["number"], CHIEF, gate, campaign, **clock)["state"] == "published"
    shown = campaigns.show(world.engine, campaign, {}, unit=UNIT, **clock)
    assert {each["id"]: each["value"] for each in shown["indicators"]} == {"visits": 2.5, "told": 1}
    assert shown["states"] == {"closed": 1}
    assert verify_log(world.engine).fault is None
