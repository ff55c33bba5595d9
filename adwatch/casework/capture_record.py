"""监测记录 of a patrol's captures and 《电子数据提取笔录》 of a filed case, as .docx to be signed by hand.

After SAMR's 电子数据取证暂行规定 (in force 2024-04-07): who, when, where, what, by which software, in what state the
machine was, each step with its time, the files with their digests, the earlier capture. What was measured is said as
measured, and what was not measured is said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from io import BytesIO
from typing import Any

from docx import Document
from docx.shared import Mm, Pt

from adwatch.casework import official
from adwatch.casework.docx_parts import HEADING, TITLE, add_table, at_fixed_time, paragraph
from adwatch.casework.shown import printable
from adwatch.tables.capture import FILES, OCCASIONS, REASONS, STATES

Row = dict[str, Any]

KINDS = {"monitoring": "监测记录", "extraction": "电子数据提取笔录"}
"""Titles by kind."""


_BLANK = "　　　　　　　　年　　月　　日"
_CHAINED = (
    "以上文件自生成时即计算 SHA-256，登记于逐条链接的审计日志，并计入当日默克尔根；"
    "离线核验：adwatch evidence verify、adwatch audit verify。"
)


@dataclass(frozen=True, slots=True)
class Officer:
    """Who extracts."""

    name: str
    number: str
    """执法证号."""


@dataclass(frozen=True, slots=True)
class RecordContent:
    """What a record says."""

    kind: str
    number: str
    unit: str
    case_id: int
    lead_number: str | None
    drawn_at: datetime
    zone: tzinfo
    place: str
    officers: Sequence[Officer]
    drawn_by: str
    environment: Row
    """The machine at the capture, or when the record was drawn."""
    clock: Row
    """Its offset by NTP, or why it was not measured."""
    patrol: Sequence[Row]
    """Of the patrol: platform, url, fetched_at, status, server_ip, sha256, warc, record_id, software; context."""
    earlier: Sequence[Row]
    """Full captures before."""
    pages: Sequence[Row]
    """Full captures that the record is about."""
    notes: list[str] = field(default_factory=list)


def record_paper(content: RecordContent) -> bytes:
    """The .docx; equal content gives equal bytes."""
    document = Document()
    official.page(document, "none")
    section = document.sections[0]  # a record, not an official document: its pages are filled
    section.top_margin, section.bottom_margin, section.footer_distance = Mm(25), Mm(25), Mm(14)
    paragraph(document, content.unit or "（单位）", font=HEADING, size=Pt(18), align=official.CENTER, line=30)
    paragraph(document, KINDS[content.kind], font=TITLE, size=Pt(22), align=official.CENTER, line=34)
    paragraph(document, f"编号：{content.number}", size=Pt(12), align=official.RIGHT, line=20)
    _basics(document, content)
    _heading(document, "一、环境及清洁性检查")
    for line in environment_lines(content.environment):
        _text(document, line)
    _heading(document, "二、时间校准")
    _text(document, clock_line(content.clock))
    _heading(document, "三、此前的取证")
    _earlier(document, content)
    _heading(document, "四、步骤" if content.kind == "extraction" else "四、监测经过")
    for number, line in enumerate(steps(content), 1):
        _text(document, f"{number}．{line}")
    _heading(document, "五、文件及完整性校验值（SHA-256）")
    _files(document, content)
    _heading(document, "六、说明")
    for note in [*content.notes, _CHAINED]:
        _text(document, note)
    _signatures(document, content)
    properties = document.core_properties
    properties.title, properties.author = f"{KINDS[content.kind]} {content.number}", content.unit
    properties.created = properties.modified = content.drawn_at.astimezone(UTC).replace(tzinfo=None)
    out = BytesIO()
    document.save(out)
    return at_fixed_time(out.getvalue())


def _basics(document: Any, content: RecordContent) -> None:
    people = "\n".join(f"{each.name}（执法证号 {each.number}）" for each in content.officers)
    begun = min((row["at"] for row in content.pages), default=content.drawn_at)
    ended = max((row["ended_at"] for row in content.pages), default=content.drawn_at)
    targets = [printable(row["url"] or "（无链接）") for row in content.pages]
    targets = targets or [printable(row["url"]) for row in content.patrol]
    rows = [
        ("案件（线索）编号", f"{content.lead_number or '（未登记）'}　系统编号 {content.case_id}"),
        ("时间", f"{_when(content, begun)} 至 {_when(content, ended)}"),
        ("地点", content.place or "（请填写）"),
        ("提取人员" if content.kind == "extraction" else "监测人员", people or content.drawn_by),
        ("目标网址", "\n".join(dict.fromkeys(targets)) or "（无）"),
    ]
    if content.kind == "extraction":
        rows.append(("当事人（见证人）", "姓名：　　　　　　证件号码：　　　　　　（或：无法通知、未到场的原因）"))
    add_table(document, (("项目", 34), ("内容", 122)), rows)


def environment_lines(facts: Row) -> list[str]:
    """Software, network and cleanliness, as measured."""
    hosts, names = facts["hosts_file"], facts["resolved"]
    if not hosts["readable"]:
        hosts_said = f"hosts 文件无法读取（{hosts['why']}）"
    elif hosts["names_the_host"]:
        hosts_said = "hosts 文件中设有目标域名，解析结果不能视为公网解析"
    else:
        others = "、".join(printable(name) for name in hosts["foreign"][:10])
        hosts_said = "hosts 文件中没有目标域名" + (f"（另设有：{others}）" if others else "，也没有其他外部域名")
    proxies = "、".join(facts["proxies"])
    servers, found = "、".join(facts["dns_servers"]) or "未读到", "、".join(names) or "未能解析"
    set_up = f"环境变量中设有代理（{proxies}）" if proxies else "环境变量中没有代理"
    return [
        f"设备与系统：{printable(facts['machine'])}，{facts['system']}，{facts['kernel']}，Python {facts['python']}。",
        f"{hosts_said}。",
        f"域名服务器：{servers}；目标域名解析为：{found}。",
        f"{set_up}，取证软件不使用代理，直接连接。",
        "浏览器使用一次性空白配置，不装扩展，不保留 Cookie，用后删除；网页请求全部由取证软件发出并归档。",
    ]


def clock_line(facts: Row) -> str:
    """The offset, or why there is none; of a demo, that its time is none."""
    days = facts.get("simulated_days")
    told = f"此为演示：所载时间为模拟时间，比本机时钟相差 {days:+d} 天。" if days else ""
    if facts.get("offset") is None:
        return f"本机时钟偏差未测得：{printable(str(facts.get('why', '未测量')))}。{told or '所载时间为本机时间。'}"
    return told + (
        f"以 NTP 服务器 {printable(facts['server'])}（层级 {facts['stratum']}，往返 {facts['delay']:.3f} 秒）校准，"
        f"本机时钟偏差 {facts['offset']:+.3f} 秒（标准时间 = 本机时间 {facts['offset']:+.3f} 秒）。"
    )


def _earlier(document: Any, content: RecordContent) -> None:
    rows = []
    for row in content.patrol:
        what = f"{_way(row)}\n{printable(row['url'])}"
        if row["status"]:
            what += f"\n应答 {row['status']}，服务器 {row['server_ip'] or '未记录'}"
        rows.append((_when(content, row["fetched_at"]), what, f"{row['warc']}\n{row['record_id']}\n{row['sha256']}"))
    for row in content.earlier:
        files = "\n".join(f"{FILES[kind][2]}\n{file['sha256']}" for kind, file in sorted(row["files"].items()))
        why = f"（{REASONS.get(row['reason'], row['reason'])}）" if row["reason"] else ""
        what = f"网页取证第 {row['id']} 号（{OCCASIONS[row['occasion']]}）\n{STATES[row['state']]}{why}"
        rows.append((_when(content, row["at"]), what, files or "（无文件）"))
    columns = (("时间", 34), ("取证", 60), ("文件及 SHA-256", 62))
    add_table(document, columns, rows or [("", "（无）", "")])


def _way(row: Row) -> str:
    """How a capture came about: by the patrol, or handed over by somebody who took it."""
    if row["status"]:
        return f"巡查取证（{row['software']}）"
    names = (("captured_by", "留存人"), ("captured_with", "留存工具"))
    context = row["context"]
    told = "，".join(f"{label}：{printable(str(context[name]))}" for name, label in names if name in context)
    return f"收存文件（{told or '未注明留存人'}；{row['software']}）"


def steps(content: RecordContent) -> list[str]:
    """What was done when, in order; of each page its answer, how it loaded and what was refused to it."""
    told = []
    for row in content.pages:
        facts = row["facts"]
        target = printable(row["url"] or "（无链接）")
        told.append(f"{_when(content, row['at'])}，{row['person']}启动取证软件，请求 {target}。")
        if facts:
            told += _of_page(content, facts)
        if row["state"] != "captured":
            why = REASONS.get(row["reason"] or "", "")
            end = f"{_when(content, row['ended_at'])}，{STATES[row['state']]}"
            told.append(f"{end}：{why}。{printable(row['message'])}")
    if not content.pages:
        told = [
            f"{_when(content, row['fetched_at'])}，{row['software']} 自动巡查取得 {printable(row['url'])}，"
            f"应答 {row['status']}。"
            if row["status"]
            else f"{_when(content, row['fetched_at'])}，收存文件 {printable(row['url'])}（{_way(row)}）。"
            for row in content.patrol
        ]
    return told or ["没有可以记录的取证。"]


def _of_page(content: RecordContent, facts: Row) -> list[str]:
    at = datetime.fromisoformat(facts["fetched_at"])
    told = [
        f"{_when(content, at)}，服务器 {facts['server_ip']} 应答 {facts['status']}，网址 {printable(facts['url'])}，"
        f"网页标题“{printable(facts['title'])}”；"
        f"共归档 {facts['answers']} 个应答、{facts['bytes']:,} 字节（含 robots.txt）。"
    ]
    for each in facts["certificates"][:1]:
        told.append(
            f"TLS 证书：{printable(each['subject'])}，签发者 {printable(each['issuer'])}，"
            f"有效期 {each['not_before']} 至 {each['not_after']}，SHA-256 {each['sha256']}。"
        )
    if "browser" in facts:
        width, height = facts.get("screenshot_size") or (0, 0)
        cut = f"（全页高 {facts['page_size'][1]} 像素，截至上限）" if facts.get("screenshot_cut") else ""
        shot = f"截图 {width}×{height} 像素{cut}" if height else "未截图"
        scripts = "运行网页脚本" if facts["javascript"] else "不运行网页脚本"
        loaded = "载入完成" if facts.get("loading") == "complete" else "到时限仍未载入完，停止载入"
        told.append(
            f"{_when(content, datetime.fromisoformat(facts['ended_at']))}，"
            f"{facts['software']} 以 {facts['browser']} 渲染"
            f"（{scripts}），{loaded}，{shot}；中文字形自检{'未通过' if facts.get('glyphs_missing') else '通过'}。"
        )
    return told


def _files(document: Any, content: RecordContent) -> None:
    rows: list[tuple[str, ...]] = []
    for row in content.pages:
        for kind, file in sorted(row["files"].items()):
            name = f"{file['name']}\n{FILES[kind][2]}"
            rows.append((str(len(rows) + 1), name, f"{file['size']:,}", file["sha256"]))
    for row in content.patrol if content.kind == "monitoring" else ():
        rows.append((str(len(rows) + 1), f"{row['warc']}\n{row['record_id']}", "", row["sha256"]))
    add_table(document, (("序号", 12), ("文件", 62), ("字节", 22), ("SHA-256", 60)), rows or [("", "（无）", "", "")])


def _signatures(document: Any, content: RecordContent) -> None:
    paragraph(document, "", line=20)
    if content.kind == "extraction":
        _signed(document, "提取人员已核对以上内容，记录属实。")
        for each in content.officers:
            _signed(document, f"{each.name}（执法证号 {each.number}）签名：{_BLANK}")
        _signed(document, f"当事人（见证人）签名：{_BLANK}")
    else:
        for name in [each.name for each in content.officers] or [content.drawn_by]:
            _signed(document, f"监测人员 {name} 签名：{_BLANK}")


def _signed(document: Any, words: str) -> None:
    paragraph(document, words, size=Pt(12), line=24, indent=2, keep=True)


def _heading(document: Any, words: str) -> None:
    paragraph(document, words, font=HEADING, size=Pt(14), line=26, keep=True)


def _text(document: Any, words: str) -> None:
    paragraph(document, words, size=Pt(12), line=20, indent=2)


def _when(content: RecordContent, at: datetime) -> str:
    local = at.astimezone(content.zone)
    return f"{local:%Y年%m月%d日 %H:%M:%S}.{local.microsecond // 1000:03d}"
