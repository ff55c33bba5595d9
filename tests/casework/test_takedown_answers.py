from __future__ import annotations

from pathlib import Path

import pytest

from adwatch.casework import takedown_replies as replies
from adwatch.casework import takedown_shown as shown
from adwatch.casework.takedown_answers import Answers
from adwatch.casework.takedown_late import due_list
from adwatch.errors import UsageError
from adwatch.store import schema as s
from tests.casework.paperwork import NUMBER, WANG, desk, sent
from tests.store.world import World


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([], None),
        ([("acknowledged", None)], "签收"),
        ([("acknowledged", None), ("refused", ["b"])], "签收 2 条，不予处置 1 条"),
        ([("refused", ["b"]), ("acknowledged", None)], "签收 2 条，不予处置 1 条"),
        ([("refused", ["b"])], "不予处置 1 条"),
        ([("refused", ["a", "b", "c"])], "不予处置"),
        ([("refused", ["b"]), ("accepted", None)], "同意并已处置"),
        ([("accepted", None), ("refused", ["b"])], "同意并已处置 2 条，不予处置 1 条"),
        ([("refused", None), ("acknowledged", ["b"]), ("more", ["a"])], "不予处置 2 条，要求补充材料 1 条"),
    ],
)
def test_the_answer_that_holds_stands_at_what_it_names(said: list[tuple[str, list[str] | None]], told: str) -> None:
    assert Answers({"kind": kind, "listings": named} for kind, named in said).told(3) == told


def test_one_refused_of_several_is_told_of_that_one_alone(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2", "3")
    world.tick(hours=2)
    at = desk(world, tmp_path)
    replies.reply(at, NUMBER, "acknowledged", WANG)
    row = replies.reply(at, NUMBER, "refused", WANG, cases=["2"], reason="不构成违法")
    letter = shown.one_letter(at, NUMBER)
    assert (row["step"], letter["step"]) == ("acknowledged", "acknowledged")
    assert row["listings"] == [letter["listings"][1]["listing_id"]]
    assert [each["answer"] for each in letter["listings"]] == ["签收", "不予处置", "签收"]
    assert [each["seqs"] for each in letter["replies"]] == [None, [2]]
    assert shown.rows(at)[0]["last_reply"] == "签收 2 条，不予处置 1 条"
    assert [each["step"] for each in world.rows(s.track)] == ["received", "refused", "received"]
    told = [shown.of_case(at, case)[0] for case in (1, 2, 3)]
    assert [(each["step_label"], each["answer"]) for each in told] == [
        ("签收", "签收"),
        ("签收", "不予处置"),
        ("签收", "签收"),
    ]
    replies.reply(at, NUMBER, "accepted", WANG, listings=["1", "3"])
    assert shown.one_letter(at, NUMBER)["step"] == "acknowledged", "the refused one is neither all of it, nor handled"
    world.tick(days=30)
    [due] = due_list(desk(world, tmp_path))
    assert (due["listings"], due["action"]) == (1, "escalate"), "what is left was refused"


def test_a_reply_of_the_whole_letter_is_kept_as_that(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    world.tick(hours=2)
    at = desk(world, tmp_path)
    replies.reply(at, NUMBER, "refused", WANG, reason="不构成违法")
    letter = shown.one_letter(at, NUMBER)
    assert (letter["step_label"], letter["last_reply"]) == ("不予处置", "不予处置")
    assert [each["answer"] for each in letter["listings"]] == ["不予处置", "不予处置"]


def test_every_listing_refused_one_by_one_is_the_whole_letter(world: World, tmp_path: Path) -> None:
    sent(world, tmp_path, "1", "2")
    world.tick(hours=2)
    at = desk(world, tmp_path)
    lead = shown.one_letter(at, NUMBER)["listings"][0]["lead_number"]
    assert replies.reply(at, NUMBER, "refused", WANG, cases=[lead], reason="否")["step"] == "acknowledged"
    assert replies.reply(at, NUMBER, "refused", WANG, cases=["2"], reason="否")["step"] == "refused"
    with pytest.raises(UsageError, match="清单中没有案件 9"):
        replies.reply(at, NUMBER, "refused", WANG, cases=["9"], reason="否")
