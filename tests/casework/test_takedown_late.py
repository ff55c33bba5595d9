"""Which requests are to be reminded of, in pages, held against every request and all that it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, select

from adwatch.casework import takedown_letters as letters
from adwatch.casework.life_lines import bring_up_to_date
from adwatch.casework.takedown import mark_sent
from adwatch.casework.takedown_due import Due, after_days
from adwatch.casework.takedown_inside import narrowed
from adwatch.casework.takedown_kinds import BEFORE, KINDS, MENDS
from adwatch.casework.takedown_late import ASKS, due_list, due_page
from adwatch.casework.takedown_letters import open_listings
from adwatch.casework.takedown_sent import mended
from adwatch.casework.takedown_steps import Desk
from adwatch.store import inside
from adwatch.store import schema as s
from adwatch.store import takedown_papers as papers
from adwatch.store.engine import migrate, reading
from adwatch.store.filters import Filters
from adwatch.store.inside import listings_of_requests
from adwatch.store.queue import within
from tests.casework.histories import LIMITS, History
from tests.casework.office import ZONE, decide
from tests.casework.paperwork import WANG, desk
from tests.casework.test_verification import sent
from tests.store.test_engine import alembic_config
from tests.store.world import World

Row = dict[str, Any]


def naive(connection: Connection, desk: Desk, limits: Filters | None) -> list[Row]:
    """Of every request that was sent, read whole."""
    rows = []
    for each in papers.page(connection, limits=limits):
        if not KINDS[each["kind"]].asks or each["step"] not in ("sent", "acknowledged", "refused", "handled"):
            continue
        takedown_id = each["takedown_id"]
        about = papers.page(connection, kinds=("remind", "escalate"), takedown_ids=[takedown_id])[::-1]
        left = open_listings(connection, [takedown_id])[takedown_id]
        if limits is not None:
            left &= listings_of_requests(connection, [takedown_id], limits).get(takedown_id, set())
        since = _since(desk, each, [one for one in about if one["step"] == "sent"])
        if since.at > desk.now or not left:
            continue
        reminders = sum(one["kind"] == "remind" and one["step"] == "sent" for one in about)
        under_way = [one["number"] for one in about if one["step"] in BEFORE]
        escalates = reminders >= desk.rules.escalate_after_reminders or each["step"] == "refused"
        seen = narrowed(connection, [each], limits)
        rows.append(
            {
                **{name: each[name] for name in ("number", "platform", "addressee")},
                "listings": len(left),
                "since": since.at,
                "provisional": since.provisional,
                "reminders": reminders,
                "under_way": under_way[-1] if under_way else None,
                "action": "escalate" if escalates else "remind",
                "whole": bool(seen) and seen[0]["count"] == each["count"],
            }
        )
    return sorted(rows, key=lambda row: row["since"])


def _since(desk: Desk, request: Row, sent: list[Row]) -> Due:
    first = Due(request["deadline_at"], request["due_provisional"])
    if request["deadline_at"] is None:
        days = desk.rules.remind_without_deadline_days
        first = after_days(request["request_sent_at"], days, desk.zone, desk.calendar)
    if not sent:
        return first
    again = after_days(sent[-1]["sent_at"], desk.rules.remind_every_days, desk.zone, desk.calendar)
    return max(first, again, key=lambda due: due.at)


def naively_mended(connection: Connection, limits: Filters | None) -> Row:
    """Of what the withdrawals and corrections say that were sent."""
    counts: Row = dict.fromkeys(MENDS, 0)
    listings: set[str] = set()
    for each in papers.letters(connection, kinds=MENDS, steps=["sent"]):
        named = {row["listing_id"] for row in each["content"]["listings"]}
        if limits is not None:
            seen = listings_of_requests(connection, [each["takedown_id"]], limits)
            named &= seen.get(each["takedown_id"], set())
        counts[each["kind"]] += bool(named)
        listings |= named
    return {**counts, "listings": len(listings)}


def naively_inside(connection: Connection, limits: Filters) -> dict[int, dict[str, str | None]]:
    """By request its listings whose case is inside, each looked at by itself, with the words of their last checks."""
    taken, link, item = s.takedown_listing.c, s.case_listing.c, s.listing.c
    query = select(taken.takedown_id, item.key, taken.word, link.case_id)
    query = query.join(s.listing, item.id == taken.listing_id).join(s.case_listing, link.listing_id == item.id)
    found: dict[int, dict[str, str | None]] = {}
    for request, key, word, case_id in connection.execute(query).all():
        if within(connection, limits, [case_id]):
            found.setdefault(request, {})[key.hex()] = word
    return found


def as_told(rows: list[Row]) -> list[Row]:
    """Without the labels."""
    return [{name: value for name, value in row.items() if name not in ("since_local", "action_label")} for row in rows]


@pytest.mark.parametrize(("seed", "few"), [(0, 0), (1, inside.FEW), (2, inside.FEW)])
def test_whatever_happens_the_late_are_those_that_are_found_by_reading_all(
    world: World, tmp_path: Path, seed: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inside, "FEW", few)
    history = History(world, tmp_path, 100 + seed)
    most = mending = 0
    for _ in range(3):
        for _ in range(3):
            history.flag()
        decide(world, list(history.cases.values()))
        history.ask()
    for number in range(30):
        history.go_on()
        limits = LIMITS[number % len(LIMITS)]
        with reading(world.engine) as connection:
            should = naive(connection, history.desk, limits)
            assert mended(connection, limits) == naively_mended(connection, limits)
            if limits is not None:
                requests = range(1, 1 + len(world.rows(s.takedown)))
                words = inside.words_of_requests(connection, requests, limits)
                assert words == naively_inside(connection, limits)
                shown = {each["takedown_id"] for each in papers.page(connection, kinds=ASKS, limits=limits)}
                assert shown == set(words)
            mending += mended(connection)["withdraw"]
        rows = due_list(history.desk, limits)
        assert as_told(rows) == should
        assert due_page(history.desk, limits, 1) == (rows[:1], len(rows))
        most = max(most, len(rows))
    assert most > 1, "never were several late"
    assert mending > 0, "never was anything taken back"


def test_the_migrations_fill_what_an_older_store_has_not(world: World, tmp_path: Path) -> None:
    number = sent(world, tmp_path, "1", "2")
    world.tick(hours=5)
    mark_sent(
        world.engine,
        [letters.withdraw(desk(world, tmp_path), number, WANG, ["2"], "有误")],
        "王芳",
        world.now,
        zone=ZONE,
    )
    bring_up_to_date(world.engine, ZONE)
    before = world.rows(s.takedown_mended), world.rows(s.life_line)
    assert [row["kind"] for row in before[0]] == ["withdraw"]
    command.downgrade(alembic_config(world.engine), "0035")
    migrate(world.engine)
    assert [row["takedown_id"] for row in world.rows(s.life_line_due)] == [1]
    bring_up_to_date(world.engine, ZONE)
    assert (world.rows(s.takedown_mended), world.rows(s.life_line)) == before
