"""Sites of the screen against a plain list that is filtered, sorted and counted here."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.store.filters import Filters
from adwatch.store.reach import family_of
from adwatch.store.site_pages import SHOWN, counts, page, visible

NOW = datetime(2026, 11, 28, tzinfo=UTC)
MANY = 400
WAITS = {"screening", "registered", "reopened", "doubtful"}
STATES = (*sorted(WAITS), "confirmed", "dismissed")
FAMILIES: tuple[set[str], ...] = (set(), {"construction"}, {"driving"}, {"construction", "driving"})
LIMITS = (
    None,
    Filters(only_regions=("山西",)),
    Filters(only_families=("construction",)),
    Filters(only_families=("driving", "construction"), only_regions=("山西太原", "河南")),
)


def make_sites(engine: Engine) -> list[dict[str, Any]]:
    """Sites with and without an entry, among cases of other sources."""
    chance = random.Random(5)
    sites: list[dict[str, Any]] = []
    for number in range(1, MANY + 1):
        band = chance.choice(("flagged", "review", "clear", None))
        site: dict[str, Any] = {"id": number, "band": band, "kind": chance.choice(("site", "site", "app"))}
        site |= {"name": f"cx{number}-{chance.choice(('mem', 'gov'))}.example", "families": chance.choice(FAMILIES)}
        site |= {"looked_at": chance.choice((NOW, NOW, None)), "listing_id": None, "case": None}
        if band == "flagged" and chance.random() < 0.95:
            case = {"id": 5000 - number, "state": chance.choice(STATES), "families": chance.choice(FAMILIES)}
            site |= {"listing_id": 1000 + number, "case": case}
            case["region"] = chance.choice((None, "山西太原", "山西运城", "河南郑州"))
        sites.append(site)
    with writing(engine) as connection:
        connection.execute(s.platform.insert(), [{"id": 1, "name": "mall", "kind": "html"}])
        connection.execute(s.platform.insert(), [{"id": 2, "name": "sites", "kind": "handover"}])
        for each in sites:
            if (case := each["case"]) is not None:
                _entry(connection, each["listing_id"], 2, case)
        for number in range(1, 100):  # of other sources: they count nowhere
            other = {"id": number, "state": "screening", "families": set(), "region": None}
            _entry(connection, number, 1, other)
        rows = []
        for each in sites:
            row = {key: value for key, value in each.items() if key != "case"}
            fixed = {"first_seen_at": NOW, "first_day": "2026-11-28", "verdict": "look_alike", "score": 1.0}
            rows.append({**row, **fixed, "families": sorted(each["families"]), "why": [], "about": {}})
        connection.execute(s.site.insert(), rows)
    return sites


def _entry(connection: Any, listing: int, platform: int, case: dict[str, Any]) -> None:
    seen = {"first_seen_at": NOW, "last_seen_at": NOW, "last_seen_day": "2026-11-28"}
    row = {"id": listing, "key": listing.to_bytes(16), "platform_id": platform, "native_id": str(listing), **seen}
    connection.execute(s.listing.insert().values(**row))
    opened = {"scope": "safety_production", "score": 0.5, "opened_at": NOW, "opened_day": "2026-11-28"}
    values = {"id": case["id"], "state": case["state"], "region": case["region"], "platform_id": platform, **opened}
    connection.execute(s.case.insert().values(**values, family=family_of(case["families"])))
    for family in case["families"]:
        connection.execute(s.case_tag.insert().values(case_id=case["id"], kind="family", value=family))
    connection.execute(s.case_listing.insert().values(listing_id=listing, case_id=case["id"]))


def is_shown(site: dict[str, Any], shown: str) -> bool:
    state = site["case"]["state"] if site["case"] else None
    fitting: dict[str, bool] = {
        "suspected": site["band"] == "flagged",
        "waiting": state in WAITS,
        "standing": state == "confirmed",
        "doubtful": site["band"] == "review",
        "unseen": site["looked_at"] is None and site["kind"] == "site",
        "clear": site["band"] == "clear",
        "all": True,
    }
    return fitting[shown]


def may_see(site: dict[str, Any], limits: Filters | None) -> bool:
    if limits is None:
        return True
    about = site["case"] or site
    region = about.get("region")
    of_region = not limits.only_regions or region is None or region.startswith(limits.only_regions)
    wanted = set(limits.only_families)
    return of_region and (not wanted or not about["families"] or bool(wanted & about["families"]))


def test_pages_and_counts_are_what_a_plain_list_gives(engine: Engine) -> None:
    sites = make_sites(engine)
    sites.reverse()
    with reading(engine) as connection:
        for limits in LIMITS:
            seen = [each for each in sites if may_see(each, limits)]
            assert visible(connection, [each["id"] for each in sites], limits) == {each["id"] for each in seen}
            fitting = {shown: [each for each in seen if is_shown(each, shown)] for shown in SHOWN}
            assert all(fitting.values()), "each choice has some"
            for most in (3, 1000):
                assert counts(connection, list(SHOWN), limits, most) == [
                    min(most, len(rows)) for rows in fitting.values()
                ], limits
            for shown, rows in fitting.items():
                first = page(connection, shown, limits, most=20)
                assert [row["id"] for row in first] == [each["id"] for each in rows[:20]], (shown, limits)
                assert [(row["case_id"], row["state"]) for row in first] == [
                    (each["case"]["id"], each["case"]["state"]) if each["case"] else (None, None) for each in rows[:20]
                ]
                chosen = [each["id"] for each in rows if each["kind"] == "app" and "-mem" in each["name"]]
                middle = chosen[len(chosen) // 2] if chosen else 1
                found = page(connection, shown, limits, kind="app", name="-MEM", before=middle, most=20)
                assert [row["id"] for row in found] == [each for each in chosen if each < middle][:20], (shown, limits)
