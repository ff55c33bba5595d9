"""The letter of a request: 督促清理函, 协查函 or 移送函 after GB/T 9704-2012, its list as an annex on landscape pages.

It is a draft for the office's own document system: what that gives (document number, signatory, date) is put in where
it was entered, the seal is left to be set. The same request always gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.shared import Pt

from adwatch.casework import official
from adwatch.casework.citations import apart, joined
from adwatch.casework.docx_parts import HEADING, TITLE, add_table, at_fixed_time, paragraph
from adwatch.casework.official import CENTER, Facts, chinese_day, text
from adwatch.casework.shown import printable
from adwatch.casework.takedown_kinds import KINDS

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
NAMED = 5
"""Earlier letters that the letter itself names; its list names all."""


def letter(content: dict[str, Any], facts: Facts | None = None) -> bytes:
    """The .docx of a request (see adwatch.casework.request)."""
    return saved(drawn_letter(content, facts), content)


def drawn_letter(content: dict[str, Any], facts: Facts | None = None) -> Any:
    """The same before it is saved."""
    facts = facts or Facts()
    document = Document()
    head(document, content, facts)
    text(document, f"{content['addressee']}：", indent=0)
    _body(document, content)
    sign(document, content, facts)
    _annex(document, content)
    official.imprint(document, letterhead(content), facts)
    return document


def letterhead(content: dict[str, Any]) -> dict[str, Any]:
    """How the office's head looks; requests of earlier versions have none and keep the letter form."""
    return content.get("letterhead") or {"style": "letter"}


def head(document: Any, content: dict[str, Any], facts: Facts, title: str = "") -> None:
    """Page and head; ``title``, here and below: of a letter that is none of the kinds."""
    style = letterhead(content)["style"]
    official.page(document, style)
    official.head(document, content["unit"], content["number"], title or kind(content).title, style, facts)


def sign(document: Any, content: dict[str, Any], facts: Facts) -> None:
    """Place of the seal, and whom to ask."""
    about = letterhead(content)
    person, phone = about.get("contact_person") or " " * 12, about.get("contact_phone") or " " * 16
    official.signature(document, content["unit"], facts, f"联系人：{person}　联系电话：{phone}")


def saved(document: Any, content: dict[str, Any], title: str = "") -> bytes:
    """The bytes, with what the file says of itself."""
    core = document.core_properties
    drafted = datetime.fromisoformat(content["drafted_at"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    core.title = f"{title or kind(content).title} {content['number']}"
    core.author, core.last_modified_by, core.comments = content["unit"] or "", "AdWatch", content["schema"]
    core.created = core.modified = drafted
    out = BytesIO()
    document.save(out)
    return at_fixed_time(out.getvalue())


def count(content: Mapping[str, Any]) -> int:
    """Listings of the letter; a preview has fewer rows than the letter has (``total``)."""
    return int(content.get("total", len(content["listings"])))


def kind(content: dict[str, Any]) -> Any:
    """Its row of the table of kinds."""
    return KINDS[content.get("kind", "assist")]


def _body(document: Any, content: dict[str, Any]) -> None:
    total = count(content)
    deciders = "、".join(content["decided_by"])
    found = f"经{deciders}甄别，认为线索属实。" if deciders else ""
    refers = content.get("kind") == "refer"
    company = content["company"] or content["platform_label"]
    runs = f"你辖区{company}运营的" if refers else "你单位运营的"
    text(
        document,
        f"我单位在网络监测中发现，{runs}“{content['platform_label']}”平台上有{total}条公开信息，涉嫌违法提供、买卖证书"
        f"或者以虚假承诺推销证书取得服务。{found}现将有关情况函告如下：",
    )
    heading(document, "一、涉嫌违法情况")
    for order, each in enumerate(content["offer_types"], 1):
        notice = each["notice"].strip().rstrip("。")
        said = f"：{notice}" if notice else ""
        text(document, f"（{_chinese(order)}）{each['label']}（{each['listings']}条）{said}。")
    text(document, "同一条信息涉及多种情形的，分别计入。以上均为涉嫌违法线索，最终以有权机关的认定为准。")
    if (before := content.get("asked_before")) and before["listings"]:
        text(document, _again(before))
    heading(document, "二、有关法律依据")
    for sentence in _law(content):
        text(document, sentence)
    _asked(document, content)
    # the seal never stands on a page of its own: the last words go with it
    text(document, "特此函告，感谢支持。", keep=True)
    official.annexes(document, [f"涉嫌违法信息清单（共{total}条）"])


def _again(before: Mapping[str, Any]) -> str:
    """That some of it was asked for before, by which letters."""
    letters = [earlier(each) for each in before["letters"]]
    named = "、".join(letters[:NAMED]) + (f"等{len(letters)}件" if len(letters) > NAMED else "")
    return (
        f"其中{before['listings']}条信息，我单位此前已去函要求处置（{named}），核验已下架后又在原链接重新上架，"
        "附件中逐条注明，请一并说明原因和防止再次上架的措施。"
    )


def earlier(each: Mapping[str, Any]) -> str:
    """An earlier letter by its number and date, in words."""
    return f"{each['document_number'] or '内部编号' + each['number']}，{chinese_day(each['date'])}"


def asked_before(row: Mapping[str, Any]) -> str:
    """The earlier letters that asked for a listing; nothing where none did, nor of requests of earlier versions."""
    return "；".join(earlier(each) for each in row.get("asked_before", ()))


def _asked(document: Any, content: dict[str, Any]) -> None:
    within = deadline(content)
    if content.get("kind") == "refer":
        heading(document, "三、请你单位依法处理事项")
        text(document, f"（一）请依职权督促该平台经营者{within}，对附件所列信息采取删除、屏蔽、断开链接等必要措施。")
        text(document, "（二）请督促其保存有关发布内容、经营者身份信息及交易记录；构成违法的，请依法查处。")
        text(document, "（三）处理情况请函复我单位；认为不属于你单位管辖的，请将附件所列线索退回并说明理由。")
        return
    heading(document, "三、请你单位协助事项" if content.get("kind") != "urge" else "三、清理要求")
    text(document, f"（一）请{within}，对附件所列信息依法采取删除、屏蔽、断开链接等必要措施。")
    text(document, "（二）妥善保存上述信息的发布内容、发布时间、经营者身份信息及相关交易记录，不得因下架而灭失。")
    text(document, "（三）对同一经营者及同类信息开展排查，采取措施防止改头换面重新上架。")
    text(document, "（四）处置完毕后书面反馈各条信息的处置措施和时间；有异议的，请在期限内书面说明并附材料。")


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


def _annex(document: Any, content: dict[str, Any]) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    official.landscape(section)
    paragraph(document, "附件", font=HEADING)
    paragraph(document, "涉嫌违法信息清单", font=TITLE, size=Pt(20), align=CENTER, line=30)
    head = (
        f"函件内部编号：{content['number']}    平台：{content['platform_label']}    "
        f"共{count(content)}条    拟稿日期：{chinese_day(content['drafted_day'])}"
    )
    paragraph(document, head, size=Pt(12), line=20).paragraph_format.space_after = Pt(4)
    within = deadline(content, short=True)
    add_table(document, COLUMNS, [_row(row, within) for row in content["listings"]])
    note = (
        "说明：证据编号由监测取证记录号和原始数据SHA-256校验值前16位组成，完整校验值见随函数据文件。"
        "“违法原文”为监测时页面文字摘录，其中联系方式、证件号码已作脱敏处理，原始记录由我单位留存备查。"
    )
    paragraph(document, note, size=Pt(10.5), line=16)


def _row(row: dict[str, Any], within: str) -> tuple[str, ...]:
    link = printable(row["url"] or f"平台内编号：{row['native_id']}")
    lead = f"\n线索 {row['lead_number']}" if row["lead_number"] else ""
    link += f"\n（前次去函：{before}）" if (before := asked_before(row)) else ""
    captured = f"\n{chinese_day(row['captured_at'][:10])}{row['captured_at'][10:]}" if row["captured_at"] else ""
    return (
        str(row["seq"]),
        link,
        row["seller_name"] or "页面未显示",
        "\n".join(f"“{quote}”" for quote in row["quotes"]),
        "涉嫌" + "、".join(row["offer_labels"]) if row["offer_labels"] else "涉嫌违法",
        "\n".join(row["cites"]) or "待核定",
        (row["evidence_number"] or "无") + captured + lead,
        within,
    )


def deadline(content: dict[str, Any], short: bool = False) -> str:
    """Within what time, in words, and where that comes from."""
    hours, days, source = content["deadline_hours"], content.get("deadline_days"), content["deadline_source"]
    if hours is None and days is None:
        return "收函后及时" if short else "在收到本函后及时"
    within = f"{days}个工作日内" if days is not None else f"{hours}小时内"
    if short:
        return f"收函后{within}"
    return f"在收到本函后{within}" + (f"（期限依据：{source}）" if source else "")


def heading(document: Any, words: str) -> None:
    """A heading of the first level: 黑体 (7.3.3)."""
    text(document, words, keep=True, font=HEADING)


def _chinese(number: int) -> str:
    digits = "零一二三四五六七八九十"
    if number <= 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    return (digits[tens] if tens > 1 else "") + "十" + (digits[ones] if ones else "")
