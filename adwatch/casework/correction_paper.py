"""The .docx of a 更正函 about a transfer, a 甄别函 or a 提请处置函, in the layout of the letters about a takedown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION

from adwatch.casework import official
from adwatch.casework.docx_parts import HEADING, add_table, paragraph
from adwatch.casework.letter import head, saved, sign
from adwatch.casework.official import Facts, text
from adwatch.store.differing import CONFIRMATION, TAKEDOWN, TRANSFER

COLUMNS = (("序号", 16), ("线索编号", 42), ("链接（URL）", 87), ("原文所载", 56), ("更正为", 56))
"""Headings of the annex and their widths in mm; 257 mm between the margins."""
TITLES = {
    TRANSFER: "关于更正有关移送内容的函",
    CONFIRMATION: "关于更正甄别函有关内容的函",
    TAKEDOWN: "关于更正提请处置函有关内容的函",
}
_AGAIN = "请按更正后的内容办理；已经据此采取措施的，请一并核实，并将办理情况函复我单位。"
SAID = {
    TRANSFER: ("移送", _AGAIN),
    TAKEDOWN: ("发出", _AGAIN),
    CONFIRMATION: ("发出", "所列线索已另有认定，不必再就其尚未认定之处反馈；已经作出甄别的，仍请函复我单位。"),
}
"""By kind of paper how it went, and what whoever has it is asked."""


def correction_paper(content: Mapping[str, Any], facts: Facts) -> bytes:
    """The letter; the same content and facts give the same bytes."""
    document, said, title = Document(), dict(content), TITLES[content["paper"]]
    head(document, said, facts, title)
    text(document, f"{content['addressee']}：", indent=0)
    for words in paragraphs(content):
        text(document, words)
    text(document, "特此函告。", keep=True)
    official.annexes(document, [f"更正内容清单（共{len(content['listings'])}条）"])
    sign(document, said, facts)
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    official.landscape(section)
    paragraph(document, "附件", font=HEADING)
    add_table(document, COLUMNS, table(content))
    return saved(document, said, title)


def paragraphs(content: Mapping[str, Any]) -> list[str]:
    """What the letter says before its list."""
    went, asked = SAID[content["paper"]]
    number = content["about_document"] or f"内部编号{content['about']}"
    return [
        f"我单位于{content['about_sent']}{went}的《{content['about_title']}》（{number}），其中附件所列"
        f"{len(content['listings'])}条信息的内容与其后的认定不符，现予更正。原因：{content['reason']}。",
        f"原文其余内容不变。{asked}以上均为涉嫌违法线索，最终以有权机关的认定为准。",
    ]


def table(content: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Rows of its list."""
    return [
        (str(row["seq"]), row["lead_number"] or "", row["url"], row["was"], row["now"]) for row in content["listings"]
    ]
