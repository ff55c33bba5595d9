"""Routing as data: which row holds for which lead, mistakes by line, and what it does to a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from adwatch.casework.routing import apply_routes, assign_owner, owners_of, show_route
from adwatch.casework.routing_table import COLUMNS, Lead, Routing, authorities
from adwatch.errors import SpecError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.tables import families
from adwatch.text import normal
from classifiers.offers import OFFER_CLASSES
from tests.casework.office import UNIT, ZONE, register
from tests.store.world import World, listing, verdict

CLASSES = [row.id for row in OFFER_CLASSES]
FAMILIES = list(families())
TODAY = date(2026, 11, 28)
ACTOR = Actor("王芳", UNIT)
SHIPPED = Routing(CLASSES, FAMILIES)


def goes(kind: str, of: tuple[str, ...], text: str, table: Routing = SHIPPED, region: str = "") -> tuple[str, ...]:
    return table.route(Lead(kind, of, region, normal(text)), TODAY).confirms


def table(folder: Path, *rows: str, classes: list[str] = CLASSES, of: list[str] = FAMILIES) -> Routing:
    (folder / "routing").mkdir(exist_ok=True)
    text = "\n".join([",".join(COLUMNS), *rows]) + "\n"
    (folder / "routing" / "routing.csv").write_text(text, encoding="utf-8")
    return Routing(classes, of, folder)


def test_the_shipped_table_has_no_mistake_and_every_row_is_reached() -> None:
    assert SHIPPED.problems == []
    reached: set[int] = set()
    for row in SHIPPED.routes:
        for word in row.names or row.acts or ("",):
            for kind in row.classes:
                lead = Lead(kind, row.families[:1], row.region, normal(f"{word}办理"))
                reached |= {found.line for found in SHIPPED.route(lead, TODAY).routes}
    assert {row.line for row in SHIPPED.routes} - reached == set()
    named = {each for row in SHIPPED.routes for each in (*row.confirms, *row.acting)}
    assert named == set(authorities()), "an authority that nothing is sent to, or one that is not there"


@pytest.mark.parametrize(
    ("kind", "of", "text", "owners"),
    [
        ("guaranteed_pass", ("special_operations",), "电工证包过不过退款", ("advertising",)),
        ("exam_exemption", ("special_operations",), "低压电工证免考", ("emergency",)),
        ("exam_exemption", ("special_operations",), "电工证免考", ("emergency", "housing", "human_resources")),
        ("exam_exemption", ("special_operations",), "焊工证", ("emergency", "special_equipment", "human_resources")),
        ("forged_or_traded", ("construction",), "塔吊证现货", ("housing", "special_equipment")),
        ("forged_or_traded", ("construction",), "建筑电工证现货", ("housing",)),
        ("forged_or_traded", ("special_equipment",), "叉车N1 假证", ("special_equipment",)),
        ("forged_or_traded", ("construction",), "一级建造师挂靠", ("housing", "human_resources")),
        ("forged_or_traded", ("other_credential",), "办理各类证件", ("police",)),
        ("forged_or_traded", ("other_credential",), "毕业证办理", ("education",)),
        ("fake_lookup_site", ("special_equipment",), "仿查询网站", ("special_equipment",)),
        # 低压电工 is one trade, the bare 焊工证 beside it is not: both are asked about
        ("exam_exemption", ("special_operations",), "低压电工证、焊工证", ("emergency", "special_equipment",
                                                                 "human_resources")),
        # rows that must not fit
        ("fake_lookup_site", (), "查询网站出售", ()),
        ("exam_exemption", (), "免考拿证", ()),
        ("", ("special_operations",), "电工证", ()),
    ],
)  # fmt: skip
def test_who_confirms(kind: str, of: tuple[str, ...], text: str, owners: tuple[str, ...]) -> None:
    assert goes(kind, of, text) == owners


def test_names_do_not_decide_what_a_person_said() -> None:
    """高压电工 is 应急管理's, unless a person said that it is a paper of construction; other words of the text go on."""
    text = normal("高压电工 免考")
    lead = Lead("exam_exemption", ("construction",), "", text)
    assert SHIPPED.route(lead, TODAY).confirms == ("emergency",)
    assert SHIPPED.route(replace(lead, settled=True), TODAY).confirms == ("housing",)
    let_out = Lead("forged_or_traded", ("construction",), "", normal("挂靠"), settled=True)
    assert SHIPPED.route(let_out, TODAY).confirms == ("housing", "human_resources")
    safe = Lead("fast_track", ("other_credential",), "", normal("注安师"), settled=True)
    assert SHIPPED.route(safe, TODAY).confirms == ("emergency", "human_resources"), "within the family that was said"


def test_a_region_of_the_office_goes_before_everything_and_the_longer_before_the_shorter(tmp_path: Path) -> None:
    own = table(
        tmp_path,
        "guaranteed_pass,,,,,advertising,,,,2020-01-01,,",
        ",,某市,,,housing,,,,2020-01-01,,",
        ",,某市甲县,,,emergency,,李某,电话,2020-01-01,,",
    )
    assert own.problems == []
    assert goes("guaranteed_pass", (), "包过", own) == ("advertising",)
    assert goes("guaranteed_pass", (), "包过", own, "某省某市乙县") == ("housing",)
    assert goes("guaranteed_pass", (), "包过", own, "某省 某市甲县") == ("emergency",)


def test_validity_is_by_the_day(tmp_path: Path) -> None:
    own = table(
        tmp_path,
        "guaranteed_pass,,,,,housing,,,,2020-01-01,2026-11-27,",
        "guaranteed_pass,,,,,emergency,,,,2026-11-28,,",
    )
    assert own.problems == []
    lead = Lead("guaranteed_pass", (), "", "")
    assert own.route(lead, date(2026, 11, 27)).confirms == ("housing",)
    assert own.route(lead, date(2026, 11, 28)).confirms == ("emergency",)
    assert own.route(lead, date(2019, 12, 31)).confirms == ()


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("guaranteed_pas,,,,,housing,,,,2020-01-01,,", "class: 没有 'guaranteed_pas'"),
        (",welding,,,,housing,,,,2020-01-01,,", "family: 没有 'welding'"),
        (",,,,,nobody,,,,2020-01-01,,", "confirms: 没有 'nobody'"),
        (",,,,,,,,,2020-01-01,,", "没有写甄别单位"),
        (",,,,,housing,,,,2020-13-01,,", "不是日期"),
        (",,,,,housing,,,,,,", "没有写生效日期"),
        (",,,,,housing,,,,2021-01-01,2020-01-01,", "早于"),
        (",,,！！,,housing,,,,2020-01-01,,", "没有文字"),
        ("guaranteed_pass|fast_track,,,,,emergency,,,,2020-01-01,,", "与第 2 行同样具体"),
    ],
)
def test_mistakes_are_named_by_line(tmp_path: Path, row: str, word: str) -> None:
    own = table(tmp_path, "guaranteed_pass,,,,,advertising,,,,2020-01-01,,", row)
    assert [line for line, _ in own.problems] == [3]
    assert word in own.problems[0][1]
    with pytest.raises(SpecError, match=r"routing\.csv:3"):
        own.checked()


def test_a_row_too_short_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"routing\.csv:2: 12 columns"):
        table(tmp_path, "guaranteed_pass,,")


def _own_table(folder: Path) -> Routing:
    """Rows for the invented classes of the world."""
    return table(
        folder,
        "sure_thing,electric,,,,emergency|housing,police,王某,内网,2020-01-01,,",
        classes=["sure_thing", "paper_trade"],
        of=["electric"],
    )


def test_a_registered_lead_gets_its_owners_once_and_what_no_row_fits_is_named(world: World, tmp_path: Path) -> None:
    own = _own_table(tmp_path)
    fits = world.flag(listing("1"))
    other = listing("2")
    nowhere = world.flag(other, verdict(other, offer_types=("paper_trade",)))
    fresh = world.flag(listing("3"))
    register(world, [fits, nowhere])
    report = apply_routes(world.engine, own, ACTOR, now=world.now, zone=ZONE)
    assert (report.kept, report.dropped["no_route"]) == (1, 1)
    assert f"案件 {nowhere}" in report.notes[0]
    owner = {row["id"]: row["owner"] for row in world.rows(s.case)}
    assert owner == {fits: "emergency", nowhere: None, fresh: None}
    with reading(world.engine) as connection:
        assert owners_of(connection, [fits, nowhere]) == {fits: ["emergency", "housing"]}
    assert apply_routes(world.engine, own, ACTOR, now=world.now, zone=ZONE).kept == 0
    assert verify_log(world.engine).fault is None
    shown = show_route(world.engine, own, fits, now=world.now, zone=ZONE)
    assert (shown["confirm_labels"], shown["acting_labels"]) == (["应急管理", "住房城乡建设"], ["公安"])
    assert shown["rows"][0]["line"] == 2
    assert not show_route(world.engine, own, nowhere, now=world.now, zone=ZONE)["fits"]


def test_a_person_names_the_owner_with_a_reason(world: World, tmp_path: Path) -> None:
    own = _own_table(tmp_path)
    case_id = world.flag(listing("1"))
    register(world, [case_id])
    done = assign_owner(world.engine, own, case_id, ["police", "emergency"], "电话核实", ACTOR, now=world.now)
    assert done["owners"] == ["police", "emergency"]
    with reading(world.engine) as connection:
        assert owners_of(connection, [case_id]) == {case_id: ["police", "emergency"]}
    assert apply_routes(world.engine, own, ACTOR, now=world.now, zone=ZONE).kept == 0, "a person's word stands"
    for owners, reason, word in ((["nobody"], "x", "没有单位"), ([], "x", "没有单位"), (["police"], " ", "reason")):
        with pytest.raises(UsageError, match=word):
            assign_owner(world.engine, own, case_id, owners, reason, ACTOR, now=world.now)
    assert "电话核实" not in str(world.rows(s.audit_entry))
