"""The batch of takedown requests as a schedule sends it: shown masked, asked for or not, sent by a person or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import Office, casework, schedule_takedown
from adwatch.errors import StageError, UsageError
from adwatch.store.engine import reading
from adwatch.store.takedowns import requests
from tests.app.keyword_world import SLANG, Lists

OFFERS = [
    "特种作业包过，免考直接拿证，电话13800001234 <script>alert(1)</script> | [点](javascript:1)",
    "低压电工证包过，免考直接拿证，加微信 abc13800138000",
    "焊工证免考拿证，包过，不过退款",
]
NOBODY = {"by": None, "approval": None}
WANG = {"by": "王芳", "approval": None}
ASKED = {"by": None, "approval": True}
YES = {"chosen_options": ["Approve"], "responded_by_user": {"id": "1", "name": "李建国"}}
NO = {"chosen_options": ["Reject"], "responded_by_user": None}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office in which all but the last offer are confirmed."""
    lists = Lists(tmp_path)
    lists.fill(OFFERS)
    with lists.office() as office:
        confirm(office, OFFERS[:2])
        yield office


def confirm(office: Office, texts: list[str]) -> None:
    numbers = {str(case["native_id"]): case["case_id"] for case in casework.list_cases(office)}
    ids = [numbers[str(OFFERS.index(text))] for text in texts]
    casework.decide(office, ids, "confirm", "李建国", "测试局", "页面承诺免考")


def states(office: Office) -> list[tuple[str, str | None]]:
    with reading(office.engine) as connection:
        return [(row["state"], row["sent_by"]) for row in requests(connection)]


def test_the_batch_is_shown_as_the_letters_say_it(office: Office) -> None:
    made = schedule_takedown.batch(office, WANG)
    assert made["asked"] is False
    [number] = made["numbers"]
    text = made["text"]
    assert f"## {number} 致 plaza" in text
    assert "链接 2 条" in text
    for hidden in ("13800001234", "13800138000", "<script>", "[点](javascript"):
        assert hidden not in text
    assert (office.home / "takedown" / f"{number}.docx").is_file()
    assert SLANG not in text
    assert (office.home / "summaries" / f"{made['name']}.md").read_text(encoding="utf-8") == text
    assert states(office) == [("draft", None)]


def test_without_the_gate_it_is_sent_by_the_person_named(office: Office) -> None:
    made = schedule_takedown.batch(office, WANG)
    confirm(office, OFFERS[2:])
    casework.draft(office, None)
    done = schedule_takedown.send(office, WANG, made, None)
    assert states(office) == [("sent", "王芳"), ("draft", None)], "what is drafted later is not in the batch"
    assert (done["by"], done["approved_by"]) == ("王芳", None)
    assert "1 件已发" in schedule_takedown.summary(office, made, done)
    again = schedule_takedown.send(office, WANG, made, None)
    assert (again["sent"], len(again["refused"])) == ([], 1)
    assert states(office) == [("sent", "王芳"), ("draft", None)]


def test_with_the_gate_it_is_sent_by_the_approver_where_nobody_is_named(office: Office) -> None:
    made = schedule_takedown.batch(office, ASKED)
    assert made["asked"] is True
    done = schedule_takedown.send(office, ASKED, made, YES)
    assert states(office) == [("sent", "李建国")]
    assert "李建国 批准" in schedule_takedown.summary(office, made, done)


@pytest.mark.parametrize("answer", [None, NO, {"chosen_options": []}])
def test_what_was_not_approved_is_not_sent(office: Office, answer: dict[str, Any] | None) -> None:
    made = schedule_takedown.batch(office, ASKED)
    with pytest.raises(StageError, match="not approved"):
        schedule_takedown.send(office, ASKED, made, answer)
    assert states(office) == [("draft", None)]
    assert "1 件未发" in schedule_takedown.summary(office, made, None)


@pytest.mark.parametrize(
    ("setting", "param", "asked"), [(False, None, False), (True, None, True), (True, False, False), (False, True, True)]
)
def test_the_gate_is_off_by_default_and_the_param_comes_first(
    tmp_path: Path, setting: bool, param: bool | None, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if setting:
        monkeypatch.setenv("ADWATCH_TAKEDOWN_APPROVAL", "true")
    with Lists(tmp_path).office() as office:
        assert schedule_takedown.asks_first(office, {"approval": param}) is asked


def test_nobody_asked_and_nobody_named_sends_nothing(office: Office) -> None:
    with pytest.raises(UsageError, match="name the person who sends"):
        schedule_takedown.batch(office, NOBODY)
    assert states(office) == []


def test_nothing_confirmed_is_no_batch(tmp_path: Path) -> None:
    with Lists(tmp_path).office() as office:
        made = schedule_takedown.batch(office, WANG)
        assert made["numbers"] == []
        assert "没有待发" in schedule_takedown.summary(office, made, None)
        with pytest.raises(StageError, match="no batch"):
            schedule_takedown.summary(office, None, None)


def test_what_was_corrected_since_is_held_back_and_named(office: Office) -> None:
    made = schedule_takedown.batch(office, WANG)
    known = next(iter(office.classes.values()))
    ids = [case["case_id"] for case in casework.list_cases(office) if case["state"] == "confirmed"]
    casework.decide(office, ids[:1], "confirm", "李建国", "测试局", "更正", corrected={"types": [known.id]})
    done = schedule_takedown.send(office, WANG, made, None)
    assert done["sent"] == []
    (said,) = done["refused"]
    assert f"现为：{known.label}" in said and "作废" in said
    assert states(office) == [("draft", None)]
