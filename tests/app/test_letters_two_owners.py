"""Leads whose certificate has an ambiguous name: several authorities are asked, and what their answers come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adwatch.app import confirmation
from adwatch.store import schema as s
from tests.app.letters_world import ACTOR, TWO, Desk, filled, saved
from tests.app.test_letters import LEADS, desk, states, take

__all__ = ["desk"]


def both(desk: Desk, tmp_path: Path, first: str, second: str) -> tuple[Any, Any]:
    desk.lead("1", TWO)
    reports = []
    for row in confirmation.draft(desk.office, ACTOR):
        confirmation.mark_sent(desk.office, row["number"], ACTOR, None)
    for at, answer in enumerate((first, second), 1):
        sheet = tmp_path / "home" / "letters" / f"ADW-ZB-2026-{at:04d}.xlsx"
        answers = {LEADS[0]: (answer, "理由", f"李{at}", "2026-11-18")}
        reports.append(take(desk, saved(tmp_path / f"{at}.xlsx", filled(sheet, answers)))[0])
    return reports[0], reports[1]


@pytest.mark.parametrize(
    ("first", "second", "state", "decisions"),
    [
        ("非本部门", "属实", "confirmed", 1),
        ("属实", "非本部门", "confirmed", 1),
        ("非本部门", "非本部门", "referred", 1),
        ("不属实", "属实", "dismissed", 1),
        ("无法认定", "属实", "confirmed", 2),
    ],
)
def test_two_owners(desk: Desk, tmp_path: Path, first: str, second: str, state: str, decisions: int) -> None:
    _, later = both(desk, tmp_path, first, second)
    assert states(desk) == [state]
    assert len(desk.world.rows(s.decision)) == decisions
    differ = {first, second} == {"不属实", "属实"}
    assert later.dropped["conflict"] == int(differ)
    shown = confirmation.listed(desk.office, "ADW-ZB-2026-0002")[0]
    assert shown["conflicts"] == ([LEADS[0]] if differ else [])
