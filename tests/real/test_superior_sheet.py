"""上级交办 on its own sheet, with a real spreadsheet program: issued in each format, taken in, answered, opened again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adwatch.app import casework, sources
from adwatch.errors import UsageError
from tests.app.letters_world import ACTOR, Desk, FixedClock
from tests.app.test_sources import ROWS, order
from tests.real.office import SAVED, Program, libreoffice

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
DUE = datetime(2026, 11, 17)  # noqa: DTZ001 - as a spreadsheet holds it


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with libreoffice(tmp_path_factory.mktemp("office")) as started:
        yield started


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "desk", FixedClock(datetime.now(UTC) - timedelta(hours=1)))
    yield made
    made.office.__exit__(None, None, None)


def issued(program: Program, folder: Path, form: str) -> Path:
    """The sheet as the superior office's own program saved it."""
    program("open", order(folder / "交办.xlsx", ROWS))
    file = folder / f"来表.{form}"
    program("save", file, *SAVED[form])
    program("close")
    return file


def leads(desk: Desk) -> dict[str, dict[str, Any]]:
    return {each["number"]: each for each in sources.listed(desk.office)}


@pytest.mark.parametrize("form", SAVED)
def test_each_row_of_it_is_a_lead_whatever_it_was_saved_as(
    program: Program, desk: Desk, tmp_path: Path, form: str
) -> None:
    file = issued(program, tmp_path, form)
    done = desk.command().run("source", "import", str(file), "--origin", "superior", "--by", "王芳", "--json")
    assert b"SJ-003" in done.stdout + done.stderr, "a time limit that is none is named with its row"
    assert {number: each["due_on"] for number, each in leads(desk).items()} == {
        "SJ-001": "2026-11-25",
        "SJ-002": DUE.date().isoformat(),
        "SJ-003": None,
    }
    if form != "xlsx":
        with pytest.raises(UsageError, match="另存为 XLSX"):
            sources.answer(desk.office, 1, ACTOR)


def test_it_is_answered_and_opens_as_it_was_issued(program: Program, desk: Desk, tmp_path: Path) -> None:
    file = issued(program, tmp_path, "xlsx")
    sources.take_in(desk.office, file, "superior", ACTOR)
    found = leads(desk)
    casework.decide(desk.office, [found["SJ-001"]["case_id"]], "confirm", "李建国", "某市应急管理局", "=1+1 核实")
    casework.decide(desk.office, [found["SJ-003"]["case_id"]], "dismiss", "李建国", "某市应急管理局", "正常咨询")
    report, row = sources.answer(desk.office, 1, ACTOR)
    assert (row["answered"], report.dropped) == (2, {"waits": 1})
    unchanged = [f"{column}{line}" for column in "ABCDEFJ" for line in range(1, 6)] + ["G4", "H4", "I4"]

    def shown(which: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        program("open", which)
        held = {place: program("read", place) for place in unchanged}
        answers = {place: program("read", place)[:3] for place in ("G3", "H3", "I3", "G5", "H5", "I5")}
        program("close")
        return held, answers

    before, empty = shown(file)
    after, answers = shown(Path(row["file"]))
    assert after == before, "what was issued, its protection and its one formula stand as they were"
    assert {each[0] for each in empty.values()} == {""}
    today = desk.clock.now().astimezone(desk.office.settings.zone).date().isoformat()
    assert answers["G3"] == [f"经核查属实（某市应急管理局，{today}）", False, True]
    assert [answers[each][0] for each in ("H3", "I3", "H5", "I5")] == ["正在处置", today, "无需处置", today]
    program("open", row["file"])
    for form, options in SAVED.items():
        program("save", tmp_path / f"答复.{form}", *options)
    program("close")
    other = Desk(tmp_path / "other", desk.clock)
    with other.office:
        for form in SAVED:  # it may go on to a third office, in any format
            again, _ = sources.take_in(other.office, tmp_path / f"答复.{form}", "superior", ACTOR)
            assert again.kept + again.counts["repeated"] == 3, (form, again.notes)
        assert list(leads(other)) == ["SJ-002", "SJ-001", "SJ-003"]
