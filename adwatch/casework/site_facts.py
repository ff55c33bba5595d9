"""What the papers of a transfer say of each site: address, time, proof, hosting, filings, why it is suspected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from io import BytesIO
from typing import Any

from docx import Document
from sqlalchemy import Connection

from adwatch.casework import official
from adwatch.casework.docx_parts import TITLE, add_table, at_fixed_time, paragraph
from adwatch.casework.official import CENTER, LINE, text
from adwatch.casework.shown import local, printable
from adwatch.store import sites as store
from adwatch.tables.site_rules import HOW, KINDS

Row = dict[str, Any]
OWN = ("class", "scope", "settled")
"""Of what is known of a site, what concerns the office alone."""
UNKNOWN = "接入者未知，请通信管理部门协助查明"
COLUMNS = (("项目", 40), ("内容", 116))
ASKED = {
    "cyberspace": "请依法对上述网站采取停止访问等处置措施（封堵），并将处置情况反馈我单位。",
    "telecom": "请核查上述网站的ICP备案和接入情况，对未备案、冒用备案号的依法处理，并将情况反馈我单位。",
    "host": "请核查上述网站的接入、托管情况，依法停止为其提供互联网接入、服务器托管、网络存储、通讯传输等服务，"
    "保存有关日志和登记信息，并将处置情况反馈我单位。",
}
"""What each receiver is asked to do."""


def site_facts(connection: Connection, case_ids: Sequence[int], zone: tzinfo) -> list[Row]:
    """The sites that some cases are about; texts of pages are made printable, contacts are masked already."""
    rows = store.sites_of_cases(connection, case_ids)
    looks = store.looks_of(connection, [row["id"] for row in rows])
    seen = store.sightings_of(connection, [row["id"] for row in rows])
    return [_facts(row, looks.get(row["id"], []), [s for s in seen if s["site_id"] == row["id"]], zone) for row in rows]


def _facts(row: Row, looks: list[Row], seen: list[Row], zone: tzinfo) -> Row:
    seen_there = [look for look in looks if not look["gone"] and look["word"] != "offline"]
    best = max(seen_there, key=lambda look: (look["score"], look["id"]), default=None)
    facts = best["facts"] if best else {}
    why = [point["why"] for point in best["points"] if point["points"] > 0] if best else list(row["why"])
    return {
        "site_id": row["id"],
        "kind_label": KINDS[row["kind"]],
        "name": printable(row["name"]),
        "url": printable(str(facts.get("url") or row["url"] or "")),
        "title": printable(str(facts.get("title") or "")),
        "server_ip": facts.get("server_ip") or "",
        "holder": facts.get("holder") or "",
        "issuer": printable(str(facts.get("issuer") or "")),
        "certificate": facts.get("certificate") or "",
        "filings": [printable(each) for each in facts.get("filings") or ()],
        "contacts": [printable(each) for each in facts.get("contacts") or ()],
        "first_seen": local(row["first_seen_at"], zone),
        "seen_at": local(best["at"], zone) if best else "",
        "page_capture_id": best["page_capture_id"] if best else None,
        "about": {
            name: printable(str(value))
            for name, value in row["about"].items()
            if name not in ("class", "scope", "settled")
        },
        "why": [printable(each) for each in why],
        "met": [f"{HOW[each['how']]}：{each['platform'] or '名单'} {each['day']}" for each in seen[:20]],
        "met_total": len(seen),
    }


def asks(content: Row) -> str:
    """What the letter asks of its receiver, with each site's address, server and times."""
    lines = []
    for at, site in enumerate(content["sites"], 1):
        where = f"，服务器地址{site['server_ip']}" if site["server_ip"] else ""
        filed = f"，页面标注备案号{'、'.join(site['filings'])}" if site["filings"] else "，页面未标注备案号"
        seen = f"，{site['seen_at']}仍可访问" if site["seen_at"] else ""
        lines.append(f"{at}．{site['url'] or site['name']}（{site['kind_label']}{where}{filed}{seen}）")
    return "；".join(lines) + "。" + ASKED.get(content.get("receiver", ""), "")


def site_paper(content: Row) -> bytes:
    """仿冒网站情况: a table a site."""
    document = Document()
    official.page(document, "none")
    paragraph(document, "仿冒网站情况", font=TITLE, align=CENTER, line=34)
    for site in content["sites"]:
        rows = [
            ("名称", f"{site['kind_label']} {site['name']}"),
            ("地址", site["url"] or "—"),
            ("页面标题", site["title"] or "—"),
            (
                "服务器地址、接入者",
                f"{site['server_ip'] or '未知'} {site['holder'] or '接入者未知，请通信管理部门协助查明'}",
            ),
            ("TLS证书", f"{site['issuer']} {site['certificate']}".strip() or "无（未加密）"),
            ("备案号", "、".join(site["filings"]) or "未标注"),
            ("联系方式（脱敏）", "、".join(site["contacts"]) or "未见"),
            ("首次发现、取证时间", f"{site['first_seen']}；{site['seen_at'] or '—'}"),
            ("取证记录", f"网页取证 {site['page_capture_id']}" if site["page_capture_id"] else "—"),
            ("认为可疑的依据", "；".join(site["why"]) or "—"),
            (f"发现途径（共{site['met_total']}次）", "；".join(site["met"]) or "—"),
        ]
        add_table(document, COLUMNS, rows)
        paragraph(document, "", line=LINE)
    text(document, "与其他网站、信息的关联见 network/graph.graphml（可用 Gephi、yEd 打开）和 graph.json。")
    core = document.core_properties
    core.title, core.author, core.comments = f"仿冒网站情况 {content['number']}", content["unit"], content["schema"]
    made = datetime.fromisoformat(content["made_at"]).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    core.created = core.modified = made
    out = BytesIO()
    document.save(out)
    return at_fixed_time(out.getvalue())
