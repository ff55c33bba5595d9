"""Confirmation by letter, killed at each write: done again it ends the same."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adwatch.evidence.audit import verify_log
from adwatch.store import schema as s
from tests.app.letters_world import ONE, Desk, filled, saved
from tests.app.test_letters import drafted, sent, states
from tests.conftest import known_holidays, this_year

YEAR = this_year()
POINTS = ("audit.before_commit", "audit.after_commit", "attachment.before_rename", "export.before_rename")
VERBS = {
    "draft": ("draft",),
    "sent": ("sent", f"ADW-ZB-{YEAR}-0001"),
    "import": ("import", "SHEET"),
    "chase": ("chase", "--early"),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verb", "point"),
    [
        (verb, f"{point}@{passage}")
        for verb in VERBS
        for point in POINTS
        for passage in ((1, 2, 3) if verb == "import" and point.startswith("audit") else (1,))
        if (point.startswith("attachment") <= (verb == "import"))
        and (point.startswith("export") <= (verb in ("draft", "chase")))
    ],
)
def test_killed_anywhere_the_same_again_ends_the_same(tmp_path: Path, verb: str, point: str) -> None:
    dumps = []
    for name, kill in (("undisturbed", False), ("killed", True)):
        known_holidays(tmp_path / name / "data")
        desk = Desk(tmp_path / name)
        desk.clock.at = datetime.now(UTC)
        row = sent(desk, 2) if verb in ("import", "chase") else {}
        if verb == "sent":
            drafted(desk, 2)
        if verb == "draft":
            desk.lead("1")
            desk.lead("2", ONE)
        words = list(VERBS[verb])
        if verb == "import":
            day = desk.clock.at.astimezone(desk.office.settings.zone).date().isoformat()
            leads = [f"ADW-{YEAR}-{number:06d}" for number in (1, 2)]
            answers = {leads[0]: ("属实", "看过", "李", day), leads[1]: ("不属实", "转载", "李", day)}
            words[1] = str(saved(tmp_path / name / "回.xlsx", filled(row["sheet"], answers)))
        run = desk.command()
        arguments = ("review", "letter", *words, "--by", "王芳")
        if kill:
            died = run.run(*arguments, ADWATCH_FAILPOINT=point)
            assert died.returncode == -signal.SIGKILL, died.stderr.decode()
            assert verify_log(desk.office.engine).fault is None
            again = run.run(*arguments)
            done = verb == "sent" and "after" in point
            assert again.returncode == (2 if done else 0), again.stderr.decode()
        else:
            run.ok(*arguments)
        assert verify_log(desk.office.engine).fault is None
        listed = run.rows("review", "letter", "list")
        dumps.append(
            (states(desk), [(each["number"], each["state"], each["missing"]) for each in listed],
             [(each["result"], each["person"]) for each in desk.world.rows(s.decision)],
             sorted(file.name.replace("催办2", "催办1") for file in (desk.office.home / "letters").glob("*.*x")))
        )  # fmt: skip
        desk.office.__exit__(None, None, None)
    first, second = dumps
    assert first[:3] == second[:3]
    assert set(first[3]) <= set(second[3])
