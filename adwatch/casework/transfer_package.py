"""The package of a transfer: its papers, what was attached, and the evidence of each of its cases, as one ZIP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from adwatch.casework import transfer_papers as papers
from adwatch.casework.case_package import Sources, attached, case_package
from adwatch.casework.site_facts import site_paper
from adwatch.casework.site_graph import as_graphml, as_json, network
from adwatch.casework.transfer_content import chain_of, seller_of
from adwatch.evidence import package as p
from adwatch.store import cases as store
from adwatch.store.views import as_offered, versions_of

Row = dict[str, Any]
FOLDER = "transfers"
CASES = "cases"
MOST_TOGETHER = 40
"""Sites that may show one value before it joins nobody, in the graph of a package."""

README = """移送材料包 Transfer package

papers/       移送书（函）、案情摘要或者调查报告、证据清单、卖家关联情况、涉案物品清单、回执
attachments/  所附材料（原文件名见 attachments.json）
cases/        每件线索的证据包内容，未经脱敏，限办案使用
network/      仿冒网站与其他网站、信息的关联（GraphML、JSON；仅仿冒网站类）
transfer.json sellers.json   移送内容；卖家关联情况（未脱敏）
核验（无需联网，只需本文件）：  adwatch evidence verify 本文件
没有 AdWatch 时，解压后执行：    sha256sum --check manifest.sha256 SHA256SUMS
"""

PAPERS: dict[str, tuple[str, Callable[[Row], bytes]]] = {
    "letter": ("papers/01-letter.docx", papers.letter),
    "investigation_report": ("papers/02-report.docx", papers.summary),
    "evidence": ("papers/03-evidence.docx", papers.evidence_list),
    "sellers": ("papers/04-sellers.docx", papers.seller_list),
    "item_list": ("papers/05-items.docx", papers.item_list),
    "receipt": ("papers/06-receipt.docx", papers.receipt),
}
"""Papers that are made here, by kind: name in the package and what makes it."""
ONLY_CASE = ("item_list",)
"""Papers of article 6 that only 涉嫌犯罪案件移送 has."""


def transfer_package(
    connection: Connection, row: Row, content: Row, sources: Sources
) -> tuple[Row, dict[str, p.Content]]:
    """(head of the manifest, files by name)."""
    files: dict[str, p.Content] = {
        "README.txt": README.encode(),
        "transfer.json": _json(content),
        "sellers.json": _json(_sellers(connection, row)),
    }
    for kind, (name, make) in PAPERS.items():
        if kind not in ONLY_CASE or row["kind"] == "case":
            files[name] = make(content)
    if content.get("sites"):
        graph = network(connection, [site["site_id"] for site in content["sites"]], MOST_TOGETHER)
        files["papers/07-sites.docx"] = site_paper(content)
        files |= {"network/graph.json": as_json(graph), "network/graph.graphml": as_graphml(graph)}
    files |= attached(connection, sources.home, {"transfer": [row["id"]]})
    for case in row["cases"]:
        _, inside = case_package(connection, case["case_id"], sources)
        files |= {f"{CASES}/CASE-{case['case_id']}/{name}": value for name, value in inside.items()}
    numbers = [case["lead_number"] for case in row["cases"]]
    head = {"kind": "transfer", "number": row["number"], "form": row["kind"], "lead_numbers": numbers}
    return head, files


def _sellers(connection: Connection, row: Row) -> list[Row]:
    """The chain of sellers unmasked: sealed evidence."""
    found = []
    for case in (store.case_by_id(connection, each["case_id"]) for each in row["cases"]):
        if case is not None:
            views = versions_of(connection, case["listings"])
            found += [seller_of(case, as_offered(views[each]), masked=False) for each in case["listings"]]
    return chain_of(found)


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def package_file(home: Path, number: str, sha256: str) -> str:
    """Name of a package under ADWATCH_HOME; by its digest, so that what a crash left behind is never taken for it."""
    return f"{FOLDER}/{number}-{sha256[:16]}.zip"
