"""A reviewer corrects scope and classes with the finding: what counts follows, the verdict and its rules do not."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import update

from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from adwatch.store.casework_rows import casework_of
from adwatch.store.engine import reading, writing
from adwatch.store.report_figures import confirmed
from tests.casework.office import ZONE
from tests.casework.reviewing import LI, TWO_PERSONS, WANG, ZHANG, found
from tests.casework.test_reports import figures, form
from tests.store.world import World, listing, verdict

__all__ = ["form"]


def test_the_table_counts_as_a_person_corrected(world: World, form: Any) -> None:
    """Scope and classes that a reviewer corrects count; the verdict stays, and so does what re-opening compares with."""
    item = listing("1")
    case_id = world.flag(item, verdict(item, scope="other_credential"))
    kept = world.rows(s.verdict)
    found(world, case_id, ZHANG)
    assert figures(world, form)[0] == 0
    corrected = {"scope": "safety_production", "types": ["paper_trade"]}
    for again in (1, 0):
        report, _ = found(world, case_id, ZHANG, corrected=corrected)
        assert (report.kept, report.counts["unchanged"]) == (again, 1 - again)
    assert figures(world, form)[0] == 1
    assert [each["corrected"] for each in world.rows(s.decision)] == [None, corrected]
    with reading(world.engine) as connection:
        (known,) = casework_of(connection, [world.rows(s.listing)[0]["id"]]).values()
        counted = confirmed(connection, date(2026, 11, 1), date(2026, 11, 30), ZONE).read(connection).rows(connection)
    assert [each.scope for each in counted] == ["safety_production"]
    assert (known["decided_scope"], known["decided_types"]) == ("safety_production", ["paper_trade"])
    assert world.rows(s.verdict) == kept
    world.judge(verdict(item, scope="other_credential"), version="2", day="2026-11-19")
    assert world.rows(s.case)[0]["state"] == "confirmed"
    assert verify_log(world.engine).fault is None
    with writing(world.engine) as connection:
        connection.execute(update(s.decision).values(corrected={"scope": "other_credential"}))
    assert verify_log(world.engine).fault is not None


def test_who_corrects_otherwise_finds_otherwise(world: World) -> None:
    case_id = world.flag(listing("1"))
    corrected = {"scope": "other_credential"}
    found(world, case_id, ZHANG, rules=TWO_PERSONS, corrected=corrected)
    _, rows = found(world, case_id, LI, rules=TWO_PERSONS)
    assert rows[0]["waiting"]
    found(world, case_id, WANG, rules=TWO_PERSONS, corrected=corrected)
    assert [each["corrected"] for each in world.rows(s.decision)] == [corrected]
    assert [each["corrected"] for each in world.rows(s.second_finding)] == [corrected, None, corrected]
    assert verify_log(world.engine).fault is None
