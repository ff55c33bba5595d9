"""The 线索清单 in a real spreadsheet program: what a person can and cannot do to it, and what comes back from each format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import confirmation
from adwatch.casework.confirmation_sheet import ANSWERS
from tests.app.letters_world import ACTOR, HOSTILE, Desk, FixedClock
from tests.real.office import SAVED, Program, libreoffice

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
WORDS = list(ANSWERS)
FIRST = 5
"""Line of the first lead."""
TITLES = [HOSTILE, '两行\n标题,"引号"', "+1", "@SUM(A1)", *("电工证" for _ in range(9))]
CLOSED = ";".join(f'"{word}"' for word in WORDS)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with libreoffice(tmp_path_factory.mktemp("office")) as started:
        yield started


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, FixedClock(datetime.now(UTC)))
    yield made
    made.office.__exit__(None, None, None)


def sent(desk: Desk) -> dict[str, Any]:
    """A letter that went out, with its list."""
    for number, title in enumerate(TITLES):
        desk.lead(str(number), title=title)
    row = confirmation.draft(desk.office, ACTOR)[0]
    confirmation.mark_sent(desk.office, row["number"], ACTOR, None)
    return row


def fill_in(program: Program, today: str) -> None:
    """Thirteen rows as people fill them in: five well, one not at all, seven with a fault each."""
    written = [today, today.replace("-", "/"), "{}年{}月{}日".format(*map(int, today.split("-"))), today, today]
    for line, day in enumerate(written, FIRST):
        word = min(line - FIRST + 1, 4)
        assert program("pick", f"N{line}", word) == WORDS[word - 1]
        program("type", f"O{line}", f"理由{line}，看过页面")
        program("type", f"P{line}", "李建国")
        program("type", f"Q{line}", day)
    for line, answer, reason, person, day in (
        (11, "不属实", "", "李建国", today),
        (12, "属实", "", "", today),
        (13, "属实", "", "李建国", "上周"),
        (14, "", "看过", "李建国", today),
        (15, "", "看过", "李建国", today),
        (16, "属实", "看过", "李建国", today),
        (17, "属实", "看过", "李建国", today),
    ):
        for column, words in zip("NOPQ", (answer, reason, person, day), strict=True):
            program("type", f"{column}{line}", words) if words else None
    assert program("paste", "N14", "基本属实") == "基本属实", "pasting goes past the list"
    assert program("paste", "N15", '="属"&"实"') == "属实"


FAULTS = {
    11: "不属实须写理由",
    12: "没有写甄别人",
    13: "'上周' 不是日期",
    14: "'基本属实' 不在表内",
    15: "公式",
    16: "编号被改动",
    17: "已合并",
}


def test_what_is_ours_is_locked_and_answers_come_of_the_closed_list(program: Program, desk: Desk) -> None:
    row = sent(desk)
    program("open", row["sheet"])
    for place, shown in (("B5", "ADW-"), ("B4", "线索编号"), ("A2", "函件编号："), ("G5", HOSTILE), ("A5", "1")):
        found = program("read", place)
        assert found[0].startswith(shown)
        assert found[1:3] == [False, True], f"{place} is no formula, and locked"
        assert program("type", place, "9") == found[0], "what is typed there is not taken"
    assert "Protected cells can not be modified" in program("told")
    assert program("links") == 0
    assert program("read", "G7")[:2] == ["+1", False]
    assert program("read", "N5") == ["", False, False, CLOSED, True]
    assert program("read", "N17")[3] == CLOSED, "down to the last lead"
    assert program("type", "N5", "基本属实") == "", "another word is not taken"
    assert [program("pick", f"N{FIRST + at}", at + 1) for at in range(4)] == WORDS
    assert program("type", "N9", "属实") == "属实"
    program("close")


@pytest.mark.parametrize("form", SAVED)
def test_it_comes_back_whole_from_each_format(program: Program, desk: Desk, tmp_path: Path, form: str) -> None:
    row = sent(desk)
    program("open", row["sheet"])
    fill_in(program, datetime.now(desk.office.settings.zone).date().isoformat())
    back = tmp_path / f"回复.{form}"
    program("save", back, *SAVED[form])
    if not form.endswith("csv"):
        program("close")
        program("open", back)
        assert program("read", "B5")[2], "what was locked stays so"
        assert program("read", "N5") == [WORDS[0], False, False, CLOSED, True]
    assert program("unprotect") is False
    program("paste", "B16", "ADW-2026-999999")
    program("merge", "N17:O17")
    program("save", back, *SAVED[form])
    program("close")
    expected = dict(FAULTS)
    if form.endswith("csv"):  # a text has values only, and no merged cells
        del expected[15], expected[17]
    done = desk.command().run("review", "letter", "import", str(back), "--by", "王芳", "--json")
    (said,) = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert sorted(note.split(": ")[0].rpartition("第")[2] for note in said["notes"]) == [f"{n}行" for n in expected]
    for line, word in expected.items():
        assert any(f"第{line}行" in note and word in note for note in said["notes"]), (word, said["notes"])
    leads = said["batch"]["rows"]
    taken = [0, 1, 2, 3, 4] + [line - FIRST for line in FAULTS if line not in expected]
    assert [each["seq"] - 1 for each in leads if each["answer"]] == taken
    assert [each["answer"] for each in leads[:5]] == ["confirm", "dismiss", "doubt", "refer", "refer"]
    assert {each["person"] for each in leads if each["answer"]} == {"李建国"}
    assert said["refused"] == len(expected)
    assert done.returncode != 0, "a list with faults is no success"
