"""Leads from outside, killed at each write: done again it ends as if nothing had been."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import casework, sources
from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from tests.app.letters_world import ACTOR, Desk
from tests.app.test_sources import order

VERBS: dict[str, tuple[str, ...]] = {
    "import": ("source", "import", "SHEET", "--origin", "superior", "--by", "王芳"),
    "answer": ("source", "answer", "1", "--by", "王芳"),
    "ack": ("source", "ack", "SJ-001", "--origin", "superior", "--by", "王芳"),
    "inspection": (
        *("source", "inspection", "--place", "某工地", "--certificate", "电工证", "--seller", "小店"),
        *("--photo", "SHEET", "--by", "王芳"),
    ),
}
POINTS = {
    "import": ("attachment.before_rename", "audit.before_commit", "audit.after_commit"),
    "answer": ("export.before_rename", "audit.before_commit", "audit.after_commit"),
    "ack": ("audit.before_commit", "audit.after_commit"),
    "inspection": ("attachment.before_rename", "audit.before_commit", "audit.before_commit@2", "audit.after_commit"),
}
PAIRS = [(verb, point) for verb, points in POINTS.items() for point in points]


def state(desk: Desk) -> Any:
    """What must be the same: no clocks, no dump of captures that a second import keeps again."""
    leads = [
        (row["number"], row["case_id"], row["acknowledged_at"] is not None, row["told"])
        for row in desk.world.rows(s.intake_lead)
    ]
    cases = [(row["origin"], row["state"]) for row in desk.world.rows(s.case)]
    links = [(row["case_id"], row["other_id"], row["kind"]) for row in desk.world.rows(s.case_link)]
    files = [(row["sha256"], row["subject"], row["kind"]) for row in desk.world.rows(s.attachment)]
    numbers = [row["number"] for row in desk.world.rows(s.inspection)]
    sheets = sorted(file.name for file in (desk.office.home / "answers").glob("[!.]*"))
    return leads, cases, links, files, numbers, sheets


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "point"), PAIRS)
def test_killed_anywhere_the_same_again_ends_the_same(tmp_path: Path, verb: str, point: str) -> None:
    ends = []
    for kill in (False, True):
        desk = Desk(tmp_path / str(kill))
        desk.clock.at = datetime.now(UTC)
        desk.lead("1", url_norm="https://plaza.example/item/1")
        file = order(tmp_path / str(kill) / "交办.xlsx") if not ends else tmp_path / "False" / "交办.xlsx"
        if verb in ("answer", "ack"):
            sources.take_in(desk.office, file, "superior", ACTOR)
            case_id = desk.world.rows(s.intake_lead)[0]["case_id"]
            casework.decide(desk.office, [case_id], "confirm", "李", "某局", "核实")
        run = desk.command()
        arguments = [str(file) if word == "SHEET" else word for word in VERBS[verb]]
        if kill:
            died = run.run(*arguments, ADWATCH_FAILPOINT=point)
            assert died.returncode == -signal.SIGKILL, died.stderr.decode()
            assert verify_log(desk.office.engine).fault is None
        done = run.run(*arguments)
        assert done.returncode in (0, 1), done.stderr.decode()
        assert verify_log(desk.office.engine).fault is None
        ends.append(state(desk))
        desk.office.__exit__(None, None, None)
    assert ends[0] == ends[1]
