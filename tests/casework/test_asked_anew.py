"""What is asked anew replaces what was asked before: nobody is reminded of it twice."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from adwatch.casework import takedown_letters as letters
from adwatch.casework import takedown_shown as shown
from adwatch.casework import takedown_steps as steps
from adwatch.casework.letter_about import paper
from adwatch.casework.takedown import mark_sent
from adwatch.casework.takedown_late import due_list
from adwatch.casework.takedown_sheet import as_workbook
from adwatch.casework.xarf_reports import made_report, mistakes_of
from adwatch.errors import UsageError
from adwatch.store import asked_anew as store
from adwatch.store import removal_figures
from adwatch.store.engine import reading
from adwatch.store.figures import takedown_figures
from tests.casework.office import ZONE, confirmed, draft, words
from tests.casework.paperwork import WANG, desk
from tests.casework.test_takedown_forms import content_of
from tests.casework.test_verification import look, sent
from tests.store.world import World

OFFICE = {"org": "某局", "contact": "office@bureau.example", "domain": "bureau.example"}
FIRST, SECOND = "ADW-TD-2026-0001", "ADW-TD-2026-0002"


def _back(world: World, folder: Path, *names: str) -> None:
    """A request over listings of which the first is back after it was verified gone; the others stand all the time."""
    sent(world, folder, *names)
    for word in ("gone", "gone", "up"):
        world.tick(days=1)
        look(world, {name: word if name == names[0] else "up" for name in names}, everything=True)


def _late(world: World, folder: Path) -> list[tuple[str, int]]:
    return [(row["number"], row["listings"]) for row in due_list(desk(world, folder))]


def _told(world: World) -> tuple[list[str], int]:
    """Numbers of ``takedown due``, and listings that the figures call overdue."""
    with reading(world.engine) as connection:
        overdue = [row["number"] for row in removal_figures.overdue(connection, world.now)]
        return overdue, takedown_figures(connection, world.now, timedelta(days=1)).overdue


@pytest.mark.parametrize("looked_up", [0, store.LOOKED_UP])
def test_an_old_request_is_replaced_by_the_newer_one(
    world: World, tmp_path: Path, looked_up: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LOOKED_UP", looked_up)
    _back(world, tmp_path, "1")
    world.tick(days=9)
    assert _late(world, tmp_path) == [(FIRST, 1)]
    assert _told(world) == ([FIRST], 1)
    [row] = draft(world, tmp_path)
    assert row["number"] == SECOND
    assert _late(world, tmp_path) == []
    assert _told(world) == ([], 0)
    with pytest.raises(UsageError, match=f"已由 {SECOND} 再次发函"):
        letters.remind(desk(world, tmp_path), FIRST, WANG)
    [newer, older] = shown.rows(desk(world, tmp_path))
    assert (older["replaced"], older["replaced_by"], older["overdue"]) == (1, [SECOND], False)
    assert (newer["replaced"], newer["replaced_by"]) == (0, [])
    assert shown.one_letter(desk(world, tmp_path), FIRST)["listings"][0]["again"] == SECOND
    steps.void(desk(world, tmp_path), SECOND, WANG, "另拟")
    assert _late(world, tmp_path) == [(FIRST, 1)], "nobody asks anew"
    assert _told(world) == ([FIRST], 1)


def test_what_is_not_asked_anew_is_reminded_of_still(world: World, tmp_path: Path) -> None:
    _back(world, tmp_path, "1", "2")
    draft(world, tmp_path)
    mark_sent(world.engine, [SECOND], "张三", world.now, zone=ZONE)
    world.tick(hours=2)
    assert _late(world, tmp_path) == [(FIRST, 1)], "the other stands, and its deadline is over"
    assert _told(world) == ([FIRST], 1)
    reminder = letters.remind(desk(world, tmp_path), FIRST, WANG)
    assert [row["seq"] for row in shown.one_letter(desk(world, tmp_path), reminder)["listings"]] == [2]
    world.tick(days=9)
    assert sorted(_late(world, tmp_path)) == [(FIRST, 1), (SECOND, 1)], "the newer one has its own deadline"


def test_gone_of_both_is_counted_once(world: World, tmp_path: Path) -> None:
    """What is gone again and was asked anew leaves the others of the old request overdue."""
    _back(world, tmp_path, "1", "2")
    draft(world, tmp_path)
    mark_sent(world.engine, [SECOND], "张三", world.now, zone=ZONE)
    world.tick(days=1)
    look(world, {"1": "gone", "2": "up"}, everything=True)
    older = shown.one_letter(desk(world, tmp_path), FIRST)
    assert (older["overdue"], older["replaced"], older["words"]) == (True, 0, {"gone": 1, "up": 1})
    assert older["listings"][0]["again"] == SECOND


def test_a_letter_that_asks_again_names_the_earlier_letter_in_every_form(world: World, tmp_path: Path) -> None:
    _back(world, tmp_path, "1")
    confirmed(world, "2")
    content = content_of(world, tmp_path)
    again, fresh = content["listings"]
    unsigned = {"number": FIRST, "document_number": None, "date": "2026-11-18"}
    assert content["asked_before"] == {"listings": 1, "letters": [unsigned]}
    assert (again["asked_before"], fresh["asked_before"]) == ([unsigned], [])
    steps.void(desk(world, tmp_path), SECOND, WANG, "前函文号待补")
    steps.enter(
        desk(world, tmp_path), FIRST, WANG, {"document_number": "某市监函〔2026〕12号", "document_date": "2026-11-17"}
    )
    content = content_of(world, tmp_path)
    assert content["number"] == "ADW-TD-2026-0003"
    named = "某市监函〔2026〕12号，2026年11月17日"
    (file := tmp_path / "again.docx").write_bytes(paper(content))
    said = words(str(file))
    assert f"其中1条信息，我单位此前已去函要求处置（{named}），核验已下架后又在原链接重新上架" in said
    assert said.count(f"（前次去函：{named}）") == 1
    assert "（前次去函：内部编号" not in said
    head, *rows = CalamineWorkbook.from_filelike(BytesIO(as_workbook(content))).get_sheet_by_index(0).to_python()
    assert [row[head.index("前次去函")] for row in rows] == [named, ""]
    assert {row[head.index("处置措施（平台填）")] for row in rows} == {""}
    reports = [made_report(content, row, OFFICE, set(), ZONE) for row in content["listings"]]
    assert [f"此前已去函：{named}" in report["description"] for report, _ in reports if report] == [True, False]
    assert [mistakes_of(report) for report, _ in reports if report] == [[], []]


def test_a_request_of_an_earlier_version_says_what_it_said(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    content = content_of(world, tmp_path)
    older = {name: value for name, value in content.items() if name != "asked_before"}
    older["listings"] = [
        {name: value for name, value in row.items() if name != "asked_before"} for row in older["listings"]
    ]
    assert paper(older) == paper(content)
    assert "前次去函" not in words_of(older, tmp_path)


def words_of(content: dict[str, Any], folder: Path) -> str:
    (file := folder / "older.docx").write_bytes(paper(content))
    return words(str(file))
