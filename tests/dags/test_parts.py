"""Reclassify, retro-hunt and the sending of takedown requests through Airflow, one process of it for all; its alerts too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from adwatch.app import casework
from adwatch.app.linking import link_now
from adwatch.stages.classify import classify_backlog
from adwatch.store.engine import reading
from adwatch.store.takedowns import requests
from tests.app.keyword_world import CLASS, HELD, SLANG, cases
from tests.app.parts_world import NAMES, TODAY, Months, found_by_the_word, months
from tests.dags.conftest import Airflow, with_metadata

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.skipif(find_spec("airflow") is None, reason="the airflow extra is not installed"),
]
DONE = {"state": "success", "tries": 1}
RUNS: list[tuple[str, str, dict[str, Any], str | None]] = [
    ("hunt", "retrohunt", {"day": TODAY, "what": SLANG, "speaks_for": CLASS}, None),
    ("judge", "reclassify", {"day": TODAY, "platform": "forum"}, None),
    ("judge all", "reclassify", {"day": TODAY}, None),
    ("no day", "reclassify", {}, None),
    ("nothing confirmed", "send_takedowns", {"by": "王芳"}, None),
    ("unanswered", "send_takedowns", {"by": "王芳", "approval": True}, "approve_batch"),
    ("send", "send_takedowns", {"by": "王芳"}, None),
]


@dataclass
class Runs:
    """What came of the runs, and the dump after each."""

    world: Months
    runs: dict[str, dict[str, Any]]
    dumps: dict[str, list[str]]
    told: list[str]
    """Messages of the webhook."""

    def tasks(self, name: str) -> dict[str, Any]:
        return dict(self.runs[name]["tasks"])


HOOK = "/hook-of-the-parts"
"""A path of its own: the server is the whole process's, and another test's scheduler may still have something to tell."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, metadata: Path, make_httpserver: HTTPServer) -> Iterator[Runs]:
    """All runs in order; the list of the hunted word comes into force before "judge"."""
    world = months(tmp_path_factory.mktemp("dags"))
    with_metadata(world.folder / "home", metadata)
    hook = make_httpserver
    hook.expect_request(HOOK).respond_with_json({"errcode": 0})
    more = {"ADWATCH_DATA": str(world.data), "ADWATCH_ALERT_WEBHOOK": hook.url_for(HOOK)}
    found = Runs(world, {}, {}, [])
    with Airflow(world.folder / "home", more).tests() as test:
        for name, dag, conf, mark in RUNS:
            if name == "judge":
                world.learn()
                shutil.copytree(world.folder / "home", world.folder / "one go")
            if name == "unanswered":
                confirm(world)
            found.runs[name] = test(dag, conf, None, mark)
            with world.office() as office:
                found.dumps[name] = list(office.dump())
    found.told = [request.json["text"]["content"] for request, _ in hook.log if request.path == HOOK]
    yield found


def confirm(world: Months) -> None:
    """Two cases of each platform are what they look like."""
    with world.office() as office:
        by_platform: dict[str, list[int]] = {}
        for case in cases(office):
            by_platform.setdefault(case["platform"], []).append(case["case_id"])
        ids = [each for found in by_platform.values() for each in sorted(found)[:2]]
        casework.decide(office, ids, "confirm", "李建国", "测试局", "页面承诺免考")


def test_a_hunt_is_a_task_for_each_platform_and_month(runs: Runs) -> None:
    named = {f"hunt {name}": DONE for name in NAMES}
    assert runs.tasks("hunt") == {"parts": DONE, **named, "summary": DONE, "end_of_hunt": DONE}
    text = runs.runs["hunt"]["summary"]
    assert text.startswith(f"# {TODAY} 回溯 {SLANG}\n")
    assert "4 份，全部完成" in text
    assert f"| plaza 2026-10 | {len(HELD)} | {len(HELD)} |" in text
    assert "该词（词表）尚未生效" in text
    with runs.world.office() as office:
        late = [case for case in cases(office) if case["found_late"] == f"retrohunt {SLANG}"]
    assert len(late) == found_by_the_word() > len(NAMES)


def test_reclassified_in_two_runs_the_store_is_as_after_a_patrols_backlog(runs: Runs) -> None:
    named = {f"judge {name}": DONE for name in NAMES}
    forum = {task: done for task, done in named.items() if "forum" in task}
    assert runs.tasks("judge") == {"parts": DONE, **forum, "summary": DONE, "end_of_reclassify": DONE}
    assert runs.tasks("judge all") == {"parts": DONE, **named, "summary": DONE, "end_of_reclassify": DONE}
    assert runs.dumps["judge"] not in (runs.dumps["hunt"], runs.dumps["judge all"])
    assert "| forum 2026-10 | 16 | 0 |" in runs.runs["judge all"]["summary"], "what is done is not done again"
    assert "| plaza 2026-10 | 16 | 16 |" in runs.runs["judge all"]["summary"]
    with runs.world.office("one go") as office:
        classify_backlog(office.classifier, TODAY)
        link_now(office)
        assert list(office.dump()) == runs.dumps["judge all"]


def test_what_fails_is_told_once_when_no_try_is_left(runs: Runs) -> None:
    """Not at every try; and nothing is told of what went well."""
    assert runs.runs["no day"]["state"] == "failed"
    assert runs.tasks("no day")["parts"] == {"state": "failed", "tries": 3}
    first = [told.splitlines()[:2] for told in runs.told]
    assert first[0] == ["【证巡】reclassify 失败：parts", "第 3 次，UsageError"]
    assert sorted(lines[0] for lines in first) == [
        *(f"【证巡】reclassify 失败：{task}" for task in ("end_of_reclassify", "parts", "summary")),
        "【证巡】send_takedowns 失败：send",
    ]
    assert all("/runs/manual__" in told.splitlines()[2] for told in runs.told)


def test_requests_are_sent_by_the_person_named_and_not_while_nobody_has_answered(runs: Runs) -> None:
    """``airflow dags test`` would wait for ever: the gate is marked as done, which is no approval."""
    skipped = {"state": "skipped", "tries": 0}
    nothing = runs.tasks("nothing confirmed")
    assert {name: nothing[name]["state"] for name in ("gate", "approve_batch", "send", "summary")} == {
        "gate": "success",
        "approve_batch": "skipped",
        "send": "skipped",
        "summary": "success",
    }
    unanswered = runs.tasks("unanswered")
    assert unanswered["send"] == {"state": "failed", "tries": 3}
    assert "2 件未发" in runs.runs["unanswered"]["summary"]
    sent = runs.tasks("send")
    assert sent == {"batch": DONE, "gate": DONE, "approve_batch": skipped, "send": DONE, "summary": DONE}
    with runs.world.office() as office, reading(office.engine) as connection:
        found = requests(connection)
    assert [(row["platform"], row["state"], row["sent_by"]) for row in found] == [
        ("forum", "sent", "王芳"),
        ("plaza", "sent", "王芳"),
    ]
    assert "2 件已发" in runs.runs["send"]["summary"]
