from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.capturing import browser, capturing
from tests.evidence.hostile_site import hostile


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["capture"], "--case ID or --due"),
        (["capture", "--due", "--case", "1"], "--case ID or --due"),
        (["capture", "--case", "1"], "--by"),
        (["capture", "--case", "9", "--by", "王芳"], "没有这个编号"),
        (["record", "--case", "1", "--kind", "extraction", "--officer", "王芳:1408"], "两名以上"),
    ],
)
@pytest.mark.slow
def test_a_wrong_call_says_what_to_write(tmp_path: Path, arguments: list[str], said: str) -> None:
    with hostile() as site, capturing(tmp_path, site) as at:
        done = at.command().run("evidence", *arguments)
        assert done.returncode == 2
        assert said in done.stderr.decode()


@pytest.mark.slow
def test_what_was_not_captured_is_said_and_told_by_the_exit_status(tmp_path: Path) -> None:
    with hostile() as site, capturing(tmp_path, site, chromium=browser()) as at:
        case_id = at.flag("/forbidden/x")
        command = at.command()
        done = command.run("evidence", "capture", "--due")
        assert done.returncode == 1
        assert "robots.txt 不允许" in done.stdout.decode()
        text = command.ok("evidence", "show", str(case_id))
        assert "未取证" in text and "命中" in text
        assert command.rows("evidence", "capture", "--due") == []
        [row] = command.rows("evidence", "show", str(case_id))
        assert (row["reason"], row["files"]) == ("robots", [])
