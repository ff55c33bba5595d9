"""What is kept of verified removals says the same as the looks and findings it is made of, whatever happens."""

from __future__ import annotations

from datetime import date, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, event

from adwatch.casework.life_lines import bring_up_to_date, forget
from adwatch.store import report_removed
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from adwatch.store.report_figures import Fits
from adwatch.store.report_removed import Kept, removed
from tests.casework import naive_figures as naive
from tests.casework.histories import History
from tests.casework.office import ZONE, decide
from tests.casework.test_verification import look, sent
from tests.store.world import World

YEAR = (date(2026, 1, 1), date(2027, 12, 31))
FITS = (Fits(), Fits("safety_production"), Fits(None, ("sure_thing", "exam_exemption")))


def told(world: World, zone: tzinfo = ZONE) -> int:
    """Figure and listings behind it, of all time and of the last twelve days; how many of all time."""
    store, last = naive.Store(world.engine), world.now.astimezone(zone).date()
    spans = (YEAR, (last - timedelta(days=12), last))
    counts = []
    with reading(world.engine) as connection:
        for span in spans:
            counted = naive.removed(store, *span, zone, 1)
            for fits in FITS:
                found, wanted = (
                    removed(connection, *span, zone, 1, 20, fits),
                    naive.fitting(counted, fits.scope, set(fits.types)),
                )
                assert found.read(connection).rows(connection) == wanted
                for most in (1, 2, len(wanted) + 1):
                    assert found.read(connection, most).rows(connection, most) == wanted[:most]
                cases = len({each.case_id for each in wanted})
                assert found.totals(connection) == (len(wanted), cases)
                assert found.count(connection) == len(wanted)
            counts.append(len(counted))
    return counts[0]


def kept(world: World) -> list[Any]:
    """All rows."""
    return sorted(tuple(row.values()) for row in world.rows(s.verified_removal))


@pytest.mark.parametrize(("seed", "walked"), [(0, 1), (1, 3), (2, 5_000), (3, 5_000)])
def test_whatever_happens_what_is_kept_is_what_is_written(
    world: World, tmp_path: Path, seed: int, walked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_removed, "WALKED", walked)
    history, most = History(world, tmp_path, seed), 0
    for _ in range(4):
        history.flag()
    decide(world, list(history.cases.values()))
    history.ask()
    for _ in range(40):
        history.go_on()
        most = max(most, told(world))
    assert most > 0
    bring_up_to_date(world.engine, ZONE)
    assert world.rows(s.life_line_due) == []
    told(world)
    before = kept(world)
    forget(world.engine)
    assert kept(world) == []
    told(world)
    bring_up_to_date(world.engine, ZONE)
    assert kept(world) == before


def removed_once(world: World, tmp_path: Path) -> None:
    """Two listings of one case each are gone, as two looks said that lie days apart."""
    sent(world, tmp_path, "1", "2")
    for _ in range(2):
        world.tick(hours=50)
        look(world, {"1": "gone", "2": "gone"}, everything=True)
    bring_up_to_date(world.engine, ZONE)


def test_a_figure_reads_no_look_where_nothing_is_due(world: World, tmp_path: Path) -> None:
    removed_once(world, tmp_path)
    assert told(world) == 2
    said: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    with reading(world.engine) as connection:
        found = removed(connection, *YEAR, ZONE, 1)
        assert isinstance(found, Kept)
        assert (found.count(connection), found.leads(connection)) == (2, 2)
    assert said
    assert not [each for each in said if "takedown_check" in each or "decision" in each]


def test_a_row_that_is_not_there_is_not_counted(world: World, tmp_path: Path) -> None:
    """So that the test above can fail: what is kept is believed until somebody says that it is due."""
    removed_once(world, tmp_path)
    with writing(world.engine) as connection:
        connection.execute(delete(s.verified_removal).where(s.verified_removal.c.listing_id == 1))
    with reading(world.engine) as connection:
        assert removed(connection, *YEAR, ZONE, 1).count(connection) == 1
    forget(world.engine)
    assert told(world) == 2


def test_of_another_time_zone_rows_are_not_believed_until_made_for_it(world: World, tmp_path: Path) -> None:
    removed_once(world, tmp_path)
    abroad = ZoneInfo("America/New_York")
    told(world, abroad)
    bring_up_to_date(world.engine, abroad)
    told(world, abroad)
    told(world)


def test_other_distances_are_told_from_the_looks(world: World, tmp_path: Path) -> None:
    removed_once(world, tmp_path)
    with reading(world.engine) as connection:
        for apart, count in (((2, 20), 2), ((3, 20), 0), ((1, 51), 0)):
            assert removed(connection, *YEAR, ZONE, *apart).count(connection) == count


def test_a_finding_taken_back_takes_its_rows_along(world: World, tmp_path: Path) -> None:
    removed_once(world, tmp_path)
    decide(world, 1, "dismiss")
    assert told(world) == 1
    bring_up_to_date(world.engine, ZONE)
    assert [row["case_id"] for row in world.rows(s.verified_removal)] == [2]
    assert told(world) == 1


def test_a_year_is_counted_in_the_index_alone(world: World, tmp_path: Path) -> None:
    if world.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL goes by how many there are")
    removed_once(world, tmp_path)
    said: list[tuple[str, Any]] = []
    with reading(world.engine) as connection:
        found = removed(connection, *YEAR, ZONE, 1, 20, FITS[1])
        event.listen(world.engine, "before_cursor_execute", lambda *given: said.append((given[2], given[3])))
        found.count(connection)
        [(statement, values)] = said
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert [each.split(" (")[0] for each in plan] == [
        "SEARCH verified_removal USING COVERING INDEX ix_verified_removal_day"
    ]
