"""Subjects as a limited person sees them equal those that are picked out one by one, by few cases and by many."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Engine, event

from adwatch.store import inside, queue, subject_views, subjects
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.store.filters import Filters
from adwatch.store.reach import family_of
from tests.store.databases import engine, migrated_file, migrated_server, postgresql_server, store_url
from tests.store.world import NOON

__all__ = ["engine", "migrated_file", "migrated_server", "postgresql_server", "store_url"]

REGIONS = (None, "甲省一市", "甲省二市", "乙省一市")
FAMILIES = ((), ("a",), ("b",), ("a", "b"), ("b", "c"))
STATES = ("screening", "registered", "confirmed")
LIMITS = (
    None,
    Filters(only_regions=("甲省",)),
    Filters(only_regions=("甲省一市", "乙"), only_families=("a",)),
    Filters(only_families=("b", "d")),
    Filters(only_regions=("丙省",), only_families=("e",)),
)
COUNT, SUBJECTS = 300, 40


def drawn(engine: Engine, dice: random.Random) -> list[dict[str, Any]]:
    """Cases of one listing each with their region, families, account and subject."""
    accounts = {number: 1 + dice.randrange(SUBJECTS) for number in range(1, 3 * SUBJECTS)}
    cases = []
    with writing(engine) as connection:

        def put(table: Any, **values: Any) -> None:
            connection.execute(table.insert().values(**values))

        put(s.platform, id=1, name="p1", kind="html")
        for number, subject in accounts.items():
            key = number.to_bytes(16)
            put(s.subject_account, id=number, key=key, platform_id=1, seller_id=None, subject_id=subject)
        for number in range(1, COUNT + 1):
            account = dice.choice((*accounts, 1, 2, None)) if number % 9 else None
            about = {"region": dice.choice(REGIONS), "families": dice.choice(FAMILIES), "state": dice.choice(STATES)}
            subject = accounts.get(account or 0)
            cases.append({"id": number, "account": account, "subject": subject, **about})
            seen = {"first_seen_at": NOON, "last_seen_at": NOON, "last_seen_day": "2026-11-18"}
            put(s.listing, id=number, key=number.to_bytes(16), platform_id=1, native_id=f"x{number}", **seen)
            score = {"scope": "safety_production", "score": 0.5, "opened_at": NOON, "opened_day": "2026-11-18"}
            known = {"state": about["state"], "region": about["region"], "family": family_of(about["families"])}
            put(s.case, id=number, subject_id=subject, platform_id=1, **score, **known)
            put(s.case_listing, listing_id=number, case_id=number)
            for family in about["families"]:
                put(s.case_tag, case_id=number, kind="family", value=family)
            if account is not None:
                put(s.subject_member, listing_id=number, account_id=account, at=NOON)
                mark = {"account_id": account, "kind": "contact", "value": number, "listing_id": number}
                put(s.subject_mark, **mark, shown=f"{dice.randrange(30)}***" if number % 5 else None)
        for subject in sorted(set(accounts.values())):
            put(s.subject, id=subject, made_at=NOON)
        subjects.count_cases(connection)
    return cases


def fits(case: dict[str, Any], limits: Filters | None) -> bool:
    if limits is None:
        return True
    region, families = case["region"], case["families"]
    there = not limits.only_regions or region is None or region.startswith(limits.only_regions)
    return there and (not limits.only_families or not families or bool(set(families) & set(limits.only_families)))


def sizes_of(states: dict[int, dict[str, int]]) -> list[tuple[int, int]]:
    return [(number, sum(each.values())) for number, each in states.items()]


@pytest.mark.parametrize(("few", "walked"), [(0, subject_views.WALKED), (0, 15), (inside.FEW, 0)])
def test_lists_are_those_picked_out_one_by_one(
    engine: Engine, few: int, walked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inside, "FEW", few)
    monkeypatch.setattr(subject_views, "WALKED", walked)
    cases = drawn(engine, random.Random(7))
    sizes = []
    for limits in LIMITS:
        seen = [each for each in cases if fits(each, limits) and each["subject"] is not None]
        counts = Counter(each["subject"] for each in seen)
        order = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        numbers = list(range(1, SUBJECTS + 1))
        newest: dict[int, int] = {}
        for each in seen:
            newest[each["account"]] = each["id"]
        with reading(engine) as connection:
            cases_inside = inside.few(connection, limits)
            assert (cases_inside is not None) == (few > 0 and limits is not None)
            assert sizes_of(subject_views.largest(connection, 10, 0, limits, cases_inside)) == order[:10]
            assert sizes_of(subject_views.largest(connection, 10, 5, limits, cases_inside)) == order[5:15]
            for limit in (1, 3, SUBJECTS):
                assert sizes_of(subject_views.largest(connection, limit, 0, limits, cases_inside)) == order[:limit]
            states = subject_views.states(connection, numbers, limits)
            assert states == {
                number: dict(Counter(each["state"] for each in seen if each["subject"] == number)) for number in counts
            }
            accounts = subject_views.accounts(connection, numbers, limits, cases_inside)
            owners = {each["account"] for each in seen}
            on = subject_views.platforms(connection, numbers, limits, cases_inside)
            assert on == {
                number: [("p1", len(rows), min(row["id"] for row in rows))] for number, rows in accounts.items()
            }
            if limits is not None:
                assert {row["id"] for rows in accounts.values() for row in rows} == owners
            assert subject_views.newest(connection, owners, limits) == newest
            contacts = subject_views.contacts(connection, numbers, ["contact"], 3, limits)
            alone = {
                number: subject_views.contacts(connection, [number], ["contact"], 99, limits)[number]
                for number in numbers
            }
            assert contacts == {number: each[:3] for number, each in alone.items()}
        sizes.append(len(seen))
    assert sizes[0] > sizes[1] > sizes[2] > sizes[4] > 0


def test_folded_counts_the_cases_of_some_states(engine: Engine) -> None:
    cases = drawn(engine, random.Random(8))
    for states in ((), STATES[:1], STATES[:2]):
        wanted = Counter(each["subject"] for each in cases if not states or each["state"] in states)
        with reading(engine) as connection:
            found = queue.folded(connection, Filters(states=states), [1, 2, 3])
        assert found == {number: wanted[number] for number in (1, 2, 3) if wanted[number]}


def test_cases_of_subjects_are_looked_up_by_them(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL knows how many cases are in a state")
    monkeypatch.setattr(inside, "FEW", -1)
    monkeypatch.setattr(subject_views, "WALKED", 0)
    said: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *given: said.append((given[2], given[3])))
    with reading(engine) as connection:
        queue.folded(connection, Filters(states=STATES), [1, 2])
        subject_views.states(connection, [1, 2], LIMITS[2])
        subject_views.largest(connection, 5, 0, LIMITS[2])
        counted = [each for each in said if "GROUP BY" in each[0]]
        assert len(counted) == 3
        for statement, values in counted:
            steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            read = [step for step in steps if step.startswith(("SEARCH case USING", "SCAN case", "MULTI-INDEX"))]
            assert len(read) == 1, steps
            assert "USING COVERING INDEX ix_case_subject" in read[0], steps
