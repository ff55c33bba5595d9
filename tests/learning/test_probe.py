"""Probes go through the real stages on the real store and leave nothing: no case, export, count or search result."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adwatch.app import casework, probe, search
from adwatch.app.coverage import coverage
from adwatch.app.office import Office
from adwatch.app.rows import flagged_on
from adwatch.cli.learn import probe as verb
from classifiers.probes import PLAIN, probes
from tests.learning.conftest import DAY, OFFERS
from tests.processes import run_command


def seen(office: Office) -> dict[str, Any]:
    """Everything that a person or a table could take a probe from."""
    search.push(office)
    state = {name: value for name, value in search.status(office).items() if name != "size_bytes"}
    return {
        "dump": list(office.dump()),
        "coverage": coverage(office.engine, "2000-01-01", "2099-12-31"),
        "cases": casework.list_cases(office, limit=1000),
        "index": state,
        "found": search.search(office, "证", everything=True, limit=1000),
        "probe words": search.search(office, "tzprobe01", everything=True),
        "flagged": flagged_on(office.engine, probe.MARK, DAY),
    }


def test_probes_are_found_and_leave_nothing(office: Office, tmp_path: Path) -> None:
    before = seen(office)
    assert len(before["cases"]) == len(OFFERS)
    ways = {way.disguise: way for way in probe.inject(office, DAY)}
    assert len(ways) == len({each.disguise for each in probes(1)}) >= 8
    assert ways[PLAIN].recall >= 0.95
    assert probe.total(list(ways.values()))["recall"] >= 0.90
    for way in ways.values():
        assert way.stored == way.injected == way.flagged + way.review + way.cleared
        assert way.cases == way.flagged > 0, "inside, every hit did open a case"
    assert seen(office) == before
    search.rebuild(office)
    assert seen(office) == before
    assert (before["probe words"], before["flagged"]) == ([], 0)
    files = casework.export(office, "2026-W47", "jsonl", tmp_path / "out", None, False)
    exported = "".join(file.read_text(encoding="utf-8") for file in files)
    assert "低压电工证包过" in exported
    assert probe.MARK not in exported


def test_the_same_day_has_the_same_probes_and_another_has_others(office: Office) -> None:
    once = probe.inject(office, DAY, most=3)
    assert probe.inject(office, DAY, most=3) == once
    texts = [{each.text for each in probes(seed, 3)} for seed in (1, 2)]
    assert texts[0] != texts[1]
    assert {each.text for each in probes(1, 3) if each.disguise == PLAIN} <= texts[1]


def test_a_blind_judge_is_found_out(office: Office) -> None:
    """With lists that know nothing and a threshold that nobody reaches, the live recall falls."""

    class Blind:
        version = "blind"
        keyword_versions = "none"

        def judge(self, texts: Any) -> Any:
            return [office.judge.judge([("", "今天天气不错")])[0] for _ in texts]

    office.judge_on = lambda day: Blind()  # type: ignore[method-assign]
    overall = probe.total(probe.inject(office, DAY, most=2))
    assert (overall["recall"], overall["cases"]) == (0.0, 0)
    assert overall["cleared"] == overall["injected"] > 0


@pytest.mark.parametrize(("least", "status"), [("0.5", 0), ("1.0", 3)])
def test_a_recall_below_what_is_asked_ends_in_three(least: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "inject", lambda *_: [probe.Way("plain", 4, 4, 3, 1, 0, 3)])
    done = CliRunner().invoke(verb, ["inject", "--at-least", least, "--json"])
    assert done.exit_code == status
    assert json.loads(done.stdout.splitlines()[-1])["recall"] == 0.75


def test_a_probe_that_dies_leaves_nothing(office: Office) -> None:
    before = seen(office)
    environment = {**os.environ, "ADWATCH_FAILPOINT": "classify.after_commit"}
    done = run_command(("probe", "inject", "--day", DAY, "--texts", "1"), environment)
    assert done.returncode == -signal.SIGKILL
    assert seen(office) == before
