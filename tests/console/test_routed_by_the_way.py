"""A finding straight from 待初筛 is routed as 线索登记 routes, and the dialog warns of rows that nobody has registered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import casework, decisions, routing
from adwatch.casework import sign_in
from adwatch.models import Actor
from adwatch.store import schema as s
from tests.console.site import Site, opened, running, text
from tests.store.world import World, listing, verdict

MARKET = Actor("张三", "某市市场监督管理局", "reviewer")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with opened(tmp_path) as office, running(office) as site:
        site.account("market", "reviewer", unit=MARKET.unit)
        site.account("emergency", "reviewer", unit="某市应急管理局")
        yield site


def found(world: World, name: str) -> int:
    """A hit that waits, on a certificate of the emergency authority."""
    item = listing(name, text="低压电工 特种作业操作证 办证，刻章办证", title="特种作业操作证")
    traded: dict[str, Any] = {"offer_types": ("forged_or_traded",), "certificate_kinds": ("special_operations",)}
    return world.flag(item, verdict(item, ("办证",), **traded))


def owners(world: World) -> dict[int, str | None]:
    return {row["id"]: row["owner"] for row in world.rows(s.case)}


def test_what_a_finding_registers_is_routed_as_a_registration_is(site: Site) -> None:
    office, world = site.office, World(site.office.engine)
    registered, bulk, command, single = (found(world, str(number)) for number in range(4))
    casework.register(office, [registered], MARKET.person, MARKET.unit)
    by_hand = owners(world)[registered]
    assert by_hand is not None and owners(world)[bulk] is None
    client = site.client("market")
    assert client.post("/queue/act", {"verb": "confirm", "ids": [str(bulk)]}).status == 303
    casework.decide(office, [command], "confirm", MARKET.person, MARKET.unit, "看过")
    decisions.decide(office, [single], "confirm", MARKET)
    assert set(owners(world).values()) == {by_hand}
    assert routing.unrouted(office) == []
    [event] = [row for row in world.rows(s.event) if row["kind"] == "routed" and row["subject_id"] == bulk]
    assert event["actor"] == "人员market"


def test_a_finding_leaves_the_owner_that_a_person_named(site: Site) -> None:
    office, world = site.office, World(site.office.engine)
    case = found(world, "1")
    casework.register(office, [case], MARKET.person, MARKET.unit)
    routing.assign(office, case, ["police"], "移送", MARKET)
    decisions.decide(office, [case], "confirm", MARKET)
    assert owners(world)[case] == "police"


def test_the_dialog_warns_of_unregistered_rows_too(site: Site) -> None:
    world = World(site.office.engine)
    case = found(world, "1")
    said = "应由其他单位甄别（应急管理）"
    client = site.client("market")
    assert f"按分派，本页有 1 条{said}" in text(client.get("/queue"))
    assert f"按分派，本条{said}" in text(client.get(f"/cases/{case}"))
    own = site.client("emergency")
    assert said not in text(own.get("/queue")) and said not in text(own.get(f"/cases/{case}"))
    assert owners(world)[case] is None, "looking routes nothing"
