"""The papers of a transfer as .docx: letter, case summary or investigation report, lists, receipt form.

Drafts for the office's own document system: number, signatory, date and seal are left where they are not entered. The
same content gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.shared import Pt

from adwatch.casework import official
from adwatch.casework.citations import apart, joined
from adwatch.casework.docx_parts import HEADING, TITLE, add_table, at_fixed_time, paragraph
from adwatch.casework.official import CENTER, LINE, Facts, text
from adwatch.casework.site_facts import asks
from adwatch.casework.transfer_content import punished
from adwatch.casework.transfer_table import KINDS

Row = dict[str, Any]

EVIDENCE = (("序号", 12), ("证据编号", 34), ("来源（链接）", 92), ("取证时间", 34), ("原始数据 SHA-256", 85))
SELLERS = (
    ("组", 10),
    ("线索编号", 34),
    ("平台", 22),
    ("店铺（账号）", 44),
    ("经营主体、信用代码", 60),
    ("所在地（来源）", 40),
    ("联系方式（脱敏）", 47),
)
ITEMS = (("序号", 14), ("物品名称、特征", 90), ("数量", 24), ("备注", 28))
LISTED = (
    ("序号", 12),
    ("线索编号", 34),
    ("平台、店铺", 40),
    ("链接", 60),
    ("违法原文（摘录，已脱敏）", 62),
    ("涉嫌类型、依据", 49),
)
"""Headings and widths in mm: 257 mm on a page across, 156 mm on an upright one."""


def letter(content: Row) -> bytes:
    """移送函 or 移送书."""
    kind = KINDS[content["kind"]]
    document, facts = _begin(content, kind.title)
    paragraph(document, f"{content['addressee']}：", line=LINE)
    total = sum(len(case["listings"]) for case in content["cases"])
    deciders = "、".join(dict.fromkeys(case["decided_by"] for case in content["cases"] if case["decided_by"]))
    text(
        document,
        f"我单位在网络监测中发现{total}条公开信息（线索{len(content['cases'])}件），"
        + (f"经{deciders}甄别属实，" if deciders else "")
        + _suspicion(content),
    )
    if content["reason"]:
        text(document, f"移送理由：{content['reason']}")
    if content["officers"]:
        named = "、".join(f"{each['name']}（执法证号{each['certificate']}）" for each in content["officers"])
        text(document, f"承办人：{named}。")
    text(document, _asked(content))
    text(document, "特此移送。", keep=True)  # the seal never stands on a page without text
    official.annexes(document, annexes(content))
    official.signature(document, content["unit"], facts, "联系人：            联系电话：                ")
    return _done(document, content, kind.title)


def annexes(content: Row) -> list[str]:
    """Names of the annexes, as the letter lists them."""
    first = "涉嫌犯罪案件情况的调查报告" if content["kind"] == "case" else "案情摘要"
    names = [first, "证据清单", "卖家关联情况", "证据包（电子数据，附校验说明）", "回执"]
    if content.get("sites"):
        names.insert(1, "仿冒网站情况")
    if content["kind"] == "case":
        names[1:1] = ["涉案物品清单", "检验报告或者鉴定结论"]
    return names


def _suspicion(content: Row) -> str:
    cited = list(dict.fromkeys(cite for case in content["cases"] for row in case["listings"] for cite in row["cites"]))
    others, crimes = apart(cited)
    if content["kind"] == "site":
        return "涉嫌仿冒政府网站或者提供虚假证书查询。"
    said = f"涉嫌触犯{joined(crimes)}" if crimes else "涉嫌犯罪"
    also = f"，同时涉嫌违反{joined(others)}" if others else ""
    return f"{said}{also}。是否构成犯罪，由你单位依法认定。"


def _asked(content: Row) -> str:
    if content["kind"] == "case":
        fined = "已作出的行政处罚决定书一并附送。" if punished(content) else "我单位未作出行政处罚。"
        return (
            "根据《行政执法机关移送涉嫌犯罪案件的规定》（国务院令第310号），现将案件及有关材料移送你单位，请在回执上签字，并自接受移送之日起"
            "三日内依法审查决定是否立案，书面通知我单位；不予立案的，请说明理由并退回案卷材料。" + fined
        )
    if content["kind"] == "site" and content.get("sites"):
        return asks(content)
    if content["kind"] == "site":
        return "现将有关线索移送你单位，请依法核查处置，并将处置情况反馈我单位。"
    return "现将问题线索移送你单位，请签收并将办理情况反馈我单位。"


def summary(content: Row) -> bytes:
    """案情摘要; of a case the 情况调查报告, to be finished by its officers."""
    title = "涉嫌犯罪案件情况的调查报告" if content["kind"] == "case" else "案情摘要"
    document, _ = _begin(content, title, head=False)
    _heading(document, "一、线索来源和甄别情况")
    for case in content["cases"]:
        decided = f"，{case['decided_at']}由{case['decided_by']}甄别属实" if case["decided_by"] else ""
        text(document, f"线索{case['lead_number'] or case['case_id']}：{case['registered_at']}登记{decided}。")
        for each in case["tracks"]:
            text(document, f"{each['track_label']}：{each['step_label']}。")
    _heading(document, "二、涉嫌违法犯罪事实")
    for row in (each for case in content["cases"] for each in case["listings"]):
        quoted = "".join(f"“{quote}”" for quote in row["quotes"])
        shop = f"店铺“{row['seller']}”" if row["seller"] else "一信息发布者"
        text(
            document,
            f"{row['captured_at']}，“{row['platform_label']}”平台{shop}发布信息：{quoted}（{row['evidence_number']}）。",
        )
    if content["kind"] == "case":
        for name in ("三、调查经过", "四、涉案人员和涉案金额", "五、定性和移送意见"):
            _heading(document, name)
            text(document, "（由承办人填写）")
        if content["no_report"]:
            text(document, f"没有检验报告或者鉴定结论：{content['no_report']}")
    _across(document, "涉嫌违法信息清单", LISTED, _listed(content))
    return _done(document, content, title)


def evidence_list(content: Row) -> bytes:
    """证据清单."""
    document, _ = _begin(content, "证据清单", head=False)
    text(document, "下列电子数据的原始记录、截图及校验值在证据包内，可离线核验。")
    rows = [
        (str(at), each["capture"], each["url"], each["captured_at"], each["sha256"])
        for at, each in enumerate(content["evidence"], 1)
    ]
    _across(document, "电子数据", EVIDENCE, rows)
    return _done(document, content, "证据清单")


def seller_list(content: Row) -> bytes:
    """卖家关联情况: who shares an account, a company or a contact stands in one group."""
    document, _ = _begin(content, "卖家关联情况", head=False)
    groups = len({each["group"] for each in content["sellers"]})
    text(
        document,
        f"共{len(content['sellers'])}条信息，按账号、经营主体、联系方式相同归为{groups}组。未脱敏的内容在证据包内。",
    )
    rows = [
        (
            str(each["group"]),
            each["lead_number"] or "",
            each["platform_label"],
            f"{each['seller']}（{each['seller_id']}）" if each["seller_id"] else each["seller"],
            f"{each['operator']} {each['uscc']}".strip() or "未显示",
            f"{each['region']}（{each['region_source'] or '来源不明'}）" if each["region"] else "未显示",
            "\n".join(each["contacts"]),
        )
        for each in content["sellers"]
    ]
    _across(document, "卖家", SELLERS, rows)
    return _done(document, content, "卖家关联情况")


def item_list(content: Row) -> bytes:
    """涉案物品清单."""
    document, _ = _begin(content, "涉案物品清单", head=False)
    if not content["items"]:
        text(document, "本案没有扣押、先行登记保存的实物；电子数据见证据清单。")
    rows = [(str(at), each, "", "") for at, each in enumerate(content["items"], 1)]
    add_table(document, ITEMS, rows or [("", "无", "", "")])
    text(document, "移交人：            接收人：            时间：    年    月    日")
    return _done(document, content, "涉案物品清单")


def receipt(content: Row) -> bytes:
    """The form that is signed and sent back (回执)."""
    document, _ = _begin(content, "回    执", head=False)
    paragraph(document, f"{content['unit'] or '（移送机关）'}：", line=LINE)
    text(document, f"你单位移送的“{KINDS[content['kind']].label}”（内部编号{content['number']}）及所附材料已收到。")
    text(document, "材料份数：        证据包校验值（manifest.json 的 SHA-256，移送时另行告知）核对：□一致  □不一致")
    text(document, "接收人：            职务：            联系电话：")
    text(document, "签收时间：    年    月    日    时    分")
    official.signature(document, content["addressee"], Facts(), "此件签字盖章后退移送机关")
    return _done(document, content, "回执")


def _begin(content: Row, title: str, head: bool = True) -> tuple[Any, Facts]:
    document = Document()
    facts = Facts(content["document_number"], content["signatory"], content["document_date"])
    if head:
        official.page(document, "letter")
        official.head(document, content["unit"], content["number"], title, "letter", facts)
    else:
        official.page(document, "none")
        paragraph(document, f"内部编号：{content['number']}", size=Pt(12), line=20)
        paragraph(document, title, font=TITLE, size=Pt(22), align=CENTER, line=34)
        paragraph(document, "", line=LINE)
    return document, facts


def _heading(document: Any, words: str) -> None:
    paragraph(document, words, font=HEADING, indent=2, line=LINE, keep=True)


def _across(document: Any, title: str, columns: tuple[tuple[str, int], ...], rows: Sequence[tuple[str, ...]]) -> None:
    official.landscape(document.add_section(WD_SECTION.NEW_PAGE))
    paragraph(document, title, font=TITLE, size=Pt(20), align=CENTER, line=30)
    add_table(document, columns, rows)


def _listed(content: Row) -> list[tuple[str, ...]]:
    found = [row for case in content["cases"] for row in case["listings"]]
    return [
        (
            str(at),
            row["lead_number"] or "",
            f"{row['platform_label']}\n{row['seller']}",
            row["url"] or f"平台内编号：{row['native_id']}",
            "\n".join(f"“{quote}”" for quote in row["quotes"]),
            "\n".join([*(f"涉嫌{each}" for each in row["offer_labels"]), *row["cites"]]),
        )
        for at, row in enumerate(found, 1)
    ]


def _done(document: Any, content: Row, title: str) -> bytes:
    core = document.core_properties
    made = datetime.fromisoformat(content["made_at"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    core.title, core.author, core.last_modified_by = f"{title} {content['number']}", content["unit"], "AdWatch"
    core.comments, core.created, core.modified = content["schema"], made, made
    out = BytesIO()
    document.save(out)
    return at_fixed_time(out.getvalue())
