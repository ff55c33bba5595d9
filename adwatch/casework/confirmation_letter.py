"""甄别函 and its reminder (催办函): drafts in the layout of an official letter, after GB/T 9704-2012.

Document number, signature, date and seal are left to the office's own document system. Equal content, equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt, RGBColor

from adwatch.casework.docx_parts import (
    BODY,
    HEADING,
    TITLE,
    at_fixed_time,
    page_number,
    paragraph,
    red_rule,
    set_default_font,
)


def official(
    unit: str,
    number: str,
    title: str,
    addressee: str,
    parts: Sequence[tuple[str, str]],
    annexes: Sequence[str],
    drafted_at: str,
    *,
    numbered: bool = True,
) -> bytes:
    """A .docx: head, number, title, addressee, ``parts`` as (heading or text, words), annexes, place of the seal."""
    document = Document()
    set_default_font(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    page_number(section)
    centre, right = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
    unit = unit or "（发文机关）"
    size = Pt(30) if len(unit) <= 14 else Pt(22)
    paragraph(document, unit, font=TITLE, size=size, align=centre, colour=RGBColor(0xC0, 0, 0), line=size.pt * 1.5)
    red_rule(document)
    if numbered:
        said = f"文号：〔    〕    号（待编）    内部编号：{number}"
        paragraph(document, said, size=Pt(12), align=right, line=20)
    paragraph(document, "")
    paragraph(document, title, font=TITLE, size=Pt(22), align=centre, line=34)
    paragraph(document, "")
    if addressee:
        paragraph(document, f"{addressee}：")
    for at, (kind, words) in enumerate(parts):
        last = at == len(parts) - 1
        if kind == "heading":
            paragraph(document, words, font=HEADING, indent=2, keep=True)
        else:
            paragraph(document, words, font=BODY, indent=2, align=WD_ALIGN_PARAGRAPH.JUSTIFY, keep=last)
    if annexes:
        paragraph(document, "", keep=True)
    for at, annex in enumerate(annexes, 1):
        prefix = "附件：" if at == 1 else "　　　"
        order = f"{at}. " if len(annexes) > 1 else ""
        paragraph(document, f"{prefix}{order}{annex}", indent=2, keep=True)
    paragraph(document, "", keep=True)
    for words in (unit, "（印章）", "    年    月    日"):
        paragraph(document, words, align=right, after_indent=Pt(64), keep=words != "    年    月    日")
    core = document.core_properties
    made = datetime.fromisoformat(drafted_at).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    core.title, core.author, core.last_modified_by = f"{title} {number}", unit, "AdWatch"
    core.comments, core.created, core.modified = "", made, made
    out = BytesIO()
    document.save(out)
    return at_fixed_time(out.getvalue())


def confirmation_letter(content: Mapping[str, Any]) -> bytes:
    """The 甄别函 of a batch."""
    total = len(content["rows"])
    shared = sum(bool(row["co_owners"]) for row in content["rows"])
    days = f"{content['days']}个工作日内" if content["days"] else "尽快"
    both = f"其中{shared}条所涉证书名称有歧义，同时请其他部门甄别，请只就本部门主管的证书作出结论。" if shared else ""
    parts = (
        ("heading", "一、基本情况"),
        (
            "text",
            f"我单位在网络监测和线索受理中，发现{total}条涉嫌违法提供、买卖证书或者以虚假承诺推销证书取得服务的线索，"
            f"所涉证书属你单位主管。{both}线索由计算机筛查、人工登记，尚未认定，现请你单位甄别。",
        ),
        ("heading", "二、请予甄别的事项"),
        ("text", "（一）逐条甄别所附线索是否属实，结论从“属实、不属实、无法认定、非本部门”中选填一项。"),
        ("text", "（二）结论为不属实、无法认定、非本部门的，请写明理由；各条写明甄别人和甄别日期。"),
        ("text", "（三）所附清单的编号、序号和表头请勿改动；联系方式已脱敏，原始证据由我单位留存备查。"),
        ("heading", "三、反馈方式和期限"),
        (
            "text",
            f"请在收到本函后{days}将填好的清单（电子表格）连同盖章的复函一并反馈我单位。在你单位甄别属实之前，我单位不采取下架、"
            "移送等处置措施。",
        ),
        ("text", "特此函告，请予支持。（联系人：            联系电话：                ）"),
    )
    annex = f"涉嫌违法证书类信息线索清单（共{total}条，电子表格 {content['number']}.xlsx）"
    title = "关于协助甄别涉嫌违法证书类信息线索的函"
    return official(
        content["unit"], content["number"], title, content["addressee"], parts, [annex], content["drafted_at"]
    )


def reminder_letter(content: Mapping[str, Any], missing: Sequence[str], sent: str, due: str, at: datetime) -> bytes:
    """The 催办函 about rows of a batch that did not come back."""
    total = len(content["rows"])
    listed = "、".join(missing[:20]) + (f"等{len(missing)}条（见附件）" if len(missing) > 20 else "")
    expiry = f"反馈期限为{due}。" if due else ""
    parts = (
        (
            "text",
            f"我单位{sent}发出甄别函（内部编号{content['number']}），请你单位甄别{total}条线索，{expiry}"
            f"截至目前，尚有{len(missing)}条未收到甄别结论：{listed}。",
        ),
        ("text", "网络信息随时可能灭失，请抓紧甄别，将所附清单填好反馈我单位。因故不能按期甄别的，请书面说明。"),
        ("text", "特此函告。（联系人：            联系电话：                ）"),
    )
    annex = f"尚未反馈的线索清单（共{len(missing)}条，编号与原清单相同）"
    title = "关于尽快反馈线索甄别结论的函"
    addressee = content["addressee"]
    return official(content["unit"], content["number"], title, addressee, parts, [annex], at.isoformat())
