"""Letters about a request that was sent (催办函, 撤回函, 更正函, 提请处置函), in the layout of its own letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION

from adwatch.casework import official
from adwatch.casework.docx_parts import HEADING, add_table, paragraph
from adwatch.casework.letter import count, drawn_letter, head, saved, sign
from adwatch.casework.official import Facts, text
from adwatch.casework.shown import printable
from adwatch.casework.takedown_kinds import KINDS

COLUMNS = (("原序号", 16), ("链接（URL）", 120), ("店铺", 50), ("证据编号", 71))
CORRECTED = (("原序号", 16), ("链接（URL）", 100), ("原文所载", 70), ("更正为", 71))
SCHEMA = "adwatch.letter/1"


def paper(content: dict[str, Any], facts: Facts | None = None) -> bytes:
    """The .docx of any letter of a takedown, by its kind."""
    return saved(drawn(content, facts), content)


def drawn(content: dict[str, Any], facts: Facts | None = None) -> Any:
    """The same before it is saved."""
    kind = content.get("kind", "assist")
    return drawn_letter(content, facts) if KINDS[kind].asks else _about(content, facts or Facts())


def _about(content: dict[str, Any], facts: Facts) -> Any:
    document = Document()
    head(document, content, facts)
    text(document, f"{content['addressee']}：", indent=0)
    for words in _SAID[content["kind"]](content):
        text(document, words)
    text(document, "特此函告。", keep=True)
    official.annexes(document, [f"所涉信息清单（共{count(content)}条）"])
    sign(document, content, facts)
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    official.landscape(section)
    paragraph(document, "附件", font=HEADING)
    corrects = content["kind"] == "correct"
    rows = [_row(row, corrects) for row in content["listings"]]
    add_table(document, CORRECTED if corrects else COLUMNS, rows)
    return document


def _row(row: Mapping[str, Any], corrects: bool) -> tuple[str, ...]:
    link = printable(row["url"] or f"平台内编号：{row['native_id']}")
    if corrects:
        return str(row["seq"]), link, row["was"], row["now"]
    return str(row["seq"]), link, row["seller_name"] or "页面未显示", row["evidence_number"] or "无"


def _named(content: Mapping[str, Any]) -> str:
    number = content["about_document"] or f"内部编号{content['about']}"
    return f"{content['about_title']}》（{number}）"


def _remind(content: Mapping[str, Any]) -> list[str]:
    due = f"，处置期限为{content['due']}" if content["due"] else ""
    return [
        f"我单位于{content['about_sent']}向{content['asked']}发出《{_named(content)}{due}。"
        f"截至{content['as_of']}，附件所列{count(content)}条信息未见处置或者反馈（第{content['order']}次催办）。",
        "请于收到本函后立即处置，并书面反馈处置措施和时间；已经处置或者有异议的，请说明情况并附材料。",
    ]


def _withdraw(content: Mapping[str, Any]) -> list[str]:
    return [
        f"我单位于{content['about_sent']}发出的《{_named(content)}，其中附件所列{count(content)}条信息"
        f"经复核不应要求处置，现予撤回。原因：{content['reason']}。",
        "已经采取删除、屏蔽、断开链接等措施的，请及时恢复，并将本函内容告知相关经营者。由此造成的不便，谨致歉意。",
    ]


def _correct(content: Mapping[str, Any]) -> list[str]:
    return [
        f"我单位于{content['about_sent']}发出的《{_named(content)}，其中附件所列{count(content)}条信息的"
        f"内容有误，现予更正。原因：{content['reason']}。",
        "原函其余内容不变，请按更正后的内容办理。",
    ]


def _escalate(content: Mapping[str, Any]) -> list[str]:
    due = f"（期限：{content['due']}）" if content["due"] else ""
    reminded = f"，并已催办{content['order']}次" if content["order"] else ""
    return [
        f"我单位于{content['about_sent']}向{content['asked']}发出《{_named(content)}，请其对所运营的“"
        f"{content['platform_label']}”平台上涉嫌违法的证书类信息采取处置措施{due}{reminded}。",
        f"截至{content['as_of']}，附件所列{count(content)}条信息仍未得到处置。{content['reason']}。",
        "现提请你单位依职权处置，并将处理情况函复我单位。以上均为涉嫌违法线索，最终以有权机关的认定为准。",
    ]


_SAID: Mapping[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "remind": _remind,
    "withdraw": _withdraw,
    "correct": _correct,
    "escalate": _escalate,
}
