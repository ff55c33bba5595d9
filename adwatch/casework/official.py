"""An official document after GB/T 9704-2012: page, head, number, addressee, seal place, imprint, page numbers.

5.1, 5.2.1: A4, 37 mm above (天头), 28 mm left (订口), text area 156 x 225 mm. 5.2.2, 5.2.3: 三号仿宋, 22 lines of 28
characters: 225 mm / 22 is a line of 28.95 pt, 156 mm / 28 a character of 15.79 pt, so those of 16 pt stand 0.25 pt
closer (a character grid, which would say the same, LibreOffice lays out otherwise). 7.2: head; 7.3.5.1: seal; 7.4:
imprint; 7.5: page numbers; 10.1: letter form (信函格式), whose red rules are 170 mm long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from adwatch.casework.docx_parts import BODY, LATIN, TABLE, TITLE, paragraph, set_default_font

RED = RGBColor(0xC0, 0, 0)
LINE = 28.95
"""Points of a line."""
WORD = 15.75
"""Points of a character (一字): what the standard measures sideways by."""
CENTER, RIGHT, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT


@dataclass(frozen=True, slots=True)
class Facts:
    """What the office's own document system gives; empty until it is entered."""

    document_number: str = ""
    """文号, whole: 某市监函〔2026〕12号."""
    signatory: str = ""
    """签发人."""
    document_date: str = ""
    """成文日期, YYYY-MM-DD."""


def page(document: Any, style: str) -> None:
    """Set up the first section; ``style``: letter (no page number on its first page, 10.1), red or none."""
    set_default_font(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(30), Mm(20)
    document.settings.odd_and_even_pages_header_footer = True
    _number(section.footer, RIGHT)
    _number(section.even_page_footer, LEFT)
    if style == "letter":
        section.different_first_page_header_footer = True
        _rule(section.first_page_footer.paragraphs[0], "bottom", "thinThickSmallGap", 24)


def landscape(section: Any) -> None:
    """An annex on pages across; its page numbers go on."""
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.top_margin, section.bottom_margin = Mm(25), Mm(22)
    section.left_margin, section.right_margin = Mm(20), Mm(20)
    section.header_distance, section.footer_distance = Mm(12), Mm(10)
    section.different_first_page_header_footer = False


def _number(footer: Any, align: WD_ALIGN_PARAGRAPH) -> None:
    """7.5: — 1 —, 四号宋体, odd pages right and even left by one character, 7 mm under the text."""
    foot = footer.paragraphs[0]
    foot.alignment = align
    form = foot.paragraph_format
    form.space_after = Pt(14)
    setattr(form, "right_indent" if align == RIGHT else "left_indent", Pt(14))
    for part in ("— ", "begin", "PAGE", "end", " —"):
        run = foot.add_run()
        run.font.size, run.font.name = Pt(14), TABLE
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TABLE)
        if part == "PAGE":
            code = OxmlElement("w:instrText")
            code.text = part
            run._element.append(code)
        elif part in ("begin", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), part)
            run._element.append(mark)
        else:
            run.text = part


def _rule(made: Any, side: str, kind: str, eighths: int) -> None:
    """A red rule of 170 mm, 7 mm wider than the text area on either side (10.1)."""
    form = made.paragraph_format
    form.left_indent, form.right_indent, form.line_spacing = Mm(-8), Mm(-6), Pt(6)
    _border(made, side, kind, eighths, "C00000")


def _border(made: Any, side: str, kind: str, eighths: int, colour: str) -> None:
    borders = OxmlElement("w:pBdr")
    rule = OxmlElement(f"w:{side}")
    for name, value in (("val", kind), ("sz", str(eighths)), ("space", "1"), ("color", colour)):
        rule.set(qn(f"w:{name}"), value)
    borders.append(rule)
    properties = made._element.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def head(document: Any, unit: str, number: str, title: str, style: str, facts: Facts) -> None:
    """发文机关标志, 发文字号, 签发人 (red head only, 7.2.6) and title (7.3.1: 二号小标宋, two lines under the rule)."""
    unit = unit or "（发文机关）"
    said = f"文号：{facts.document_number}" if facts.document_number else "文号：〔    〕    号（待编）"
    inner = f"内部编号：{number}"
    size = Pt(30) if len(unit) <= 14 else Pt(22)
    if style == "letter":
        top = document.sections[0].first_page_header
        name = top.paragraphs[0]
        _mark(name, unit, size)
        name.paragraph_format.space_after = Mm(4)
        _rule(top.add_paragraph(), "top", "thickThinSmallGap", 24)
        paragraph(document, f"{said}    {inner}", size=Pt(12), align=RIGHT, line=20)
    elif style == "red":
        name = document.add_paragraph()
        _mark(name, f"{unit}文件", size)
        name.paragraph_format.space_before, name.paragraph_format.space_after = Mm(35), Pt(LINE)
        signed = f"    签发人：{facts.signatory}" if facts.signatory else ""
        made = paragraph(document, said + signed, align=CENTER, line=LINE)
        made.paragraph_format.space_after = Mm(4)
        _border(made, "bottom", "single", 12, "C00000")
        paragraph(document, inner, size=Pt(12), align=RIGHT, line=20)
    else:
        paragraph(document, f"{said}    {inner}", size=Pt(12), align=RIGHT, line=20)
    paragraph(document, "", line=LINE)
    paragraph(document, title, font=TITLE, size=Pt(22), align=CENTER, line=34)
    paragraph(document, "", line=LINE)


def _mark(made: Any, words: str, size: Any) -> None:
    made.alignment = CENTER
    made.paragraph_format.line_spacing = Pt(size.pt * 1.3)
    run = made.add_run(words)
    run.font.size, run.font.name, run.font.color.rgb = size, LATIN, RED
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TITLE)


def text(document: Any, words: str, keep: bool = False, font: str = BODY, indent: int = 2) -> Any:
    """A paragraph of the body (7.3.3): two characters in."""
    made = paragraph(document, words, font=font, align=WD_ALIGN_PARAGRAPH.JUSTIFY, line=LINE, keep=keep)
    made.paragraph_format.first_line_indent = Pt(indent * WORD)
    for run in made.runs:
        closer = OxmlElement("w:spacing")
        closer.set(qn("w:val"), str(round((WORD - 16) * 20)))
        run._element.get_or_add_rPr().insert_element_before(closer, "w:w", "w:kern", "w:position", "w:sz", "w:szCs")
    return made


def annexes(document: Any, names: list[str]) -> None:
    """附件说明 (7.3.4): a line under the body, two characters in, numbered where there are several."""
    paragraph(document, "", line=LINE, keep=True)
    for at, name in enumerate(names, 1):
        order = f"{at}．" if len(names) > 1 else ""
        text(document, f"{'附件：' if at == 1 else '　　　'}{order}{name}", keep=True)


def signature(document: Any, unit: str, facts: Facts, contact: str) -> None:
    """署名, seal place and 成文日期, four characters from the right (7.3.5.1); 附注 in brackets under them (7.3.6)."""
    paragraph(document, "", line=LINE, keep=True)
    day = chinese_day(facts.document_date) if facts.document_date else "    年    月    日"
    for words in (unit or "（发文机关）", "（印章）", day):
        paragraph(document, words, align=RIGHT, after_indent=Pt(4 * WORD), line=LINE, keep=True)
    if contact:
        text(document, f"（{contact}）")


def imprint(document: Any, letterhead: Mapping[str, Any], facts: Facts) -> None:
    """版记 (7.4): 抄送 and 印发机关 in 四号仿宋 between rules; in the letter form 抄送 alone, without rules (10.1)."""
    copies, printed, style = letterhead.get("copies"), letterhead.get("printed_by"), letterhead.get("style")
    rows = [f"抄送：{copies}。"] if copies else []
    if printed and style != "letter":
        day = chinese_day(facts.document_date) if facts.document_date else "    年  月  日"
        rows.append(f"{printed}    {day}印发")
    for at, words in enumerate(rows):
        made = paragraph(document, words, size=Pt(14), line=24)
        made.paragraph_format.left_indent = made.paragraph_format.right_indent = Pt(14)
        if style != "letter":
            _border(made, "top", "single", 8 if at == 0 else 6, "000000")


def chinese_time(when: datetime) -> str:
    """2026年12月2日17时37分: a local time in the form of the days of a letter; midnight is 24时 of the day before."""
    if not (when.hour or when.minute):
        return f"{chinese_day((when.date() - timedelta(1)).isoformat())}24时"
    minutes = f"{when.minute}分" if when.minute else ""
    return f"{chinese_day(when.date().isoformat())}{when.hour}时{minutes}"


def chinese_day(day: str) -> str:
    """2026年11月8日: Arabic digits, months and days without a leading zero (7.3.5.4)."""
    found = date.fromisoformat(day)
    return f"{found.year}年{found.month}月{found.day}日"
