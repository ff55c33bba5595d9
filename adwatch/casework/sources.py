"""Leads from outside: taken in under their own number, acknowledged, answered, rewarded.

A sheet's rows are listings already (adwatch ingest); here each gets a case with its origin, whatever the machine thinks
of it, and keeps the number under which it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from adwatch.casework.lead_sheet import LeadSheet
from adwatch.casework.origins import Origin
from adwatch.casework.shown import local
from adwatch.casework.states import STATES, WORDS
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor, StageReport
from adwatch.store import outside as store
from adwatch.store import schema as s
from adwatch.store.attachments import keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import cases_of_listings, decisions_of, set_state
from adwatch.store.corrections import STANDING, found_as
from adwatch.store.engine import insert_id
from adwatch.store.opening import add_event, chunks
from adwatch.store.takedowns import requests_by_listing
from adwatch.store.views import as_it_stands, versions_of
from adwatch.text import url_norm

Row = dict[str, Any]
TIP_LINK = "tip"
"""Kind of ``case_link`` from a lead that names an address to the case of what stands there."""
DECIDED = ("confirmed", "dismissed", "referred", "closed")
"""States in which a lead can be answered."""


def take_in(
    engine: Engine,
    home: Path,
    origin: Origin,
    sheet: LeadSheet,
    file: tuple[str, bytes, str],
    about: tuple[str, str],
    actor: Actor,
    *,
    now: datetime,
    zone: tzinfo,
) -> tuple[StageReport, int]:
    """Take in the leads of a sheet (name, bytes, SHA-256) with (document, who gave it); gives the sheet's number.

    The same sheet again changes nothing; a lead whose number is known keeps what it has.
    """
    report = StageReport("source import")
    name, content, sha256 = file
    for line, said in sheet.refused:
        report.drop("row", f"{name} 第{line}行: {said}")
    day = now.astimezone(zone).date().isoformat()
    with work(engine) as connection:
        again = [each for each in store.intakes(connection, sha256=sha256) if each["origin"] == origin.id]
        if again:
            report.counts["repeated"] += len(sheet.leads)
            return report, int(again[0]["id"])
        values: Row = {"origin": origin.id, "platform": origin.platform, "document": about[0], "giver": about[1]}
        values |= {"file": name, "sha256": sha256, "received_at": now, "person": actor.person, "unit": actor.unit}
        key = insert_id(connection, s.intake, **values)
        kept: Row = {"subject": "intake", "subject_id": key, "kind": "sheet", "actor": actor, "now": now}
        keep_attachment(connection, home, content, name=name, media_type="application/octet-stream", **kept)
        numbers = [each.number for each in sheet.leads]
        listings = store.listings_by_number(connection, origin.platform, numbers)
        views = versions_of(connection, listings.values())
        cases = cases_of_listings(connection, listings.values())
        known = {each["number"] for each in store.leads(connection, origin=origin.id)}
        named: dict[int, list[str]] = {}
        for lead in sheet.leads:
            listing = listings.get(lead.number)
            if listing is None:
                report.drop("row", f"{name} 第{lead.line}行: {lead.number}: 没有读入（内容不全，见导入时的说明）")
                continue
            if lead.number in known:
                report.counts["repeated"] += 1
                continue
            view = as_it_stands(views[listing])
            case = cases.get(listing)
            if case is None:
                case_id = store.open_case(connection, view, origin.id, actor.person, now, day)
            else:
                case_id = int(case["id"])
                set_state(connection, case_id, origin=origin.id, updated_at=now)
            due = lead.due.isoformat() if lead.due else None
            row = {"intake_id": key, "origin": origin.id, "number": lead.number, "case_id": case_id, "due_on": due}
            insert_id(connection, s.intake_lead, **row, received_at=now, real_name=lead.real_name)
            came = {"origin": origin.id, "number": lead.number, "due_on": due}
            add_event(connection, "case", case_id, "came_in", actor.person, now, came)
            named[case_id] = [view.listing.url or "", *view.listing.links]
            report.kept += 1
        _link_named(connection, named, now)
        told = {"origin": origin.id, "document": about[0], "leads": report.kept, "sha256": sha256}
        append_entries(connection, [Entry.of(actor, "source.import", "intake", key, now, told)])
    return report, key


def _link_named(connection: Connection, named: dict[int, list[str]], now: datetime) -> None:
    """Link cases to the cases of what stands at the addresses that they name."""
    normal = {each: {found for url in urls if url and (found := url_norm(url))} for each, urls in named.items()}
    there = store.cases_by_url(connection, (url for urls in normal.values() for url in urls))
    for case_id, urls in normal.items():
        for other in sorted({other for url in urls for other in there.get(url, ())} - {case_id}):
            if store.add_link(connection, case_id, other, TIP_LINK, now, {"by": "url"}):
                add_event(connection, "case", case_id, "linked", "machine", now, {"other": other, "by": "url"})


def standing(connection: Connection, leads: Sequence[Row], zone: tzinfo) -> dict[int, Row]:
    """By case: what was found, by whom and when, what was done about it and about what it is linked to, in words."""
    case_ids = [each["case_id"] for each in leads]
    linked = store.linked(connection, case_ids, (TIP_LINK, "inspection", "cluster"))
    every = {*case_ids, *(other for others in linked.values() for other in others)}
    decisions = decisions_of(connection, every)
    listings = _listings_of(connection, every)
    requests = requests_by_listing(connection, [each for found in listings.values() for each in found])
    done: dict[int, Row] = {}
    for lead in leads:
        case_id = lead["case_id"]
        said = decisions.get(case_id, [])
        last = said[-1] if said else None
        about = [case_id, *linked.get(case_id, ())]
        asked = [request for one in about for item in listings.get(one, ()) for request in requests.get(item, ())]
        done[case_id] = {
            "state_label": STATES.get(lead["state"], lead["state"]),
            "decided": lead["state"] in DECIDED and last is not None,
            "result": last["result"] if last else None,
            "unit": last["unit"] if last else "",
            "person": last["person"] if last else "",
            "day": local(last["at"], zone)[:10] if last else "",
            "handling": list(_handling(asked, zone)),
            "linked": len(about) - 1,
        }
    return done


def _listings_of(connection: Connection, case_ids: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    link = s.case_listing
    for ids in chunks(case_ids):
        for case_id, listing in connection.execute(
            select(link.c.case_id, link.c.listing_id).where(link.c.case_id.in_(ids))
        ):
            found.setdefault(case_id, []).append(listing)
    return found


def _handling(requests: Sequence[Row], zone: tzinfo) -> Iterator[str]:
    for request in {each["number"]: each for each in requests}.values():
        if request["sent_at"] is None:
            continue
        word = request["checks"][-1]["word"] if request["checks"] else None
        checked = f"，{local(request['checks'][-1]['at'], zone)[:10]}核验{WORDS[word]}" if word else ""
        yield f"{local(request['sent_at'], zone)[:10]}向平台发函（{request['number']}）{checked}"


def acknowledge(engine: Engine, origin: str, numbers: Sequence[str], actor: Actor, *, now: datetime) -> list[Row]:
    """Record that people were told that their tips came in; the text is a draft for whoever speaks to them."""
    return _step(engine, origin, numbers, "acknowledged", actor, now, {})


def reward(engine: Engine, origin: str, number: str, words: str, actor: Actor, *, now: datetime) -> list[Row]:
    """Record that a tip was rewarded: only one that was found true and whose result was told."""
    if not words.strip():
        raise UsageError("写明奖励内容或依据；--note TEXT")
    return _step(engine, origin, [number], "rewarded", actor, now, {"reward": words.strip()})


def tell(engine: Engine, origin: str, texts: dict[str, str], actor: Actor, *, now: datetime) -> list[Row]:
    """Record what was answered, by number; a lead without a finding cannot be answered."""
    return _step(engine, origin, list(texts), "told", actor, now, texts)


def _step(
    engine: Engine, origin: str, numbers: Sequence[str], step: str, actor: Actor, now: datetime, values: dict[str, str]
) -> list[Row]:
    entries = []
    with work(engine) as connection:
        found = {each["number"]: each for each in store.leads(connection, origin=origin, numbers=numbers)}
        if missing := [number for number in numbers if number not in found]:
            raise UsageError(f"来源 {origin} 没有编号 {'、'.join(missing[:5])}；用 adwatch source list 查看")
        for number in dict.fromkeys(numbers):
            lead = found[number]
            _allowed(lead, step, found_as(connection, lead["case_id"]))
            if lead[f"{step}_at"] is not None and step != "told":
                continue
            said = {"origin": origin, "number": number}
            text = {"told": values.get(number)} if step == "told" else values
            store.set_lead(connection, lead["id"], **{f"{step}_at": now, f"{step}_by": actor.person}, **text)
            add_event(connection, "case", lead["case_id"], step, actor.person, now, said)
            entries.append(Entry.of(actor, f"source.{step}", "case", lead["case_id"], now, said))
        append_entries(connection, entries)
    return list(found.values())


def _allowed(lead: Row, step: str, found: str) -> None:
    number = lead["number"]
    if step == "told" and lead["state"] not in DECIDED:
        raise UsageError(f"{number}: 现为“{STATES[lead['state']]}”，还没有结论可以答复")
    if step == "rewarded" and lead["told_at"] is None:
        raise UsageError(f"{number}: 尚未告知结果；先 adwatch source tell")
    if step == "rewarded" and found not in STANDING:
        raise UsageError(f"{number}: 未查证属实，不能奖励")


def acknowledgement(lead: Row, origin: Origin, unit: str, zone: tzinfo) -> str:
    """The text of an acknowledgement: no personal data, no word on whether it is true."""
    day = local(lead["received_at"], zone)[:10]
    filed = f"，登记为线索 {lead['lead_number']}" if lead["lead_number"] else ""
    return (
        f"您好：您通过{origin.label}反映的涉嫌违法提供证书类服务的问题（编号 {lead['number']}）"
        f"{unit}已于{day}收到{filed}。"
        "我们将依法核查，处理结果将在办结后告知。请妥善保存有关聊天、付款和页面记录，不要继续付款或者提供证件。"
    )


FINDINGS = {"confirm": "经核查属实", "dismiss": "经核查不属实", "refer": "非本部门，已转办", "doubt": "存疑，继续核查"}
"""What is written on a superior's own sheet, by the finding."""
RESULTS = {
    "confirm": "经核查，您反映的情况属实",
    "dismiss": "经核查，现有证据不足以认定您反映的情况存在违法",
    "refer": "经核查，您反映的情况不属于本部门职责，已转有权机关处理",
    "doubt": "您反映的情况正在进一步核查",
}
"""What a person who gave a tip is told, by the finding."""


def result_text(lead: Row, found: Row, unit: str) -> str:
    """The text of a result: what was found and done; nothing of other people."""
    listed = "；".join(found["handling"])
    done = f"已采取以下措施：{listed}。" if listed and found["result"] == "confirm" else ""
    said = RESULTS.get(found["result"] or "", "您反映的情况已办结")
    return f"您好：您反映的问题（编号 {lead['number']}）已有结果。{said}。{done}感谢您的监督。{unit}"
