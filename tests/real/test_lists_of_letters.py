"""Tables that go out with letters, opened by a real spreadsheet program: hostile words are text there, nothing is a link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adwatch.casework.correction_sheet import correction_sheet
from adwatch.casework.takedown_sheet import as_workbook
from adwatch.store.engine import migrate, open_engine
from tests.casework.office import UNIT, decide
from tests.casework.test_takedown_forms import HOSTILE, content_of
from tests.real.office import SAVED, Program, libreoffice
from tests.store.world import World, listing, verdict

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with libreoffice(tmp_path_factory.mktemp("office")) as started:
        yield started


@pytest.fixture
def request_content(tmp_path: Path) -> Iterator[dict[str, Any]]:
    made = open_engine(f"sqlite:///{tmp_path / 'adwatch.db'}")
    migrate(made)
    world = World(made)
    for at, hostile in enumerate(HOSTILE):
        decide(world, world.flag(item := listing(str(at), title=hostile, seller_name=hostile), verdict(item)))
    yield content_of(world, tmp_path)
    made.dispose()


def is_text(program: Program, file: Path, columns: str, rows: int) -> None:
    """Every cell is text, in the file and in what the program saves of it."""
    kept = file.with_name(f"again-{file.name}")
    for each in (file, kept):
        program("open", each)
        cells = {
            f"{column}{line}": program("read", f"{column}{line}") for column in columns for line in range(1, rows + 2)
        }
        assert not [place for place, found in cells.items() if found[1]], "no formula"
        assert program("links") == 0
        assert any(found[0].startswith("=HYPERLINK") for found in cells.values())
        if each == file:
            program("save", kept, *SAVED["xlsx"])
        program("close")


def test_the_list_of_a_request(program: Program, tmp_path: Path, request_content: dict[str, Any]) -> None:
    file = tmp_path / "list.xlsx"
    file.write_bytes(as_workbook(request_content))
    is_text(program, file, "ABCDEFGHIJ", len(HOSTILE))


def test_the_list_of_a_correction(program: Program, tmp_path: Path) -> None:
    rows = [
        {"seq": at, "lead_number": "x", "url": each, "was": each, "now": each} for at, each in enumerate(HOSTILE, 1)
    ]
    about = {"number": "ADW-CL-2026-0001", "paper": "transfer", "unit": UNIT, "drafted_at": "2026-11-18T12:00:00+08:00"}
    file = tmp_path / "list.xlsx"
    file.write_bytes(correction_sheet({**about, "listings": rows}))
    is_text(program, file, "ABCDE", len(HOSTILE))
