"""Letters of every kind in a real word program: they open, print on the pages that are meant, and lose no word when saved."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from adwatch.casework import correction_draft
from adwatch.casework import takedown_letters as letters
from adwatch.casework.confirmation_letter import official
from adwatch.casework.correction_paper import correction_paper
from adwatch.casework.letter_about import paper
from adwatch.casework.official import Facts
from adwatch.casework.transfer_package import PAPERS
from adwatch.store import schema as s
from adwatch.store.engine import migrate, open_engine
from adwatch.tables.takedown import Escalation
from tests.casework.office import decide
from tests.casework.paperwork import LI, NUMBER, desk, sent
from tests.casework.test_confirmation_letter import AT, UNIT
from tests.casework.test_confirmation_letter import letters as asking
from tests.casework.test_correction_letters import transferred
from tests.casework.test_takedown_forms import HOSTILE, content_of
from tests.real.office import Program, libreoffice
from tests.store.world import World, listing, verdict

__all__ = ["transferred"]
pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
FACTS = Facts("某市监函〔2026〕12号", "张局", "2026-11-08")
BLANK = re.compile(r"[\s\u200b“”□]+")
"""Also signs that what reads the page gives out of their order: quotation marks set closer, and what another font has."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is absent (Debian: poppler-utils)")
    with libreoffice(tmp_path_factory.mktemp("office")) as started:
        yield started


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = open_engine(f"sqlite:///{tmp_path / 'adwatch.db'}")
    migrate(made)
    yield World(made)
    made.dispose()


def words(document: bytes | Path) -> list[str]:
    """Words of a .docx, paragraph by paragraph and cell by cell, without blanks; none twice."""
    read = Document(BytesIO(document) if isinstance(document, bytes) else str(document))
    cells = [cell.text for table in read.tables for row in table.rows for cell in row.cells]
    bare = (BLANK.sub("", each) for each in [*(line.text for line in read.paragraphs), *cells])
    return list(dict.fromkeys(each for each in bare if each))


def printed(program: Program, folder: Path, name: str, made: bytes) -> list[str]:
    """Its pages as printed, without blanks; every word of it stands on them, and in what the program saves again."""
    (folder / f"{name}.docx").write_bytes(made)
    assert program("open", folder / f"{name}.docx") == "text"
    program("save", folder / f"{name}.pdf", "writer_pdf_Export")
    program("save", folder / f"{name}-again.docx", "MS Word 2007 XML")
    count = program("pages")
    program("close")
    shown = subprocess.run(["pdftotext", "-raw", folder / f"{name}.pdf", "-"], capture_output=True, check=True)
    pages = [BLANK.sub("", page) for page in shown.stdout.decode().split("\f")[:-1]]
    assert len(pages) == count
    everything = "".join(re.sub("—[0-9]+—", "", page) for page in pages)  # a cell may go on over the page
    missing = [each for each in words(made) if each not in everything]
    assert missing == [], name
    assert words(folder / f"{name}-again.docx") == words(made), "saved by the program it says the same"
    return pages


def sealed(pages: list[str]) -> None:
    """The place of the seal stands with the last words and the day, on the page before the list."""
    letter = pages[-2]
    assert letter.index("特此函告") < letter.index("（印章）") < letter.index("2026年11月8日")


def requests(world: World, folder: Path) -> dict[str, bytes]:
    """The three kinds of requests and the four about them, with hostile words in what is quoted."""
    for at, hostile in enumerate(HOSTILE):
        decide(world, world.flag(item := listing(f"h{at}", title=hostile, seller_name=hostile), verdict(item)))
    content = content_of(world, folder)
    made = {kind: paper({**content, "kind": kind}, FACTS) for kind in ("urge", "assist", "refer")}
    made["red"] = paper({**content, "letterhead": {**content["letterhead"], "style": "red"}}, FACTS)
    return made


def about_requests(world: World, folder: Path) -> dict[str, bytes]:
    sent(world, folder, "1", "2")
    at = desk(world, folder)
    escalation = Escalation("cyberspace", "网信", "某市网信办", "", "")
    letters.remind(at, NUMBER, LI)
    letters.withdraw(at, NUMBER, LI, ["1"], "误判")
    letters.correct(at, NUMBER, LI, {"2": ("承诺通过", "买卖证件")}, "认定更正")
    letters.escalate(at, NUMBER, escalation, LI, "逾期未处置")
    rows = world.rows(s.takedown_letter)
    return {row["content"]["kind"]: paper(row["content"], FACTS) for row in rows if row["number"] != NUMBER}


PAGES = {"urge": 3, "assist": 3, "refer": 3, "red": 4, "remind": 2, "withdraw": 2, "correct": 2, "escalate": 3}


def test_requests_to_platforms(program: Program, world: World, tmp_path: Path) -> None:
    for name, made in requests(world, tmp_path).items():
        pages = printed(program, tmp_path, name, made)
        assert len(pages) == PAGES[name], name
        assert "2026年11月8日" in pages[PAGES[name] - 2], (
            "the day stands on the last page of the letter, before its list"
        )


def test_letters_about_requests(program: Program, world: World, tmp_path: Path) -> None:
    made = about_requests(world, tmp_path)
    assert made.keys() == {"remind", "withdraw", "correct", "escalate"}
    for name, each in made.items():
        pages = printed(program, tmp_path, name, each)
        assert len(pages) == PAGES[name], name
        sealed(pages)
        assert pages[-1].startswith("附件")


def test_confirmation_its_reminder_and_a_bulletin(program: Program, tmp_path: Path) -> None:
    for name, made in asking(contact_person="王芳").items():
        assert len(printed(program, tmp_path, name, made)) == {"confirmation": 2, "reminder": 1}[name]
    parts = [("heading", "一、小结"), *[("text", "某店承诺免考，已查处。" * 9)] * 21, ("text", "谨防受骗。")]
    bulletin = official(UNIT, "ADW-TB-2026-0001", "通报", "", parts, [], AT)
    pages = printed(program, tmp_path, "bulletin", bulletin)
    assert len(pages) == 5
    assert "谨防受骗" in pages[-1] and "（印章）" in pages[-1], "the seal never stands on a page without text"


def test_a_transfer_its_papers_and_its_correction(
    program: Program, world: World, tmp_path: Path, transferred: str
) -> None:
    (row,) = world.rows(s.transfer, number=transferred)
    for name, (file, make) in PAPERS.items():
        pages = printed(program, tmp_path, Path(file).stem, make(row["content"]))
        assert len(pages) == TRANSFER_PAGES[name], (name, pages)
    number = correction_draft.draft(desk(world, tmp_path), transferred, LI, "认定更正")
    content: dict[str, Any] = world.rows(s.correction_letter)[0]["content"]
    pages = printed(program, tmp_path, number, correction_paper(content, FACTS))
    assert len(pages) == 2
    assert "原因：认定更正" in pages[0] and "承诺通过" in pages[1] and "买卖证件" in pages[1]


TRANSFER_PAGES = {"letter": 2, "investigation_report": 2, "evidence": 2, "sellers": 2, "item_list": 1, "receipt": 1}
