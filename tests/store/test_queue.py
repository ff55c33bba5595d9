"""The queue against a plain list that is filtered, sorted and cut here."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Select, select, text
from sqlalchemy.dialects import sqlite

from adwatch.store import of_days, queue, ranges, rare
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import reading, writing
from adwatch.store.queue import Cursor, Filters, counted, counted_each, cursor_of, page
from adwatch.store.rare import FEW
from adwatch.store.reach import REGIONS, Part, family_of, parts

NOW = datetime(2026, 11, 28, tzinfo=UTC)
MANY = 2 * FEW + 2000
COUNTIES = {f"河南{number}县": 0.02 for number in range(REGIONS + 20)}
"""More than are walked each by itself."""
REGION = ("山西运城", "山西太原", "山东", None, *COUNTIES)
STATES = ("screening", "registered", "confirmed", "doubtful")
COLUMNS = ("id", "state", "scope", "score", "opened_at", "opened_day", "platform_id", "band", "tier", "region", "owner")
FAMILIES: tuple[set[str], ...] = (
    {"construction"},
    {"special_operations"},
    set(),
    {"construction", "driving"},
    {"driving", "special_operations"},
)


def make_cases(engine: Engine) -> list[dict[str, Any]]:
    """Many cases with ties in the score, common and rare values in everything that is filtered by."""
    chance = random.Random(7)
    cases = []
    for number in range(1, MANY + 1):
        case: dict[str, Any] = {
            "id": number,
            "state": chance.choices(STATES, (60, 30, 9, 1))[0],
            "scope": chance.choice(("safety_production", "other_credential")),
            "score": chance.randrange(40, 100, 5) / 100,
            "opened_at": NOW,
            "opened_day": f"2026-11-{chance.choices((1, 2, 3), (90, 9, 1))[0]:02d}",
            "platform_id": chance.choices((1, 2), (95, 5))[0],
            "band": chance.choice(("flagged", "review")),
            "tier": chance.choice(("exact", "folded", None)),
            "region": chance.choices(REGION, (80, 10, 1, 8, *COUNTIES.values()))[0],
            "owner": chance.choices(("emergency", "housing", None), (90, 5, 5))[0],
        }
        case["class"] = set(chance.sample(("exam_exemption", "fast_track", "proxy_exam"), chance.randrange(1, 3)))
        case["family"] = chance.choices(FAMILIES, (88, 2, 8, 1, 1))[0]
        cases.append(case)
    with writing(engine) as connection:
        connection.execute(s.platform.insert(), [{"id": n, "name": f"mall{n}", "kind": "html"} for n in (1, 2)])
        rows = [(*(case[name] for name in COLUMNS), family_of(case["family"])) for case in cases]
        insert_rows(connection, s.case, (*COLUMNS, "family"), rows)
        tags = [(c["id"], kind, value) for c in cases for kind in ("class", "family") for value in sorted(c[kind])]
        insert_rows(connection, s.case_tag, ("case_id", "kind", "value"), tags)
    return cases


def fits(case: dict[str, Any], filters: Filters) -> bool:
    names = ("scope", "band", "tier", "owner")
    region, family = case["region"], case["family"]
    return (
        (not filters.states or case["state"] in filters.states)
        and all(getattr(filters, name) in (None, case[name]) for name in names)
        and filters.platform in (None, f"mall{case['platform_id']}")
        and (filters.offer_class is None or filters.offer_class in case["class"])
        and (filters.family is None or filters.family in family)
        and (filters.score_from is None or case["score"] >= filters.score_from)
        and (filters.score_to is None or case["score"] < filters.score_to)
        and (filters.region is None or (region or "").startswith(filters.region))
        and (filters.opened_from is None or case["opened_day"] >= filters.opened_from)
        and (filters.opened_to is None or case["opened_day"] <= filters.opened_to)
        and (not filters.only_regions or region is None or region.startswith(filters.only_regions))
        and (not filters.only_families or not family or bool(family & set(filters.only_families)))
    )


def in_pages(engine: Engine, filters: Filters, size: int, most: int) -> list[int]:
    found: list[int] = []
    after: Cursor | None = None
    with reading(engine) as connection:
        while len(found) < most:
            cases = page(connection, filters, after, size)
            found += [case["id"] for case in cases]
            if len(cases) < size:
                break
            after = cursor_of(cases[-1])
    return found


SINGLE = (
    Filters(),
    Filters(states=("screening",)),
    Filters(states=("doubtful", "registered", "doubtful")),
    Filters(scope="other_credential", states=STATES),
    Filters(platform="mall2"),
    Filters(platform="mall1", states=("registered", "doubtful"), tier="folded"),
    Filters(offer_class="proxy_exam", score_from=0.6, score_to=0.8),
    Filters(family="special_operations"),
    Filters(family="special_operations", states=("doubtful",)),
    Filters(region="山西"),
    Filters(region="山东", tier="exact"),
    Filters(region="山", states=("doubtful", "screening"), opened_from="2026-11-03"),
    Filters(region="山西", family="special_operations"),
    Filters(region="河南"),
    Filters(family="driving", platform="mall1", states=("screening",)),
    Filters(owner="housing", band="review"),
    Filters(opened_from="2026-11-03"),
    Filters(opened_to="2026-11-02", opened_from="2026-11-02"),
    Filters(only_regions=("山东", "山西太原")),
    Filters(only_families=("special_operations",)),
    Filters(only_families=("special_operations", "driving"), only_regions=("山",), states=("screening", "doubtful")),
    Filters(only_regions=("河南", "山东"), states=STATES),
    Filters(only_families=("driving",), only_regions=("山西太原", "海南"), platform="mall1"),
    Filters(only_families=("driving",), family="driving", only_regions=("山西",), region="山西太"),
    Filters(only_families=("driving", "construction"), family="special_operations"),
    Filters(only_regions=("山西太", "山东"), region="山", states=("screening",), owner="housing"),
    Filters(only_regions=("河南",), owner="emergency", platform="mall2", score_to=0.7),
)


@pytest.mark.parametrize("listed", [2, 10_000])
def test_pages_are_what_a_plain_list_gives(engine: Engine, listed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether ranges that differ in values alone are read by a list of these or each by itself."""
    monkeypatch.setattr(ranges, "LISTED", listed)
    cases = make_cases(engine)
    rank = {"safety_production": 0, "other_credential": 1}
    cases.sort(key=lambda case: (rank[case["scope"]], -case["score"], case["id"]))
    chance = random.Random(11)
    for filters in [*SINGLE, *(replace(chance.choice(SINGLE), only_regions=("山西",)) for _ in range(5))]:
        wanted = [case["id"] for case in cases if fits(case, filters)]
        assert wanted, f"{filters}: nothing to find"
        got = in_pages(engine, filters, 97, 500)
        assert got[:500] == wanted[:500], filters
        with reading(engine) as connection:
            middle = next(case for case in cases if case["id"] == wanted[len(wanted) // 2])
            assert [each["id"] for each in page(connection, filters, cursor_of(middle), 50)] == wanted[
                len(wanted) // 2 + 1 : len(wanted) // 2 + 51
            ], filters
            assert counted(connection, filters, 100_000) == len(wanted), filters
            assert counted(connection, filters, 7) == min(7, len(wanted)), filters


@pytest.mark.parametrize("few", [0, 20, 100_000])
def test_pages_of_some_days_are_what_a_plain_list_gives(
    engine: Engine, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the regions have few of these days, many, or some these and some those."""
    monkeypatch.setattr(rare, "FEW", 0)
    monkeypatch.setattr(of_days, "FEW", few)
    cases, met = make_cases(engine), set[str]()
    rank = {"safety_production": 0, "other_credential": 1}
    cases.sort(key=lambda case: (rank[case["scope"]], -case["score"], case["id"]))
    for each in SINGLE:
        for days in ({"opened_from": "2026-11-03"}, {"opened_from": "2026-11-02", "opened_to": "2026-11-02"}):
            filters = replace(each, **days)  # type: ignore[arg-type]
            wanted = [case["id"] for case in cases if fits(case, filters)]
            assert in_pages(engine, filters, 7, 500)[:500] == wanted[:500], filters
            with reading(engine) as connection:
                for most in (7, 100_000):
                    assert counted(connection, filters, most) == min(most, len(wanted)), filters
                reach = queue._parts(connection, filters)
                if of_days.by_region(filters, reach):
                    read, many = of_days.few_of(connection, filters, reach)
                    met.update(["few"] * (read is not None) + ["many"] * bool(many))
    assert met == ({"few"} if few > 20 else {"many"} if few == 0 else {"few", "many"})


def test_what_a_limited_person_sees_is_cut_into_ranges(engine: Engine) -> None:
    """As many as the limits name, whatever there is beside them; none where there would be too many."""
    make_cases(engine)
    with reading(engine) as connection:
        few = parts(connection, ("山西运", "山东"), ("driving",))
        assert few is not None and len(few) == 3 * 3
        assert parts(connection, ("河南",), ()) is None
        assert parts(connection, ("海南",), ("driving",)) is not None
        looked_for = parts(connection, ("山西运", "山东"), (), anywhere=False)
        assert looked_for is not None and len(looked_for) == 2
        if engine.dialect.name == "sqlite":
            for part in few:
                plan = "ix_case_reach (region=? AND family=? AND state=? AND scope=?)"
                assert planned(connection, part)[0] == f"SEARCH case USING INDEX {plan}"
            for part in looked_for:
                plan = "ix_case_region (region=? AND state=? AND scope=?)"
                assert planned(connection, part) == [f"SEARCH case USING INDEX {plan}"], "nothing is sorted"


def test_several_choices_are_counted_together(engine: Engine) -> None:
    """As each by itself, in one statement or, where they are cut finely, in several."""
    cases = make_cases(engine)
    chance = random.Random(13)
    for most in (5, 100, 100_000):
        wanted = chance.sample(SINGLE, 9)
        fitting = [sum(fits(case, filters) for case in cases) for filters in wanted]
        with reading(engine) as connection:
            assert counted_each(connection, wanted, most) == [min(most, each) for each in fitting]
            assert counted_each(connection, [], most) == []


@pytest.mark.parametrize("many", [1, queue.MANY])
def test_cases_of_a_day_are_counted_alike_where_limits_leave_many_or_few(
    engine: Engine, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rare, "FEW", 0)
    monkeypatch.setattr(queue, "MANY", many)
    cases = make_cases(engine)
    for each in SINGLE:
        if (each.only_regions or each.only_families) and not each.states:
            filters = replace(each, opened_from="2026-11-02", opened_to="2026-11-03")
            count = sum(fits(case, filters) for case in cases)
            with reading(engine) as connection:
                assert counted(connection, filters, 100_000) == count, filters
                assert counted(connection, filters, 3) == min(3, count), filters


@pytest.mark.parametrize("probed", [3, 400])
def test_what_is_cut_finely_is_counted_alike_whether_its_first_cases_are_enough(
    engine: Engine, probed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "FINELY", 0)
    monkeypatch.setattr(queue, "PROBED", probed)
    monkeypatch.setattr(rare, "FEW", 0)
    cases, met = make_cases(engine), 0
    for each in SINGLE:
        states = dict.fromkeys(("screening", *each.states))
        choices = [replace(each, states=(state,)) for state in states]
        choices.append(replace(each, states=(), opened_from="2026-11-02", opened_to="2026-11-03"))
        fitting = [sum(fits(case, filters) for case in cases) for filters in choices]
        for most in (2, 50, 100_000):
            with reading(engine) as connection:
                assert counted_each(connection, choices, most) == [min(most, count) for count in fitting], each
                met += sum(queue._met(connection, choices, most))
    assert met > 0, "never was anything met on the way"


def planned(connection: Connection, part: Part) -> list[str]:
    """How SQLite walks a part of one state and scope."""
    state = (*part.where, s.case.c.state == "screening", s.case.c.scope == "other_credential")
    order = (*part.order, s.case.c.scope.desc(), s.case.c.score.desc(), s.case.c.id)
    query = select(s.case).where(*state).order_by(*order)
    return [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {written(query)}"))]


def written(query: Select[Any]) -> str:
    words = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    return words.replace("LIMIT ? OFFSET 0", "LIMIT -1 OFFSET 0")


@pytest.mark.parametrize(
    "filters",
    [
        Filters(region="山西", only_regions=("河南",)),
        Filters(platform="nowhere"),
        Filters(family="none_such"),
        Filters(region="海南"),
        Filters(states=("closed",)),
    ],
)
def test_what_nothing_fits_gives_nothing(engine: Engine, filters: Filters) -> None:
    with writing(engine) as connection:
        row = {"id": 1, "state": "screening", "scope": "safety_production", "score": 0.5}
        connection.execute(s.case.insert().values(**row, opened_at=NOW, opened_day="2026-11-01", region="山西"))
    with reading(engine) as connection:
        assert page(connection, filters, None, 10) == []
        assert counted(connection, filters) == 0
        assert [case["id"] for case in page(connection, Filters(), None, None)] == [1]
