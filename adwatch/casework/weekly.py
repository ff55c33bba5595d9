"""The weekly list of flagged listings: its columns, its rows as known at a time, and the figures beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.platform_info import PlatformInfo
from adwatch.casework.shown import Shown, cites, evidence_number, labels, local, printable, show
from adwatch.casework.states import BANDS, OUTCOMES, RESULTS, SCOPES, STATES, SURE, UNDO, WORDS, answers_told
from adwatch.errors import UsageError
from adwatch.store import exports as store
from adwatch.store.back import Back, back_as
from adwatch.store.cases import cases_of_listings, decisions_of, events_of
from adwatch.store.corrections import STANDING
from adwatch.store.coverage import coverage
from adwatch.store.takedowns import requests_by_listing
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.tables import Family, Law, OfferClass

COLUMNS = {
    "seq": "序号",
    "lead_number": "线索编号",
    "found_at": "发现时间",
    "platform_label": "平台",
    "domicile": "平台住所地",
    "seller_name": "店铺",
    "operator": "经营主体/信用代码",
    "region": "经营地(来源)",
    "title": "标题",
    "url": "链接",
    "quotes": "违法原文",
    "family_labels": "证书类别",
    "offer_labels": "违法类型",
    "cites": "依据",
    "price": "价格/销量",
    "contacts": "联系方式(脱敏)",
    "evidence": "证据号",
    "decision": "甄别单位及结论",
    "disposal": "处置",
    "checked_at": "核验时间",
    "relisted": "是否复现",
}
"""Cells of a row that the sheet shows, in its order, with the headings of the form."""
COVERED = {
    "day": "日期",
    "platform_label": "平台",
    "outcome_label": "结果",
    "sure_label": "可信程度",
    "terms": "检索词",
    "pages": "页面",
    "seen": "所见",
    "new": "新增",
    "vanished": "消失",
    "flagged": "命中",
    "blocked": "被拦截",
    "unreachable": "无法访问",
    "unknown": "原因不明",
    "stale": "数据未更新",
    "layout_changed": "页面改版",
    "said_label": "站点答复",
}
"""Cells of a row of the coverage table beside the list, with their headings."""
COUNTED = tuple(name for name in COVERED if name != "day" and not name.endswith("_label"))

BACK_NAMED = 5
"""Leads on what is back that one cell names, at most."""
_BARE_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Tables:
    """What the labels of a list are taken from."""

    law: Law
    classes: Mapping[str, OfferClass]
    families: Mapping[str, Family]
    platforms: Mapping[str, PlatformInfo]
    zone: tzinfo


def week_days(week: str) -> tuple[date, date]:
    """Monday and Sunday of an ISO week such as 2026-W47."""
    try:
        year, number = week.split("-W")
        if len(year) != 4 or len(number) != 2:
            raise ValueError(week)
        monday = date.fromisocalendar(int(year), int(number), 1)
    except ValueError as error:
        raise UsageError(f"--week {week}: 没有这一周；写作如 2026-W47") from error
    return monday, monday + timedelta(days=6)


def iso_week(day: date) -> str:
    """The ISO week of a day: 2026-W47."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


def weekly(connection: Connection, week: str, at: datetime, tables: Tables) -> dict[str, Any]:
    """Rows and figures of a week as known at a time; personal data is masked."""
    monday, sunday = (day.isoformat() for day in week_days(week))
    ids = store.first_flagged(connection, monday, sunday, at)
    views = versions_of(connection, ids)
    cases = cases_of_listings(connection, ids)
    case_ids = [case["id"] for case in cases.values()]
    decisions = decisions_of(connection, case_ids, at)
    events = events_of(connection, "case", case_ids)
    asked = requests_by_listing(connection, ids, at)
    back = back_as(connection, ids, at)
    rows = []
    for listing_id in ids:
        view, case = as_offered(views[listing_id], at), cases.get(listing_id)
        history = [event for event in events.get(case["id"], []) if event["at"] <= at] if case else []
        found = decisions.get(case["id"], []) if case else []
        row = _row(view, case, history, found, asked.get(listing_id, []), tables)
        rows.append({**row, "relisted": _relisted(row["relisted"], back.get(listing_id, []), tables)})
    rows.sort(key=lambda row: (row["scope"] != "safety_production", row["found_at"]))
    for seq, row in enumerate(rows, 1):
        row["seq"] = seq
    outcomes = store.outcomes(connection, monday, sunday, at)
    seen = [_covered(row, tables) for row in coverage(connection, monday, sunday, at)]
    return {"rows": rows, "statistics": _statistics(rows, outcomes, tables), "coverage": seen}


def _covered(row: Mapping[str, Any], tables: Tables) -> dict[str, Any]:
    """What a day's patrols of a platform saw and could not see, and how sure that is."""
    info = tables.platforms.get(row["platform"]) or PlatformInfo(row["platform"])
    words = {"outcome_label": OUTCOMES.get(row["outcome"], row["outcome"] or ""), "sure_label": SURE[row["sure"]]}
    words["said_label"] = answers_told(row["said"])
    return {name: row[name] for name in ("day", "platform", *COUNTED)} | {"platform_label": info.label, **words}


def _row(
    view: ListingView,
    case: dict[str, Any] | None,
    history: Sequence[dict[str, Any]],
    decisions: Sequence[dict[str, Any]],
    requests: Sequence[dict[str, Any]],
    tables: Tables,
) -> dict[str, Any]:
    state = _state(history)
    corrected = decisions[-1]["corrected"] if decisions and state in STANDING else None
    view = replace(view, corrected=corrected)  # as it stood then
    item, verdict, shown = view.listing, view.reading, show(view)
    info = tables.platforms.get(item.platform) or PlatformInfo(item.platform)
    types = list(verdict.offer_types) if verdict else []
    kinds = list(verdict.certificate_kinds) if verdict else []
    checks = [check for request in requests for check in request["checks"]]
    known = [check for check in checks if check["word"] != "unknown"]
    return {
        "seq": 0,
        "lead_number": next((e["detail"]["lead_number"] for e in history if "lead_number" in e["detail"]), ""),
        "found_at": _found(view, tables.zone),
        "platform_label": info.label,
        "domicile": info.domicile or "",
        "seller_name": shown.seller,
        "operator": "/".join(printable(each) for each in (item.operator_name, item.uscc) if each),
        "region": _region(view),
        "title": shown.title,
        "url": item.url or item.native_id,
        "quotes": "；".join(f"“{quote}”" for quote in shown.quotes),
        "family_labels": "、".join(labels(kinds, tables.families)),
        "offer_labels": "、".join(labels(types, tables.classes)),
        "cites": "；".join(cites(verdict, view.day, tables.law, tables.classes)),
        "price": _price(view, shown),
        "contacts": "；".join(shown.contacts),
        "evidence": evidence_number(view),
        "decision": _decision(state, decisions, tables.zone) + ("" if decisions else _now(view)),
        "disposal": "；".join(_disposal(request, tables.zone) for request in requests),
        "checked_at": local(checks[-1]["at"], tables.zone) if checks else "",
        "relisted": _up_again([check["word"] for check in known]),
        "listing_id": item.listing_id,
        "case_id": case["id"] if case else None,
        "platform": item.platform,
        "native_id": item.native_id,
        "scope": (verdict.scope if verdict else None) or (case["scope"] if case else "other_credential"),
        "offer_types": types,
        "certificate_kinds": kinds,
        "score": round(verdict.score, 4) if verdict else 0.0,
        "state": state,
        "dismissed": state in ("dismissed", "excluded"),
    }


def _state(history: Sequence[dict[str, Any]]) -> str:
    """The state after the last event; opening and re-opening name no state of their own."""
    named = {"opened": "screening", "reopened": "reopened"}
    for event in reversed(history):
        if event["kind"].startswith("track_"):
            continue  # a step of a track is no state of the case
        state = event["detail"].get("to") or named.get(event["kind"])
        if state:
            return str(state)
    return "screening"


def _found(view: ListingView, zone: tzinfo) -> str:
    """The patrol day of the first flag; with the time where the clock agrees with that day."""
    day = view.first_flagged_day or view.day
    when = local(view.first_flagged_at, zone)
    return when if when.startswith(day) else day


def _region(view: ListingView) -> str:
    region, source = view.listing.seller_region, view.listing.seller_region_source
    return f"{printable(region)}（{printable(source or '来源不明')}）" if region else ""


def _price(view: ListingView, shown: Shown) -> str:
    item = view.listing
    price = item.price_text or (f"{item.price_fen / 100:.2f}" if item.price_fen is not None else "")
    price += "元" if _BARE_NUMBER.fullmatch(price) else ""
    sales = item.sales_text or (f"评价{item.reviews_count}条" if item.reviews_count is not None else "")
    return " / ".join(printable(each) for each in (price, sales) if each)


def _decision(state: str, decisions: Sequence[dict[str, Any]], zone: tzinfo) -> str:
    if not decisions or decisions[-1]["result"] == UNDO:
        return STATES[state]
    last = decisions[-1]
    said = f"{printable(last['unit'])}：{RESULTS[last['result']]}（{local(last['at'], zone)[:10]}）"
    return f"{said}，{STATES[state]}" if state in ("reopened", "closed") else said


def _now(view: ListingView) -> str:
    """What the classifier says today of a listing that it flagged once and that no one has decided on yet."""
    if view.verdict is None or view.verdict.band == "flagged":
        return ""
    return f"（现版识别：{BANDS[view.verdict.band]}）"


def _disposal(request: dict[str, Any], zone: tzinfo) -> str:
    if request["sent_at"] is None:
        return f"{request['number']} {'已作废' if request['state'] == 'void' else '已拟函'}"
    said = f"{request['number']} {local(request['sent_at'], zone)[:10]}发函"
    known = [check for check in request["checks"] if check["word"] != "unknown"]
    if known:
        said += f"，{local(known[-1]['at'], zone)[:10]}核验{WORDS[known[-1]['word']]}"
    return said


def _relisted(same_link: str, back: Sequence[Back], tables: Tables) -> str:
    """是 with the leads that were opened on what is back elsewhere; else what holds of the listing's own link."""
    if not back:
        return same_link
    named = []
    for each in back[:BACK_NAMED]:
        lead = f"线索 {each.lead_number}" if each.lead_number else f"案件 {each.case_id}（未登记）"
        info = tables.platforms.get(each.platform) or PlatformInfo(each.platform)
        named.append(f"{lead}，{info.label}")
    more = f"；共 {len(back)} 件" if len(back) > BACK_NAMED else ""
    return f"是（{'原链接；' if same_link == '是' else ''}{'；'.join(named)}{more}）"


def _up_again(words: Sequence[str]) -> str:
    """是 where a listing that was gone was seen again, 否 where it stayed away; empty before it was ever gone."""
    if "gone" not in words:
        return ""
    return "是" if any(word != "gone" for word in words[words.index("gone") :]) else "否"


def _statistics(
    rows: Sequence[dict[str, Any]], outcomes: Mapping[str, Counter[str]], tables: Tables
) -> list[dict[str, Any]]:
    """Blocks of figures: (id, name, number); a listing counts under each of its classes and families."""
    types = Counter(each for row in rows for each in row["offer_types"])
    kinds = Counter(each for row in rows for each in row["certificate_kinds"])
    platforms = Counter(row["platform"] for row in rows)
    named = {name: info.label for name, info in tables.platforms.items()}
    blocks = [
        ("platform", "按平台", [(key, named.get(key, key), n) for key, n in platforms.items()]),
        ("scope", "按范围", [(k, SCOPES.get(k, k), n) for k, n in Counter(r["scope"] for r in rows).items()]),
        ("class", "按违法类型", [(key, labels([key], tables.classes)[0], n) for key, n in types.items()]),
        ("family", "按证书类别", [(key, labels([key], tables.families)[0], n) for key, n in kinds.items()]),
        ("state", "按甄别状态", [(k, STATES[k], n) for k, n in Counter(r["state"] for r in rows).items()]),
    ]
    found: list[dict[str, Any]] = [
        {"id": name, "title": title, "rows": sorted(block, key=lambda each: (-each[2], each[0]))}
        for name, title, block in blocks
    ]
    runs = [
        (f"{platform}:{word}", f"{named.get(platform, platform)}：{OUTCOMES.get(word, word)}", count)
        for platform, words in outcomes.items()
        for word, count in sorted(words.items())
    ]
    if runs:
        found.append({"id": "outcome", "title": "平台巡查结果（次）", "rows": runs})
    return found
