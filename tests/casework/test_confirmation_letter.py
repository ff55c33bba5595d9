"""甄别函, its reminder and the bulletin stand on the page of every letter of the office (GB/T 9704-2012)."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from adwatch.casework.confirmation_letter import confirmation_letter, official, reminder_letter
from adwatch.casework.request import letterhead
from adwatch.tables.takedown import TakedownRules

UNIT = "某市应急管理局"
AT = "2026-11-18T12:00:00+08:00"
ROW = {"seq": 1, "co_owners": ["住房城乡建设"]}


def content(count: int = 3, **rules: Any) -> dict[str, Any]:
    rows = [{**ROW, "seq": seq} for seq in range(1, count + 1)]
    about = {"number": "ADW-ZB-2026-0001", "unit": UNIT, "addressee": "某市住房和城乡建设局", "days": 5, "rows": rows}
    return {**about, "drafted_at": AT, "letterhead": letterhead(TakedownRules(**rules))}


def said(document: Any) -> str:
    return "\n".join(line.text for line in document.paragraphs)


def letters(**rules: Any) -> dict[str, bytes]:
    """Each letter that is made by these parts."""
    about, at = content(**rules), datetime(2026, 11, 25, tzinfo=UTC)
    return {
        "confirmation": confirmation_letter(about),
        "reminder": reminder_letter(about, ["ADW-2026-000001"], "2026年11月18日", "2026年11月25日", at),
    }


@pytest.mark.parametrize("name", ["confirmation", "reminder"])
def test_the_page_is_that_of_a_takedown_letter(name: str) -> None:
    document = Document(BytesIO(letters()[name]))
    page = document.sections[0]
    assert (round(page.top_margin.mm), round(page.left_margin.mm)) == (37, 28)
    assert round(page.page_width.mm - page.left_margin.mm - page.right_margin.mm) == 156
    assert page.different_first_page_header_footer, "信函格式: no page number on the first page"
    assert page.first_page_header.paragraphs[0].text == UNIT
    assert "PAGE" in page.footer._element.xml
    assert "PAGE" in page.even_page_footer._element.xml
    assert "PAGE" not in page.first_page_footer._element.xml
    body = next(line for line in document.paragraphs if line.text.startswith("我单位"))
    assert int(225 / 25.4 * 72 / body.paragraph_format.line_spacing.pt) == 22
    assert "内部编号：ADW-ZB-2026-0001" in said(document)
    assert "联系人：" in said(document)


def test_the_office_s_letterhead_holds_for_them_too() -> None:
    rules = {"letterhead": "red", "copies": "某省应急管理厅", "contact_person": "王芳", "printed_by": "某局办公室"}
    for made in letters(**rules).values():
        document = Document(BytesIO(made))
        for needed in (f"{UNIT}文件", "抄送：某省应急管理厅。", "联系人：王芳", "某局办公室"):
            assert needed in said(document)
    old = {**content(), "letterhead": None}
    assert "文号：" in said(Document(BytesIO(confirmation_letter(old)))), "batches from before keep the letter form"
    bulletin = official(UNIT, "ADW-TB-2026-0001", "通报", "", [("text", "案例。")], [], AT)
    assert "联系人" not in said(Document(BytesIO(bulletin))), "who reads a bulletin asks nobody back"


@pytest.mark.slow
def test_rendered_the_seal_stands_with_the_last_words(tmp_path: Path) -> None:
    office, text = shutil.which("soffice"), shutil.which("pdftotext")
    if office is None or text is None:
        pytest.skip("LibreOffice or pdftotext is not installed")
    file = tmp_path / "letter.docx"
    file.write_bytes(letters(contact_person="王芳", contact_phone="0359-0000000")["confirmation"])
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    run = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
    subprocess.run(run, check=True, timeout=180, capture_output=True)
    shown = subprocess.run([text, "-layout", str(tmp_path / "letter.pdf"), "-"], check=True, capture_output=True)
    pages = shown.stdout.decode().rstrip("\f\n").split("\f")
    assert len(pages) == 2
    assert UNIT in pages[0].split("\n\n")[0]
    assert "关于协助甄别涉嫌违法证书类信息线索的函" in pages[0]
    assert "（印章）" in pages[1] and "特此函告" in pages[1], "the seal never stands on a page without text"
    assert "—2—" in pages[1].replace(" ", "")
    assert "—1—" not in pages[0].replace(" ", "")
