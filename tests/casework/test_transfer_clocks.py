from __future__ import annotations

from typing import Any

import pytest

from adwatch.casework import transfer as work
from adwatch.casework.tracks import move_track, open_track
from adwatch.casework.transaction import work as transaction
from adwatch.casework.transfer_due import due_rows
from adwatch.casework.transfer_table import KINDS
from adwatch.errors import SpecError
from adwatch.store.audit import append_entries
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.transfer_clocks import transfer_clocks
from tests.casework.office import ZONE
from tests.casework.test_transfer import DRAFTER, HEAD, approved, confirmed, drafted, mark_sent, record
from tests.store.world import World


def clocks(world: World, overdue: bool = False) -> list[tuple[str, bool]]:
    rows = due_rows(world.engine, transfer_clocks(), WorkingDays(), now=world.now, zone=ZONE, overdue=overdue)
    return [(row["clock"], row["overdue"]) for row in rows]


def test_the_clocks_of_310_run_and_end_and_run_out(world: World) -> None:
    ids = confirmed(world, "1")
    number = drafted(world, ids, "case")
    assert clocks(world) == [("head_decides", False)]
    world.tick(days=4)
    assert clocks(world, overdue=True) == [("head_decides", True)]
    work.decide(world.engine, number, True, HEAD, now=world.now)
    assert clocks(world) == [("to_police", False)]
    world.tick(hours=24)
    assert clocks(world) == [("to_police", False)]  # within 24 hours is in time
    world.tick(minutes=1)
    assert clocks(world) == [("to_police", True)]
    mark_sent(world, number)
    record(world, number, "received")
    assert clocks(world) == [("police_decide", False)]
    world.tick(days=3)
    assert clocks(world) == [("police_decide", False)]
    world.tick(days=1)
    assert clocks(world) == [("police_decide", True)]
    record(world, number, "not_filed")
    assert clocks(world) == [("ask_again", False)]
    record(world, number, "reconsideration")
    record(world, number, "upheld")
    assert clocks(world) == [("supervise", False)]
    record(world, number, "accepted")
    assert clocks(world) == []


def test_a_fine_in_place_of_a_transfer_is_shown_as_overdue(world: World) -> None:
    ids = confirmed(world, "1", "2")
    with transaction(world.engine) as connection:
        entries = []
        for case_id in ids:
            entries += open_track(connection, case_id, "investigation", DRAFTER, world.now)
            entries += move_track(connection, case_id, "investigation", "filed", DRAFTER, world.now)
        moved = (connection, ids[0], "investigation", "punished", DRAFTER, world.now, "penalty")
        entries += move_track(*moved)
        append_entries(connection, entries)
    number = approved(world, ids, "case")
    assert ("no_fine_instead", True) in clocks(world)
    mark_sent(world, number)
    assert ("no_fine_instead", True) not in clocks(world)


def test_every_clock_names_steps_that_there_are_and_the_nine_of_310_their_article() -> None:
    for clock in transfer_clocks():
        steps = KINDS[clock.kind].steps
        assert clock.starts in steps, clock
        assert set(clock.ends) <= set(steps), clock
        assert "[M]" in clock.note
        assert clock.article or clock.kind != "case"
    assert sum(clock.kind == "case" for clock in transfer_clocks()) == 8


@pytest.mark.parametrize(
    "line", ["a,case,x,draft,sent,0,days,,", "a,case,x,draft,sent,3,weeks,,", "a,case,x,draft,,3,days,,", ",case,x,draft,sent,3,days,,", "a,case"]
)  # fmt: skip
def test_a_wrong_clock_is_named_with_its_line(tmp_path: Any, line: str) -> None:
    (tmp_path / "tables").mkdir()
    head = "id,kind,label,starts,ends,amount,unit,article,note\n"
    (tmp_path / "tables" / "transfer_clocks.csv").write_text(f"{head}{line}\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"transfer_clocks\.csv:2"):
        transfer_clocks(tmp_path)
