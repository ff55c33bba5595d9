from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from adwatch.casework import clocks
from adwatch.casework.clocks import deadline, due_rows
from adwatch.errors import SpecError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store.engine import insert_id
from adwatch.store.opening import add_event
from adwatch.tables.clocks import clock_rules
from adwatch.tables.holidays import WorkingDays
from tests.casework.office import UNIT, ZONE, register
from tests.casework.reviewing import HEAD, ZHANG, found, move_track, open_track
from tests.store.world import World, listing

RULES = clock_rules()


def due(world: World, **more: Any) -> list[tuple[Any, ...]]:
    rows = due_rows(world.engine, RULES, WorkingDays(), now=world.now, zone=ZONE, **more)
    return [(row["case_id"], row["clock"], row["started_on"], row["due_on"], row["overdue"]) for row in rows]


@pytest.mark.parametrize(
    ("start", "amount", "last"),
    [
        ("2026-11-18", 1, "2026-11-19"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-11-18", 15, "2026-12-09"),
        ("2026-09-24", 5, "2026-10-09"),
        ("2025-09-30", 1, "2025-10-09"),
    ],
)
def test_working_days_are_the_statutory_ones(start: str, amount: int, last: str) -> None:
    found_day = deadline(WorkingDays(), date.fromisoformat(start), amount)
    assert (found_day.day.isoformat(), found_day.provisional) == (last, False)


def test_an_unknown_year_is_provisional_and_stops_nothing(tmp_path: Path) -> None:
    late = deadline(WorkingDays(), date(2031, 4, 30), 3)
    assert (late.day, late.provisional) == (date(2031, 5, 5), True)
    (tmp_path / "tables").mkdir()
    own = tmp_path / "tables" / "holidays.csv"
    own.write_text("day,working,note\n2031-05-01,no,劳动节\n2031-05-02,no,劳动节\n", encoding="utf-8")
    told = deadline(WorkingDays(tmp_path), date(2031, 4, 30), 3)
    assert (told.day, told.provisional) == (date(2031, 5, 7), False)
    assert deadline(WorkingDays(), date(2031, 4, 30), 3, "days").day == date(2031, 5, 3)


def test_the_clock_starts_with_registration_and_not_with_the_hit(world: World) -> None:
    case_id = world.flag(listing("1"))
    world.tick(days=30)
    assert due(world) == []
    register(world, [case_id])
    assert due(world) == [(case_id, "filing_decision", "2026-12-18", "2027-01-08", False)]


def test_the_years_end_is_marked_until_holidays_are_announced(world: World) -> None:
    world.now = datetime(2026, 12, 18, 1, tzinfo=UTC)
    register(world, [world.flag(listing("1"))])
    (row,) = due_rows(world.engine, RULES, WorkingDays(), now=world.now, zone=ZONE)
    assert row["provisional"] == "节假日待公布"


def test_the_last_day_is_in_time_and_the_next_is_not(world: World) -> None:
    case_id = world.flag(listing("1"))
    register(world, [case_id])
    world.now = datetime(2026, 12, 9, 15, 59, tzinfo=UTC)
    assert due(world) == [(case_id, "filing_decision", "2026-11-18", "2026-12-09", False)]
    assert due(world, overdue=True) == []
    world.tick(minutes=1)
    assert due(world, overdue=True) == [(case_id, "filing_decision", "2026-11-18", "2026-12-09", True)]


@pytest.mark.parametrize("ending", ["filed", "not_filed", "dismissed", "referred"])
def test_what_ends_the_decision_to_file(world: World, ending: str) -> None:
    case_id = world.flag(listing("1"))
    register(world, [case_id])
    if ending in ("dismissed", "referred"):
        found(world, case_id, ZHANG, {"dismissed": "dismiss", "referred": "refer"}[ending])
    else:
        found(world, case_id, ZHANG)
        open_track(world, case_id, "investigation")
        assert len(due(world)) == 1, "核查 is not yet a decision"
        move_track(world, case_id, "investigation", ending, outcome="talk" if ending == "not_filed" else None)
    assert due(world) == []


def test_other_findings_and_tracks_do_not_end_it(world: World) -> None:
    case_id = world.flag(listing("1"))
    found(world, case_id, ZHANG, "doubt")
    found(world, case_id, ZHANG)
    open_track(world, case_id, "takedown")
    move_track(world, case_id, "takedown", "checked")
    assert [row[1] for row in due(world)] == ["filing_decision"]


def tip(world: World, case_id: int, real_name: bool) -> None:
    """The case came as a tip to the hotline."""
    about = {"origin": "12315", "received_at": world.now}
    with world.engine.begin() as connection:
        connection.execute(s.case.update().where(s.case.c.id == case_id).values(origin="12315"))
        more = {
            "platform": "plaza",
            "file": "a.xlsx",
            "sha256": f"{case_id:064x}",
            "document": "",
            "giver": "",
            "person": "李四",
            "unit": UNIT,
        }
        sheet = insert_id(connection, s.intake, **about, **more)
        lead = {"intake_id": sheet, "number": str(case_id), "case_id": case_id, "real_name": real_name}
        connection.execute(s.intake_lead.insert().values(**about, **lead))


def test_a_tipster_is_told_within_five_working_days_of_the_decision(world: World) -> None:
    case_id, patrol, nameless = (world.flag(listing(name)) for name in ("1", "2", "3"))
    tip(world, case_id, real_name=True)
    tip(world, nameless, real_name=False)
    for each in (case_id, patrol, nameless):
        found(world, each, ZHANG)
        open_track(world, each, "investigation")
    world.tick(days=5)
    for each in (case_id, patrol, nameless):
        move_track(world, each, "investigation", "filed")
    assert due(world) == [(case_id, "tipster_told", "2026-11-23", "2026-11-30", False)]
    with world.engine.begin() as connection:
        add_event(connection, "case", case_id, "told", "李四", world.now, {})
    assert due(world) == []


def test_a_clock_is_extended_once_and_only_while_it_runs(world: World) -> None:
    case_id = world.flag(listing("1"))
    with pytest.raises(UsageError, match="未在计算"):
        clocks.extend(world.engine, RULES, case_id, "filing_decision", "案情复杂", HEAD, now=world.now)
    register(world, [case_id])
    with pytest.raises(UsageError, match="理由"):
        clocks.extend(world.engine, RULES, case_id, "filing_decision", " ", HEAD, now=world.now)
    clocks.extend(world.engine, RULES, case_id, "filing_decision", "案情复杂", HEAD, now=world.now)
    assert due(world) == [(case_id, "filing_decision", "2026-11-18", "2026-12-30", False)]
    with pytest.raises(UsageError, match="已延长过"):
        clocks.extend(world.engine, RULES, case_id, "filing_decision", "仍复杂", HEAD, now=world.now)
    with pytest.raises(UsageError, match="不能延长"):
        clocks.extend(world.engine, RULES, case_id, "tipster_told", "忙", HEAD, now=world.now)
    with pytest.raises(UsageError, match="没有这个时限"):
        clocks.extend(world.engine, RULES, case_id, "forever", "忙", HEAD, now=world.now)
    assert verify_log(world.engine).fault is None


HEADER = "id,label,starts,ends,origins,real_name,amount,unit,extension,article,note\n"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("a,甲,hit,state:closed,,no,5,days,0,x,", "starts"),
        ("a,甲,clock:b,state:closed,,no,5,days,0,x,", "starts"),
        ("a,甲,registered,closed,,no,5,days,0,x,", "ends"),
        ("a,甲,registered,,,no,5,days,0,x,", "ends"),
        ("a,甲,registered,state:closed,,no,0,days,0,x,", "ends"),
        ("a,甲,registered,state:closed,,no,five,days,0,x,", "amount"),
        ("a,甲,registered,state:closed,,maybe,5,days,0,x,", "real_name"),
        ("a,甲,registered,state:closed,,no,5,weeks,0,x,", "unit"),
        ("a,甲,registered,state:closed,,no,5,days,-1,x,", "extension"),
    ],
)
def test_a_wrong_clock_is_named_with_its_line(tmp_path: Path, line: str, field: str) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "clocks.csv").write_text(HEADER + line + "\n", encoding="utf-8")
    with pytest.raises(SpecError, match=rf"clocks.csv.*2.*{field}"):
        clock_rules(tmp_path)


def test_an_office_has_clocks_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    own = "a,甲,registered,state:closed,,no,5,days,0,某法,\nb,乙,clock:a,event:x,12315,yes,2,working_days,3,某法,[M]\n"
    (tmp_path / "tables" / "clocks.csv").write_text(HEADER + own, encoding="utf-8")
    assert list(clock_rules(tmp_path)) == ["a", "b"]
    assert all("[M]" in rule.note for rule in RULES.values()), "what was not checked says so"
