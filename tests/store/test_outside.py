"""Cases are looked up by address and seller, as their listings now stand, each by a search in an index."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event

from adwatch.store.engine import reading, writing
from adwatch.store.outside import cases_by_seller, cases_by_url, open_case
from adwatch.store.views import versions_of
from tests.store.world import NOON, World, clear, listing, verdict

HERE, THERE = "plaza.example/item/1", "plaza.example/moved/1"


def by_url(engine: Engine, *urls: str) -> dict[str, list[int]]:
    with reading(engine) as connection:
        return cases_by_url(connection, urls)


def by_seller(engine: Engine, name: str) -> list[int]:
    with reading(engine) as connection:
        return cases_by_seller(connection, name)


def test_cases_are_found_by_the_address_and_seller_of_now(engine: Engine) -> None:
    world = World(engine)
    item = listing("1", url_norm=HERE, seller_id="s9")
    case = world.flag(item)
    world.store(listing("2", url_norm="plaza.example/item/2", seller_name="别家"))
    world.judge(clear())
    assert by_url(engine, HERE, "plaza.example/item/2", "plaza.example/item/3") == {HERE: [case]}
    assert by_seller(engine, "小店") == by_seller(engine, " s9 ") == [case]
    assert by_seller(engine, "别家") == by_seller(engine, "") == []
    world.tick(days=1)
    world.store(replace(item, url="https://plaza.example/moved/1", url_norm=THERE))
    assert by_url(engine, HERE, THERE) == {THERE: [case]}
    world.tick(days=1)
    changed = replace(item, text="电工证包过，换了店名", seller_name="新店")
    world.store(changed)
    world.judge(verdict(changed))
    assert by_seller(engine, "小店") == [] and by_seller(engine, "新店") == [case]


def test_an_older_look_moves_no_address(engine: Engine) -> None:
    world = World(engine)
    item = listing("1", url_norm=HERE)
    case = world.flag(item)
    world.now = NOON - timedelta(days=1)
    world.store(replace(item, url="https://plaza.example/moved/1", url_norm=THERE))
    assert by_url(engine, HERE, THERE) == {HERE: [case]}


def test_a_lead_from_outside_is_found_though_nothing_flagged_it(engine: Engine) -> None:
    world = World(engine)
    world.store(listing("1", url_norm=HERE, seller_name="被举报的店"))
    world.judge(clear())
    with writing(engine) as connection:
        (view,) = next(iter(versions_of(connection, [1]).values()))
        case = open_case(connection, view, "hotline", "王芳", NOON, "2026-11-18")
    assert by_url(engine, HERE) == {HERE: [case]}
    assert by_seller(engine, "被举报的店") == [case]


def test_what_a_look_up_costs_does_not_depend_on_how_many_there_are(engine: Engine) -> None:
    """Each statement searches an index; what is gone through are leads from outside alone."""
    if engine.dialect.name != "sqlite":
        return
    World(engine).flag(listing("1", url_norm=HERE))
    asked: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cursor, text, given, *_: asked.append((text, given)))
    by_url(engine, HERE)
    by_seller(engine, "小店")
    selects = [each for each in asked if each[0].startswith("SELECT")]
    with reading(engine) as connection:
        raw: Any = connection.connection.driver_connection
        plans = [[row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {text}", given)] for text, given in selects]
    assert len(plans) == 3
    first, outside, seller = (" | ".join(plan) for plan in plans)
    assert "ix_listing_url (url_norm=?)" in first and "ix_case_outside" in outside and "ix_case_tag_value" in seller
    assert not any("SCAN listing" in plan or "SCAN case_listing" in plan for plan in (first, outside, seller))
