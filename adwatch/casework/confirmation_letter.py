"""甄别函 and its reminder (催办函): drafts in the layout of an official letter, by the parts of ``official``.

Document number, signature, date and seal are left to the office's own document system. Equal content, equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document

from adwatch.casework import official as layout
from adwatch.casework.docx_parts import BODY, HEADING, at_fixed_time
from adwatch.casework.official import Facts


def official(
    unit: str,
    number: str,
    title: str,
    addressee: str,
    parts: Sequence[tuple[str, str]],
    annexes: Sequence[str],
    drafted_at: str,
    letterhead: Mapping[str, Any] | None = None,
) -> bytes:
    """A .docx: head, number, title, addressee, ``parts`` as (heading or text, words), annexes, place of the seal.

    ``letterhead``: how the office's letters look (``request.letterhead``); left out, as a letter that asks nobody back.
    """
    document, about, facts = Document(), letterhead or {"style": "letter"}, Facts()
    layout.page(document, about["style"])
    layout.head(document, unit, number, title, about["style"], facts)
    if addressee:
        layout.text(document, f"{addressee}：", indent=0)
    for at, (kind, words) in enumerate(parts):
        # the seal never stands on a page of its own: the last words go with it
        keep = kind == "heading" or at == len(parts) - 1
        layout.text(document, words, keep=keep, font=HEADING if kind == "heading" else BODY)
    if annexes:
        layout.annexes(document, list(annexes))
    person, phone = about.get("contact_person") or " " * 12, about.get("contact_phone") or " " * 16
    layout.signature(document, unit, facts, f"联系人：{person}　联系电话：{phone}" if letterhead else "")
    layout.imprint(document, about, facts)
    core = document.core_properties
    made = datetime.fromisoformat(drafted_at).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    core.title, core.author, core.last_modified_by = f"{title} {number}", unit or "（发文机关）", "AdWatch"
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
        ("text", "特此函告，请予支持。"),
    )
    annex = f"涉嫌违法证书类信息线索清单（共{total}条，电子表格 {content['number']}.xlsx）"
    title = "关于协助甄别涉嫌违法证书类信息线索的函"
    return _about(content, title, parts, annex, content["drafted_at"])


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
        ("text", "特此函告。"),
    )
    annex = f"尚未反馈的线索清单（共{len(missing)}条，编号与原清单相同）"
    title = "关于尽快反馈线索甄别结论的函"
    return _about(content, title, parts, annex, at.isoformat())


def _about(
    content: Mapping[str, Any], title: str, parts: Sequence[tuple[str, str]], annex: str, drafted_at: str
) -> bytes:
    """A letter about a batch; batches of earlier versions name no letterhead and keep the letter form."""
    letterhead = content.get("letterhead") or {"style": "letter"}
    unit, number, addressee = content["unit"], content["number"], content["addressee"]
    return official(unit, number, title, addressee, parts, [annex], drafted_at, letterhead)
