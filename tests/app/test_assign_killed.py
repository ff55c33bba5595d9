"""Routing and campaigns, killed at each write: whole or not at all, and done again the same."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from tests.app.letters_world import Desk
from tests.app.test_campaigns import NAME, written

VERBS = {
    "apply": ("route", "apply", "--by", "王芳"),
    "assign": ("route", "assign", "1", "police", "--reason", "电话核实", "--by", "王芳"),
    "campaign": ("campaign", "assign", NAME, "1", "--by", "王芳"),
    "enter": ("campaign", "enter", NAME, "rectified", "3", "--department", "应急管理", "--by", "王芳"),
    "register": ("review", "register", "2", "--by", "王芳"),
}
PAIRS = [(verb, point) for verb in VERBS for point in ("audit.before_commit", "audit.after_commit")]


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "point"), [*PAIRS, ("register", "audit.before_commit@2")])
def test_killed_anywhere_it_is_whole_or_not_at_all(tmp_path: Path, verb: str, point: str) -> None:
    desk = Desk(tmp_path)
    written(desk)
    desk.lead("1")
    desk.lead("2", register=False)
    if verb == "apply":
        with desk.office.engine.begin() as connection:
            connection.execute(s.case.update().values(owner=None))
            connection.execute(s.case_tag.delete().where(s.case_tag.c.kind == "owner"))

    def state() -> list[object]:
        cases = [(row["owner"], row["campaign"], row["lead_number"]) for row in desk.world.rows(s.case)]
        tags = [(row["case_id"], row["value"]) for row in desk.world.rows(s.case_tag, kind="owner")]
        return [cases, tags, len(desk.world.rows(s.campaign_value))]

    before = state()
    run = desk.command()
    died = run.run(*VERBS[verb], ADWATCH_FAILPOINT=point)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert verify_log(desk.office.engine).fault is None
    assert (state() == before) is (point == "audit.before_commit")
    run.ok(*VERBS[verb])
    run.ok("route", "apply", "--by", "王芳")
    assert verify_log(desk.office.engine).fault is None
    owners = [row["owner"] for row in desk.world.rows(s.case)]
    assert owners == {"assign": ["police", None], "register": ["emergency", "emergency"]}.get(verb, ["emergency", None])
    assert [row["campaign"] for row in desk.world.rows(s.case)] == [NAME if verb == "campaign" else None, None]
    desk.office.__exit__(None, None, None)
