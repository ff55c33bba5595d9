from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from datetime import date
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from python_calamine import CalamineWorkbook

from adwatch.casework.letter_about import paper
from adwatch.casework.official import Facts
from adwatch.casework.platform_info import PlatformInfo, overlaid
from adwatch.casework.takedown import draft
from adwatch.casework.takedown_files import Bundling, files_of, mail_of
from adwatch.casework.takedown_sheet import COLUMNS, as_workbook
from adwatch.casework.xarf_reports import bundle, made_report, mistakes_of
from adwatch.tables.takedown import Contact, TakedownRules
from adwatch.tables.takedown_routing import TakedownRoutes
from tests.casework.office import CLASSES, PLATFORMS, UNIT, ZONE, confirmed, decide, law, words
from tests.store.world import World, listing, verdict

CONTACT = "office@bureau.example"
FACTS = Facts("某市监函〔2026〕12号", "张局", "2026-11-08")
HOSTILE = (
    '=HYPERLINK("http://x.example")',
    "+1-1",
    "@SUM(A1)",
    "\t=1",
    "<script>alert(1)</script>",
    "]]>&amp;\x01\x1b\u202e",
    "\r\nBcc: a@x.example",
)


def content_of(world: World, folder: Path, **rules: Any) -> dict[str, Any]:
    """The request over what is confirmed, drafted by the rules given."""
    tables: dict[str, Any] = {"law": law(folder), "classes": CLASSES, "platforms": PLATFORMS, "unit": UNIT}
    made = {"now": world.now, "zone": ZONE, "rules": TakedownRules(**rules)}
    _, rows = draft(world.engine, folder / "out", bundling=Bundling(CONTACT, (), ZONE), **tables, **made)
    return dict(json.loads(Path(rows[0]["json"]).read_bytes()))


def _many(content: dict[str, Any], count: int) -> dict[str, Any]:
    (row,) = content["listings"]
    return {**content, "listings": [{**row, "seq": n, "listing_id": f"{n:032x}"} for n in range(1, count + 1)]}


def test_the_page_has_the_measures_of_the_standard(world: World, tmp_path: Path) -> None:
    """GB/T 9704-2012, 5.2.1: 37 mm, 28 mm, 156 x 225 mm; 5.2.2: 三号仿宋, 二号 title; 5.2.3: 22 lines; 7.5; 10.1."""
    confirmed(world, "1")
    content = content_of(world, tmp_path)
    document = Document(BytesIO(paper(content, FACTS)))
    page, annex = document.sections
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert (round(page.top_margin.mm), round(page.left_margin.mm)) == (37, 28)
    assert round(page.page_width.mm - page.left_margin.mm - page.right_margin.mm) == 156
    assert round(page.page_height.mm - page.top_margin.mm - page.bottom_margin.mm) == 225
    assert annex.orientation == WD_ORIENT.LANDSCAPE
    by_words = {line.text: line for line in document.paragraphs}
    title = by_words["关于协助核查处置涉嫌违法证书类信息的函"].runs[0]
    assert title.font.size.pt == 22
    body = next(line for line in document.paragraphs if line.text.startswith("我单位在网络监测中发现"))
    assert body.runs[0].font.size.pt == 16
    fonts = [line.runs[0]._element.rPr.rFonts.values() for line in (body,)]
    assert "仿宋" in fonts[0]
    assert int(225 / 25.4 * 72 / body.paragraph_format.line_spacing.pt) == 22
    assert page.different_first_page_header_footer, "信函格式: no page number on the first page"
    assert page.first_page_header.paragraphs[0].text == UNIT
    assert "PAGE" in page.footer._element.xml
    assert "PAGE" not in page.first_page_footer._element.xml
    said = words_of(document)
    assert "某市监函〔2026〕12号" in said
    assert "2026年11月8日" in said


def words_of(document: Any) -> str:
    """All paragraphs."""
    return "\n".join(line.text for line in document.paragraphs)


def test_the_red_head_has_signatory_and_imprint(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    rules = {"letterhead": "red", "copies": "某省市场监督管理局", "printed_by": "某局办公室", "contact_person": "王芳"}
    content = content_of(world, tmp_path, **rules)
    document = Document(BytesIO(paper(content, FACTS)))
    said = words_of(document)
    for needed in (
        "文件",
        "签发人：张局",
        "抄送：某省市场监督管理局。",
        "某局办公室    2026年11月8日印发",
        "联系人：王芳",
    ):
        assert needed in said
    bare = Document(BytesIO(paper({**content, "letterhead": {"style": "none"}})))
    assert "签发人" not in words_of(bare)
    assert f"{UNIT}文件" not in words_of(bare)


@pytest.mark.parametrize(
    ("info", "area", "kind"),
    [
        (PlatformInfo("网", domicile="某省某市某区"), ("某市",), "urge"),
        (PlatformInfo("网", domicile="某省某市某区", way="bureau", bureau="某局"), ("某市",), "urge"),
        (PlatformInfo("网", domicile="他省他市"), ("某市",), "assist"),
        (PlatformInfo("网", domicile="他省他市", way="bureau", bureau="他市市场监督管理局"), ("某市",), "refer"),
        (PlatformInfo("网", domicile="他省他市", way="bureau"), ("某市",), "assist"),
        (PlatformInfo("网"), ("某市",), "assist"),
        (PlatformInfo("网", domicile="某市"), (), "assist"),
    ],
)
def test_local_platforms_are_urged_others_asked_by_their_way(
    info: PlatformInfo, area: tuple[str, ...], kind: str
) -> None:
    routed = TakedownRoutes.load().route("plaza", info, area, date(2026, 11, 18))
    assert routed is not None
    assert (routed.kind, routed.addressee) == (kind, info.bureau if kind == "refer" else "网")


def test_a_referral_is_addressed_to_the_bureau(world: World, tmp_path: Path) -> None:
    row = dict.fromkeys(Contact.__slots__) | {"line": 2, "platform": "plaza"}
    facts = {"bureau": "某市市场监督管理局", "way": "bureau", "deadline": 3, "deadline_unit": "working_days"}
    contact = Contact(**(row | facts | {"deadline_source": "会议纪要"}))
    confirmed(world, "1")
    tables: dict[str, Any] = {"law": law(tmp_path), "classes": CLASSES, "unit": UNIT, "now": world.now, "zone": ZONE}
    platforms = {"plaza": overlaid(PLATFORMS["plaza"], contact)}
    _, (made,) = draft(world.engine, tmp_path / "out", platforms=platforms, rules=TakedownRules(), **tables)
    assert (made["kind"], made["addressee"]) == ("refer", "某市市场监督管理局")
    said = words(made["letter"])
    assert "关于移送涉嫌违法证书类信息线索的函" in said
    assert "3个工作日内（期限依据：会议纪要）" in said


def test_hostile_text_is_text_in_every_cell_of_every_form(world: World, tmp_path: Path) -> None:
    for at, hostile in enumerate(HOSTILE):
        item = listing(
            str(at), f"包过{hostile}", title=hostile, url=f"https://plaza.example/{at}?{hostile}", seller_name=hostile
        )
        decide(world, world.flag(item, verdict(item)))
    content = content_of(world, tmp_path)
    sheet = zipfile.ZipFile(BytesIO(as_workbook(content)))
    xml = "".join(sheet.read(name).decode() for name in sheet.namelist() if name.endswith(".xml"))
    assert "<f>" not in xml
    assert "<hyperlink" not in xml
    rows = CalamineWorkbook.from_filelike(BytesIO(as_workbook(content))).get_sheet_by_index(0).to_python()
    assert rows[0] == [name for name, _ in COLUMNS]
    assert len(rows) == len(HOSTILE) + 1
    said = "\n".join(str(cell) for row in rows for cell in row)
    assert not {"\x01", "\x1b", "\u202e"} & set(said)
    Document(BytesIO(paper(content)))
    files = files_of(content, Facts("文号\r\nBcc: b@x.example".replace("\r\n", " ")), Bundling(CONTACT, (), ZONE))
    raw = mail_of(content, files, "a@bureau.example", ["b@plaza.example"], "<1@bureau.example>", world.now, FACTS)
    mail = message_from_bytes(raw, policy=default)
    assert mail["Bcc"] is None
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        *(f"{content['number']}.{end}" for end in ("docx", "xlsx", "json", "xarf.zip")),
    ]


def test_personal_data_is_masked_in_every_file(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    content = content_of(world, tmp_path)
    for file in files_of(content, FACTS, Bundling(CONTACT, (), ZONE)):
        parts = [file.content]
        if file.content[:2] == b"PK":
            package = zipfile.ZipFile(BytesIO(file.content))
            parts = [package.read(name) for name in package.namelist()]
        assert not any(b"13800138000" in part for part in parts), file.name


def _reports(content: dict[str, Any], impersonation: tuple[str, ...] = ()) -> tuple[list[dict[str, Any]], list[Any]]:
    package = zipfile.ZipFile(BytesIO(bundle(content, CONTACT, impersonation, ZONE).content))
    lines = package.read("reports.jsonl").splitlines()
    return [json.loads(line) for line in lines], json.loads(package.read("left_out.json"))


def test_each_listing_is_a_report_that_the_schema_accepts(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    content = _many(content_of(world, tmp_path), 3)
    content["listings"][1]["url"] = None
    content["listings"][2]["url"] = "javascript:alert(1)"
    (report,), left_out = _reports(content)
    assert mistakes_of(report) == []
    assert (report["xarf_version"], report["category"], report["type"]) == ("4.2.0", "content", "fraud")
    assert report["fraud_type"] == "other"
    assert report["timestamp"] == "2026-11-18T12:00:00+08:00"
    assert report["source_identifier"] == "plaza.example"
    assert [each["seq"] for each in left_out] == ["2", "3"]
    (report,), _ = _reports(content, ("sure_thing",))
    assert report["fraud_type"] == "government_impersonation"
    assert bundle(content, CONTACT, (), ZONE).content == bundle(content, CONTACT, (), ZONE).content


@pytest.mark.parametrize(
    ("field", "value"),
    [("fraud_type", "certificate"), ("url", None), ("category", "papers"), ("reporter", {"org": "x"}), ("odd", "x")],
)
def test_a_report_that_the_schema_does_not_know_fails(world: World, tmp_path: Path, field: str, value: Any) -> None:
    confirmed(world, "1")
    (report,), _ = _reports(content_of(world, tmp_path))
    spoilt = {**report, field: value}
    if value is None:
        del spoilt[field]
    assert mistakes_of(spoilt) != []


def test_an_office_without_a_mail_address_makes_no_reports(world: World, tmp_path: Path) -> None:
    confirmed(world, "1")
    content = content_of(world, tmp_path)
    assert [file.name for file in files_of(content, FACTS, Bundling("", (), ZONE))][-1].endswith(".json")
    office = {"org": "某局", "contact": "no address", "domain": ""}
    report, mistakes = made_report(content, content["listings"][0], office, set(), ZONE)
    assert report is None
    assert any("contact" in said for said in mistakes)


@pytest.mark.slow
def test_a_printed_line_has_28_characters_and_a_page_22_lines(world: World, tmp_path: Path) -> None:
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("LibreOffice and pdftotext print the letter")
    confirmed(world, "1")
    content = content_of(world, tmp_path)
    content["offer_types"][0]["notice"] = "涉嫌承诺考试通过而且不过退款并称人不到场也可拿证" * 60
    (tmp_path / "a.docx").write_bytes(paper(content, FACTS))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [
        "soffice",
        "--headless",
        profile,
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "a.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    pages = subprocess.run(["pdftotext", str(tmp_path / "a.pdf"), "-"], check=True, capture_output=True, timeout=60)
    second = pages.stdout.decode().split("\f")[1].split("\n")
    full = [line for line in second if line and "—" not in line]
    assert len(full) == 22
    assert {len(line) for line in full} == {28}
