"""The hotline's files: read by our own reader and by another one, the same bytes whenever they are written."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from adwatch.models import Listing, StageReport
from adwatch_demo.tips import HEADINGS, write_tips
from adwatch_demo.traces import ids_in
from adwatch_demo.world import standing
from collectors.handover import ColumnTable, read_handover


@pytest.mark.parametrize(("day", "ending"), [(1, "xlsx"), (2, "csv"), (3, "xlsx")])
def test_a_days_file_holds_the_days_tips(tmp_path: Path, day: int, ending: str) -> None:
    path = write_tips(tmp_path / "inbox", day)
    assert path is not None and path.name == f"工单导出_202611{15 + day}.{ending}"
    assert list((tmp_path / "inbox").iterdir()) == [path]
    report = StageReport("ingest")
    found = {}
    for one in read_handover(path, "tips", columns=ColumnTable.load(None), report=report):
        assert isinstance(one, Listing), one
        found[one.native_id] = one
    rows = {row["id"]: row for row in standing("tips", day)}
    assert found.keys() == rows.keys()
    assert report.notes == []
    for one, row in rows.items():
        assert (found[one].title, found[one].text) == (row["title"], row["text"])
        assert (found[one].seller_name, found[one].kind) == (row["seller_name"], "tip")
        assert found[one].seller_region == row["seller_region"]
    assert "138****0000" not in str(found), "the caller's number is nobody's business"


def test_another_reader_understands_the_workbook(tmp_path: Path) -> None:
    path = write_tips(tmp_path, 1)
    table = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert tuple(table[0]) == HEADINGS
    assert len(table) == 1 + len(standing("tips", 1))


def test_lines_are_in_the_encoding_of_the_region(tmp_path: Path) -> None:
    path = write_tips(tmp_path, 2)
    assert path is not None
    with pytest.raises(UnicodeDecodeError):
        path.read_text(encoding="utf-8")
    assert next(csv.reader(io.StringIO(path.read_text(encoding="gb18030")))) == list(HEADINGS)


def test_written_twice_is_the_same_file_and_a_day_without_tips_has_none(tmp_path: Path) -> None:
    paths = [write_tips(tmp_path / name, 1) for name in ("a", "b")]
    assert len({path.read_bytes() for path in paths if path is not None}) == 1
    assert write_tips(tmp_path / "c", 4) is None
    assert list((tmp_path / "c").iterdir()) == []


@pytest.mark.parametrize("day", [1, 2])
def test_ids_are_found_in_a_packed_file(tmp_path: Path, day: int) -> None:
    path = write_tips(tmp_path, day)
    assert path is not None
    assert ids_in("tips", path.read_bytes()) == {row["id"] for row in standing("tips", day)}
    assert ids_in("shop", path.read_bytes()) == set()


def test_ids_are_whole_words() -> None:
    assert ids_in("shop", b'/item/p0001"') == {"p0001"}
    assert ids_in("shop", b"p00012 xp0001 p9999") == set()
