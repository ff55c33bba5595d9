"""The letter to a platform: an official letter (函) after GB/T 9704-2012 with its list as an annex on landscape pages.

It is a draft for the office's own document system: document number, signature, date and seal are left to be filled in.
The same request always gives the same bytes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt, RGBColor

from adwatch.casework.citations import apart, joined
from adwatch.casework.docx_parts import (
    BODY,
    HEADING,
    TITLE,
    add_table,
    at_fixed_time,
    page_number,
    paragraph,
    red_rule,
    set_default_font,
)
from adwatch.casework.shown import printable

COLUMNS = (
    ("序号", 10),
    ("链接（URL）", 54),
    ("店铺", 24),
    ("违法原文（摘录，联系方式已脱敏）", 48),
    ("涉嫌违法类型", 23),
    ("法律依据", 36),
    ("证据编号及取证时间", 44),
    ("处置期限", 18),
)
"""Headings of the annex and their widths in mm; 257 mm between the margins."""


def letter(content: dict[str, Any]) -> bytes:
    """The .docx of a request (see adwatch.casework.request)."""
    document = Document()
    set_default_font(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    page_number(section)
    _head(document, content)
    _body(document, content)
    _signature(document, content)
    _annex(document, content)
    core = document.core_properties
    drafted = datetime.fromisoformat(content["drafted_at"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    core.title = f"{_title()} {content['number']}"
    core.author, core.last_modified_by, core.comments = content["unit"] or "", "AdWatch", content["schema"]
    core.created = core.modified = drafted
    out = BytesIO()
    document.save(out)
    return at_fixed_time(out.getvalue())


def _title() -> str:
    return "关于协助核查处置涉嫌违法证书类信息的函"


def _head(document: Any, content: dict[str, Any]) -> None:
    unit = content["unit"] or "（发文机关）"
    size = Pt(30) if len(unit) <= 14 else Pt(22)
    red = RGBColor(0xC0, 0, 0)
    paragraph(document, unit, font=TITLE, size=size, align=WD_ALIGN_PARAGRAPH.CENTER, colour=red, line=size.pt * 1.5)
    red_rule(document)
    number = f"文号：〔    〕    号（待编）    内部编号：{content['number']}"
    paragraph(document, number, size=Pt(12), align=WD_ALIGN_PARAGRAPH.RIGHT, line=20)
    paragraph(document, "")
    paragraph(document, _title(), font=TITLE, size=Pt(22), align=WD_ALIGN_PARAGRAPH.CENTER, line=34)
    paragraph(document, "")


def _body(document: Any, content: dict[str, Any]) -> None:
    total = len(content["listings"])
    deciders = "、".join(content["decided_by"])
    found = f"经{deciders}甄别，认为线索属实。" if deciders else ""
    paragraph(document, f"{content['addressee']}：")
    _text(
        document,
        f"我单位在网络监测中发现，你单位运营的“{content['platform_label']}”平台上有{total}条公开信息，涉嫌违法提供、买卖证书"
        f"或者以虚假承诺推销证书取得服务。{found}现将有关情况函告如下：",
    )
    _heading(document, "一、涉嫌违法情况")
    for order, each in enumerate(content["offer_types"], 1):
        notice = each["notice"].strip().rstrip("。")
        said = f"：{notice}" if notice else ""
        _text(document, f"（{_chinese(order)}）{each['label']}（{each['listings']}条）{said}。")
    _text(document, "同一条信息涉及多种情形的，分别计入。以上均为涉嫌违法线索，最终以有权机关的认定为准。")
    _heading(document, "二、有关法律依据")
    for sentence in _law(content):
        _text(document, sentence)
    _heading(document, "三、请你单位协助事项")
    _text(document, f"（一）请{_deadline(content)}，对附件所列信息依法采取删除、屏蔽、断开链接等必要措施。")
    _text(document, "（二）妥善保存上述信息的发布内容、发布时间、经营者身份信息及相关交易记录，不得因下架而灭失。")
    _text(document, "（三）对同一经营者及同类信息开展排查，采取措施防止改头换面重新上架。")
    _text(document, "（四）处置完毕后书面反馈各条信息的处置措施和时间；有异议的，请在期限内书面说明并附材料。")
    # the seal never stands on a page of its own: the last words go with it
    _text(document, "特此函告，感谢支持。", keep=True)
    paragraph(document, "", keep=True)
    _text(document, f"附件：涉嫌违法信息清单（共{total}条）", keep=True)


def _law(content: dict[str, Any]) -> list[str]:
    others, crimes = apart(content["cites"])
    said = []
    if others:
        said.append(f"上述信息涉嫌违反{joined(others)}。")
    if crimes:
        said.append(f"其中部分信息涉嫌触犯{joined(crimes)}，是否构成犯罪由有权机关依法认定。")
    if not said:
        said.append("各条信息所涉条款由承办人核定后填写。")
    said = ["".join(said) + "各条信息所涉条款见附件。"] if content["cites"] else said
    if content.get("duties"):
        said.append(f"你单位作为平台经营者，请依照{joined(content['duties'])}的规定，履行制止、处置、保存记录等义务。")
    return said


def _signature(document: Any, content: dict[str, Any]) -> None:
    paragraph(document, "", keep=True)
    right = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph(document, content["unit"] or "（发文机关）", align=right, after_indent=Pt(64), keep=True)
    paragraph(document, "（印章）", align=right, after_indent=Pt(64), keep=True)
    paragraph(document, "    年    月    日", align=right, after_indent=Pt(64), keep=True)
    paragraph(document, "（联系人：            联系电话：                ）", indent=2)


def _annex(document: Any, content: dict[str, Any]) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.top_margin, section.bottom_margin = Mm(25), Mm(22)
    section.left_margin, section.right_margin = Mm(20), Mm(20)
    paragraph(document, "附件", font=HEADING)
    paragraph(document, "涉嫌违法信息清单", font=TITLE, size=Pt(20), align=WD_ALIGN_PARAGRAPH.CENTER, line=30)
    head = (
        f"函件内部编号：{content['number']}    平台：{content['platform_label']}    "
        f"共{len(content['listings'])}条    拟稿日期：{_day(content['drafted_day'])}"
    )
    paragraph(document, head, size=Pt(12), line=20).paragraph_format.space_after = Pt(4)
    deadline = _deadline(content, short=True)
    add_table(document, COLUMNS, [_row(row, deadline) for row in content["listings"]])
    note = (
        "说明：证据编号由监测取证记录号和原始数据SHA-256校验值前16位组成，完整校验值见随函数据文件。"
        "“违法原文”为监测时页面文字摘录，其中联系方式、证件号码已作脱敏处理，原始记录由我单位留存备查。"
    )
    paragraph(document, note, size=Pt(10.5), line=16)


def _row(row: dict[str, Any], deadline: str) -> tuple[str, ...]:
    link = printable(row["url"] or f"平台内编号：{row['native_id']}")
    lead = f"\n线索 {row['lead_number']}" if row["lead_number"] else ""
    captured = f"\n{_day(row['captured_at'][:10])}{row['captured_at'][10:]}" if row["captured_at"] else ""
    return (
        str(row["seq"]),
        link,
        row["seller_name"] or "页面未显示",
        "\n".join(f"“{quote}”" for quote in row["quotes"]),
        "涉嫌" + "、".join(row["offer_labels"]) if row["offer_labels"] else "涉嫌违法",
        "\n".join(row["cites"]) or "待核定",
        (row["evidence_number"] or "无") + captured + lead,
        deadline,
    )


def _deadline(content: dict[str, Any], short: bool = False) -> str:
    hours, source = content["deadline_hours"], content["deadline_source"]
    if hours is None:
        return "收函后及时" if short else "在收到本函后及时"
    if short:
        return f"收函后{hours}小时内"
    return f"在收到本函后{hours}小时内" + (f"（期限依据：{source}）" if source else "")


def _text(document: Any, text: str, keep: bool = False) -> None:
    paragraph(document, text, font=BODY, indent=2, align=WD_ALIGN_PARAGRAPH.JUSTIFY, keep=keep)


def _heading(document: Any, text: str) -> None:
    paragraph(document, text, font=HEADING, indent=2, keep=True)


def _chinese(number: int) -> str:
    digits = "零一二三四五六七八九十"
    if number <= 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    return (digits[tens] if tens > 1 else "") + "十" + (digits[ones] if ones else "")


def _day(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{found.year}年{found.month}月{found.day}日"
