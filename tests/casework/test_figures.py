"""The figures of the tables equal those that are counted row by row, over histories drawn by lot."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, event, insert

from adwatch.casework.life_lines import bring_up_to_date
from adwatch.casework.report_calendar import period
from adwatch.casework.report_table import table
from adwatch.store import report_figures as figures
from adwatch.store import schema as s
from adwatch.store.captures import store_capture
from adwatch.store.cases import append_decision
from adwatch.store.engine import reading, writing
from adwatch.store.life_line_due import all_are_due
from adwatch.store.report_removed import looked_through, removed
from adwatch.store.takedowns import add_check, listings_of
from adwatch.store.takedowns import sent as mark_sent
from adwatch.tables.report_form import report_forms
from tests.casework import naive_figures as naive
from tests.casework.office import UNIT, ZONE, decide, draft
from tests.store.world import NOON, World, capture, listing

ZONES = ("Asia/Shanghai", "Europe/Berlin")
BEGIN = datetime(2026, 10, 20, tzinfo=UTC)
"""Before the clocks of Berlin are put back."""
PERIODS = (
    (date(2026, 10, 25), date(2026, 10, 25)),
    (date(2026, 11, 1), date(2026, 11, 30)),
    (date(2026, 1, 1), date(2026, 12, 31)),
    (date(2025, 1, 1), date(2025, 12, 31)),
)
WORDS = ("gone", "gone", "gone", "gone", "unknown", "up", "changed", "moved")
SCOPES = ("safety_production", "other_credential", None)
TYPES = (["sure_thing"], ["paper_trade", "sure_thing"], [], None)
APART = ((1, 20), (0, 0), (1, 0), (2, 30), (7, 20))
"""Days and hours between two looks."""
LEADS = "transferred"
FITS = (
    figures.ANY,
    figures.Fits("safety_production"),
    figures.Fits("other_credential", ("paper_trade", "sure_thing")),
    figures.Fits(None, ("paper_trade",)),
    figures.Fits("other_credential", ("x",)),
)
COUNT = 150


def drawn(world: World, dice: random.Random) -> None:
    """Listings of two regions, one to three in a case, with findings, requests, looks, leads and sites at random."""

    def at(most: int = 60) -> datetime:
        return BEGIN + timedelta(hours=dice.randrange(most * 24), minutes=dice.choice((0, 0, 1, 59)))

    owner = 0
    rows: dict[Any, list[dict[str, Any]]] = {}
    for number in range(1, COUNT + 1):
        owner = number if dice.random() < 0.6 or not owner else owner
        seen = {"first_seen_at": NOON, "last_seen_at": NOON, "last_seen_day": "2026-11-18"}
        item = {"id": number, "key": bytes([number]) * 16, "platform_id": 1 + number % 2, "native_id": f"x{number}"}
        rows.setdefault(s.listing, []).append({**item, **seen})
        link = {"listing_id": number, "case_id": owner, "decided_scope": dice.choice(SCOPES)}
        rows.setdefault(s.case_listing, []).append({**link, "decided_types": dice.choice(TYPES)})
        if owner == number:
            opened = {"opened_at": NOON, "opened_day": "2026-11-18", "region": dice.choice(("甲市", "乙市"))}
            about = {"id": number, "state": "confirmed", "scope": "safety_production", "score": 0.5}
            lead = dice.choice((f"L{number}", None))
            rows.setdefault(s.case, []).append({**about, **opened, "platform_id": 1, "lead_number": lead})
            rows.setdefault(s.decision, []).extend(findings(number, dice, at))
            for _ in range(dice.randrange(3)):
                column = dice.choice(("online_transferred", "transferred", None))
                entry = {"case_id": number, "column": column, "day": at().date().isoformat()}
                rows.setdefault(s.report_lead, []).append({**entry, "person": "李四", "at": NOON})
    for number in range(1, 7):
        sent = {
            "drafted_at": BEGIN,
            "sent_at": BEGIN if number > 1 else None,
            "state": "sent" if number > 1 else "draft",
        }
        about = {"id": number, "number": f"T{number}", "platform_id": 1, "content": {}}
        rows.setdefault(s.takedown, []).append({**about, **sent})
    rows[s.takedown_check] = looks(dice, at)
    asked = sorted({(row["takedown_id"], row["listing_id"]) for row in rows[s.takedown_check]})
    rows[s.takedown_listing] = [{"takedown_id": one, "listing_id": other, "version_id": 1} for one, other in asked]
    for number, row in enumerate(rows[s.takedown_check]):
        if row["capture_id"] is not None:
            taken = capture(number, day=row["day"])
            fixed = {"platform_id": 1, "day": taken.day, "role": "check", "url": taken.url, "fetched_at": NOON}
            stored = {"status": 200, "sha256": taken.sha256, "warc": "a", "offset": number, "record_id": f"<{number}>"}
            more = {"software": "t", "context": {}}
            rows.setdefault(s.capture, []).append({"id": row["capture_id"], **fixed, **stored, **more})
    for number in range(1, COUNT, 4):
        about = {"kind": "host", "name": f"s{number}", "first_seen_at": NOON, "first_day": "2026-11-18"}
        empty = {"verdict": "x", "score": 0.5, "why": [], "families": [], "about": {}}
        rows.setdefault(s.site, []).append({**about, **empty, "listing_id": dice.choice((number, number, None))})
    with writing(world.engine) as connection:
        connection.execute(insert(s.platform), [{"id": n, "name": f"p{n}", "kind": "html"} for n in (1, 2)])
        for each in (
            s.capture,
            s.listing,
            s.case,
            s.case_listing,
            s.decision,
            s.takedown,
            s.takedown_listing,
            s.takedown_check,
            s.report_lead,
            s.site,
        ):
            put(connection, each, rows[each])
        all_are_due(connection)


def went_on(world: World, dice: random.Random) -> None:
    """More looks, findings and a request that is sent, as the store writes them: after it was made what is kept."""
    with writing(world.engine) as connection:
        for asked in dice.sample(listings_of(connection, range(2, 7)), 9):
            add_check(connection, asked, dice.choice(WORDS), BEGIN + timedelta(days=dice.randrange(70)), None, "")
        for case_id in dice.sample([row["id"] for row in world.rows(s.case)], 9):
            result = dice.choice(("confirm", "dismiss"))
            about = {"result": result, "person": "李四", "unit": UNIT, "reason": "", "at": BEGIN, "may_train": True}
            append_decision(connection, case_id, **about)
        mark_sent(connection, 1, "张三", BEGIN, None)


def findings(case_id: int, dice: random.Random, at: Any) -> list[dict[str, Any]]:
    """Of a case, oldest first: some taken back, some with corrections."""
    found = []
    for when in sorted(at() for _ in range(dice.choice((0, 1, 1, 1, 2, 3, 5)))):
        result = dice.choice(("confirm", "confirm", "confirm", "dismiss", "doubt"))
        corrected = dice.choice(
            (
                None,
                None,
                None,
                {},
                {"scope": "other_credential"},
                {"scope": None},
                {"types": ["paper_trade"]},
                {"types": []},
            )
        )
        about = {"case_id": case_id, "result": result, "person": "李四", "unit": UNIT, "reason": "", "at": when}
        found.append({**about, "corrected": corrected if result == "confirm" else None})
    return found


def looks(dice: random.Random, at: Any) -> list[dict[str, Any]]:
    """In the order they were made, which is not always that of their times: days are worked through late."""
    found: list[dict[str, Any]] = []
    for listing_id in range(1, COUNT + 1):
        times = [at(50) for _ in range(dice.choice((0, 2, 2, 3, 4, 9)))]
        begin = at(40)
        near = [begin + timedelta(hours=dice.choice((0, 1, 4, 19, 20, 21, 24, 48))) for _ in times]
        made = sorted(dice.choice((times, near)))
        if dice.random() < 0.1:
            dice.shuffle(made)
        for when in made:
            late = timedelta(days=dice.choice((0, 0, 0, 0, -1, 3)))
            day = (when.astimezone(ZONE) - late).date().isoformat()
            row = {
                "takedown_id": dice.randrange(1, 7),
                "listing_id": listing_id,
                "word": dice.choice(WORDS),
                "at": when,
            }
            taken = len(found) + 1 if dice.random() < 0.7 else None
            found.append({**row, "capture_id": taken, "day": day if taken or dice.random() < 0.5 else None})
    order = list(range(len(found)))
    order.sort(key=lambda each: found[each]["at"] if dice.random() < 0.8 else BEGIN)  # ids across listings are mixed
    return [{**found[each], "message": ""} for each in order]


def put(connection: Connection, which: Any, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        connection.execute(insert(which).values(**row))


@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_counted_row_by_row(world: World, seed: int) -> None:
    dice = random.Random(seed)
    drawn(world, dice)
    if seed > 0:
        bring_up_to_date(world.engine, ZONE)
        assert len(world.rows(s.verified_removal)) > 12
    if seed > 1:
        went_on(world, dice)
        assert len(world.rows(s.life_line_due)) > 0
    if seed > 2:
        bring_up_to_date(world.engine, ZONE)
        assert world.rows(s.life_line_due) == []
    store = naive.Store(world.engine)
    seen: Counter[str] = Counter()
    with reading(world.engine) as connection:
        for zone, span in product(map(ZoneInfo, ZONES), PERIODS):
            for fits in FITS:
                pairs = [
                    (
                        "removed",
                        removed(connection, *span, zone, *apart, fits),
                        naive.removed(store, *span, zone, *apart),
                    )
                    for apart in (APART if fits == figures.ANY else APART[:1])
                ]
                pairs += [
                    (
                        "confirmed",
                        figures.confirmed(connection, *span, zone, fits),
                        naive.confirmed(store, *span, zone),
                    ),
                    ("sites", figures.sites(connection, *span, zone, fits), naive.sites(store, *span, zone)),
                    (
                        "leads",
                        figures.transferred(connection, LEADS, *span, fits),
                        naive.transferred(store, LEADS, *span),
                    ),
                ]
                for name, found, counted in pairs:
                    wanted = naive.fitting(counted, fits.scope, set(fits.types))
                    assert found.read(connection).rows(connection) == wanted, (name, zone, span, fits)
                    for most in (1, 3, len(wanted) + 1):
                        assert found.read(connection, most).rows(connection, most) == wanted[:most], (name, most)
                    assert found.count(connection) == len(wanted)
                    leads = len({each.case_id for each in wanted})
                    assert found.leads(connection) == leads
                    assert found.totals(connection) == (len(wanted), leads)
                    seen[name] += len(wanted)
                    seen[str(fits)] += len(wanted)
    assert seen.pop(str(FITS[-1])) == 0
    assert min(seen.values()) > 12, seen


def test_a_table_that_is_looked_at_says_what_one_that_is_frozen_does(world: World) -> None:
    drawn(world, random.Random(9))
    form = report_forms()["yearly"]
    clock: Any = {"unit": UNIT, "now": world.now, "zone": ZONE}
    with reading(world.engine) as connection:
        whole = table(connection, form, period(form, "2026"), **clock)
        seen = table(connection, form, period(form, "2026"), most=1, **clock)
        next_page = table(connection, form, period(form, "2026"), most=3, skip=1, **clock)
    for name in ("removed", "online_transferred"):
        listings = whole["own"][form.own][name]["listings"]
        assert next_page["own"][form.own][name]["listings"] == listings[1:3]
        full, part = whole["own"][form.own][name], seen["own"][form.own].pop(name)
        assert len(full["listings"]) > 1
        assert part == {"value": full["value"], "listings": full["listings"][:1], "rows": len(full["listings"])}
    assert whole["shown"] == seen["shown"]


def test_a_look_counts_on_the_day_of_its_capture(world: World, tmp_path: Path) -> None:
    number = world.flag(listing("1"))
    decide(world, number)
    draft(world, tmp_path)
    taken = store_capture(world.engine, capture(99, day="2026-11-25"), "html", None)
    with writing(world.engine) as connection:
        for asked in listings_of(connection, [1]):
            add_check(connection, asked, "gone", world.now, taken, "")
    assert [row["day"] for row in world.rows(s.takedown_check)] == ["2026-11-25"]


def test_removals_of_a_period_are_looked_up_by_it(world: World) -> None:
    if world.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL goes by how many there are")
    said: list[tuple[str, Any]] = []
    event.listen(world.engine, "before_cursor_execute", lambda *given: said.append((given[2], given[3])))
    with reading(world.engine) as connection:
        looked_through(connection, *PERIODS[1], ZONE, (1, 20))
        [plan] = [
            [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            for statement, values in list(said)
            if "group_concat(anon_1.at" in statement
        ]
    looks = [step for step in plan if "takedown_check" in step]
    assert [step.split(" (")[0] for step in looks] == [
        "SEARCH takedown_check USING COVERING INDEX ix_takedown_check_listing",
        "SEARCH takedown_check USING INDEX ix_takedown_check_gone_day",
        "SEARCH takedown_check USING INDEX ix_takedown_check_gone_at",
    ]
