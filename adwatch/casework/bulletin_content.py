"""What a bulletin says of cases: masked twice, as everything shown is, and sellers' names beyond that.

A seller or operator is named only where a published decision is cited for the case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.citations import apart, joined
from adwatch.casework.confirmation_differing import Words
from adwatch.casework.shown import cites, labels, local, printable, show
from adwatch.casework.track_table import OUTCOMES, TRACKS
from adwatch.store import bulletins as store
from adwatch.store.cases import decisions_of, lock_cases
from adwatch.store.takedowns import requests_by_listing
from adwatch.store.views import ListingView, as_offered, versions_of

Row = dict[str, Any]


def case_rows(
    connection: Connection, case_ids: Sequence[int], words: Words, named: Mapping[int, str], zone: tzinfo
) -> list[Row]:
    """One row a case; ``named``: number of the published decision by case, where its seller may be named."""
    cases = lock_cases(connection, case_ids)
    listings = [each for case in cases.values() for each in case["listings"]]
    views = versions_of(connection, listings)
    decisions = decisions_of(connection, case_ids)
    tracks = store.tracks(connection, case_ids)
    requests = requests_by_listing(connection, listings)
    rows = []
    for case_id in case_ids:
        case = cases[case_id]
        offered = [as_offered(views[each]) for each in case["listings"]]
        view = max(offered, key=lambda each: each.verdict.score if each.verdict else -1.0)
        verdict, found = view.reading, [each for each in decisions.get(case_id, []) if each["result"] == "confirm"]
        checks = [check for each in case["listings"] for asked in requests.get(each, ()) for check in asked["checks"]]
        ends = [OUTCOMES[each["outcome"]] for each in tracks.get(case_id, ()) if each["outcome"] in OUTCOMES]
        cited = cites(verdict, view.day, words.law, words.classes)
        rows.append(
            {
                "case_id": case_id,
                "lead_number": case["lead_number"],
                "found": local(view.listing.captured_at, zone)[:10] or view.day,
                "platform": words.platforms.get(view.listing.platform, view.listing.platform),
                "seller": _seller(view, named.get(case_id)),
                "decision_document": named.get(case_id, ""),
                "quotes": _quotes(view, case_id in named),
                "offers": labels(verdict.offer_types if verdict else (), words.classes),
                "families": labels(verdict.certificate_kinds if verdict else (), words.families),
                "cites": cited,
                "crimes": apart(cited)[1],
                "found_by": found[-1]["unit"] if found else "",
                "listings": len(offered),
                "gone": bool(checks) and checks[-1]["word"] == "gone",
                "tracks": [TRACKS[each["track"]].label for each in tracks.get(case_id, ()) if each["track"] in TRACKS],
                "outcomes": list(dict.fromkeys(ends)),
            }
        )
    return rows


def masked_name(name: str) -> str:
    """The first character and 某某: 广***店 is not enough, since a shop's name is found by its ends."""
    shown = printable(name)
    return f"{shown[0]}某某" if shown and shown[0].isalpha() else "某网店"


def _seller(view: ListingView, document: str | None) -> str:
    name = view.listing.operator_name or view.listing.seller_name or ""
    if document is not None:
        return show(view).seller if not view.listing.operator_name else printable(view.listing.operator_name)
    return masked_name(name) if name.strip() else "某网店"


def _quotes(view: ListingView, named: bool) -> list[str]:
    """Quotations with what would tell who it is taken out."""
    quotes = show(view).quotes[:2]
    if named:
        return quotes
    names = [each for each in (view.listing.seller_name, view.listing.operator_name) if each and len(each.strip()) > 1]
    shown = show(view).seller
    for name in sorted({*names, shown} - {""}, key=len, reverse=True):
        quotes = [quote.replace(name, masked_name(name)) for quote in quotes]
    return quotes


def narrative(rows: Sequence[Row], first: str, last: str, unit: str) -> str:
    """小结 over the cases of a bulletin."""
    offers = Counter(label for row in rows for label in row["offers"])
    kinds = "、".join(f"{label}{count}件" for label, count in offers.most_common())
    gone = sum(row["gone"] for row in rows)
    outcomes = Counter(label for row in rows for label in row["outcomes"])
    ends = "、".join(f"{label}{count}件" for label, count in outcomes.most_common())
    dealt = f"处理结果：{ends}。" if ends else ""
    listings = sum(row["listings"] for row in rows)
    return (
        f"{first}至{last}，{unit}会同有关部门办结涉安全生产等证书类违法信息案件{len(rows)}件，其中{kinds or '未分类'}"
        f"（同一案件涉及多种情形的分别计入）；涉及信息{listings}条，经核验已下架{gone}件。{dealt}"
    )


def told(row: Row, order: int) -> str:
    """A case as a bulletin tells it."""
    quotes = "、".join(f"“{quote}”" for quote in row["quotes"])
    said = f"发布{quotes}等信息，" if quotes else ""
    others, crimes = apart(row["cites"])
    law = f"涉嫌违反{joined(others)}。" if others else ""
    crime = f"部分行为涉嫌触犯{joined(crimes)}，是否构成犯罪由有权机关依法认定。" if crimes else ""
    by = f"经{row['found_by']}甄别属实。" if row["found_by"] else ""
    ends = f"处理结果：{'、'.join(row['outcomes'])}。" if row["outcomes"] else ""
    gone = "相关信息经核验已下架。" if row["gone"] else ""
    document = f"（{row['decision_document']}）" if row["decision_document"] else ""
    kinds = "、".join(row["offers"]) or "违法提供证书类服务"
    return (
        f"案例{order}：{row['seller']}{document}{kinds}案。{row['found']}，监测发现“{row['platform']}”平台上{row['seller']}{said}"
        f"{law}{crime}{by}{gone}{ends}"
    )
