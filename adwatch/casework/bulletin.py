"""案件通报 behind a gate of its own: draft → approved (another person) → published or refused.

一类一通报 (one offer class), 一季度一通报 (one quarter), and the ad-hoc report of a criminal case (随时报), which goes
to the superior office and is no publication. What was drafted is frozen by its digest; what no longer stands stays in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from typing import Any

import orjson
from sqlalchemy import Connection, Engine

from adwatch.casework.bulletin_content import case_rows, narrative, told
from adwatch.casework.citations import joined
from adwatch.casework.confirmation_differing import Words
from adwatch.casework.confirmation_letter import official
from adwatch.casework.publication import Publisher, checked
from adwatch.casework.report_table import chinese
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import bulletins as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import lock_cases, next_number
from adwatch.store.engine import reading
from adwatch.store.opening import add_event
from adwatch.tables.campaign import Campaign

SUBJECT = "bulletin"
SCHEMA = "adwatch/bulletin/1"
KINDS = {"class": "一类一通报", "quarter": "一季度一通报", "criminal": "涉刑案件专报"}
STATES = {"draft": "草稿", "approved": "已批准", "published": "已发布", "refused": "不予发布"}
Row = dict[str, Any]


def draft(
    engine: Engine,
    kind: str,
    key: str,
    span: tuple[date, date],
    words: Words,
    actor: Actor,
    *,
    campaign: Campaign | None,
    named: Mapping[int, str],
    now: datetime,
    zone: tzinfo,
) -> Row:
    """Draft over closed cases of a class or a quarter; ``named``: published decision by case whose seller is named."""
    first = datetime.combine(span[0], time(), zone)
    before = datetime.combine(date.fromordinal(span[1].toordinal() + 1), time(), zone)
    with work(engine) as connection:
        wanted = key if kind == "class" else None
        cases = store.closed_cases(connection, first, before, wanted, campaign.name if campaign else None)
        fine = store.still_confirmed(connection, [case["id"] for case in cases])
        ids = [case["id"] for case in cases if case["id"] in fine]
        if not ids:
            raise UsageError(f"{KINDS[kind]} {key}: {span[0]} 至 {span[1]} 没有办结的属实案件")
        if strange := [each for each in named if each not in ids]:
            raise UsageError(f"案件 {strange[0]}: 不在本期通报的案件中")
        rows = case_rows(connection, ids, words, named, zone)
        label = words.classes[key].label if kind == "class" else f"{key[:4]}年第{key[-1]}季度"
        days = chinese(span[0].isoformat()), chinese(span[1].isoformat())
        content = {
            "title": f"关于{label}涉证书类违法案例的通报",
            "label": label,
            "narrative": narrative(rows, *days, actor.unit or "本单位"),
            "first": span[0].isoformat(),
            "last": span[1].isoformat(),
            "cases": rows,
        }
        return _kept(connection, kind, key, content, campaign, actor, now, zone)


def draft_criminal(
    engine: Engine, case_id: int, words: Words, actor: Actor, *, campaign: Campaign | None, now: datetime, zone: tzinfo
) -> Row:
    """Draft the report of a criminal case, at once: a case with the track 涉刑 or whose articles are criminal law's."""
    with work(engine) as connection:
        if case_id not in lock_cases(connection, [case_id]):
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        if case_id not in store.still_confirmed(connection, [case_id]):
            raise UsageError(f"案件 {case_id}: 未经甄别属实，不能作为涉刑案件报告")
        (row,) = case_rows(connection, [case_id], words, {}, zone)
        opened = any(each["track"] == "crime" for each in store.tracks(connection, [case_id]).get(case_id, ()))
        if not opened and not row["crimes"]:
            raise UsageError(f"案件 {case_id}: 没有涉刑分线，所涉条款也不是刑法")
        day = now.astimezone(zone).date().isoformat()
        key = row["lead_number"] or str(case_id)
        crimes = f"涉嫌触犯{joined(row['crimes'])}" if row["crimes"] else "涉嫌犯罪"
        content = {
            "title": "关于一起涉嫌证书类犯罪案件的报告",
            "label": key,
            "narrative": f"{row['found']}发现的线索{key}经{row['found_by']}甄别属实，{crimes}，现将有关情况报告如下。",
            "first": day,
            "last": day,
            "cases": [row],
        }
        return _kept(connection, "criminal", key, content, campaign, actor, now, zone)


def _kept(
    connection: Connection,
    kind: str,
    key: str,
    content: Row,
    campaign: Campaign | None,
    actor: Actor,
    now: datetime,
    zone: tzinfo,
) -> Row:
    year = now.astimezone(zone).year
    number = f"ADW-TB-{year}-{next_number(connection, f'bulletin:{year}'):04d}"
    about = {"schema": SCHEMA, "number": number, "kind": kind, "unit": actor.unit, "drafted_at": now.isoformat()}
    whole = dict(orjson.loads(_canonical({**content, **about})))
    values: Row = {"number": number, "kind": kind, "key": key, "campaign": campaign.name if campaign else None}
    values |= {"state": "draft", "content": whole, "sha256": digest(whole), "unit": actor.unit}
    row_id = store.add(connection, **values, drafted_at=now, drafted_by=actor.person)
    said = {"kind": kind, "key": key, "cases": len(content["cases"]), "sha256": values["sha256"]}
    add_event(connection, SUBJECT, row_id, "drafted", actor.person, now, said)
    append_entries(connection, [Entry.of(actor, "bulletin.draft", SUBJECT, number, now, said)])
    return {"number": number, "kind": kind, "state": "draft", "content": whole, "cases": len(content["cases"])}


def _canonical(content: Row) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def digest(content: Row) -> str:
    """SHA-256 of a content."""
    return hashlib.sha256(_canonical(content)).hexdigest()


def approve(engine: Engine, number: str, actor: Actor, *, now: datetime) -> Row:
    """A second person approves a draft."""
    with work(engine) as connection:
        row = _open(connection, number, ("draft",))
        if actor.person == row["drafted_by"]:
            raise UsageError(f"{number}: 由 {row['drafted_by']} 起草，须由另一人批准")
        _standing(connection, row)
        store.change(connection, row["id"], state="approved", approved_at=now, approved_by=actor.person)
        return _moved(connection, row, "approved", "", actor, now)


def publish(
    engine: Engine,
    number: str,
    actor: Actor,
    rows: list[Publisher],
    campaign: Campaign | None,
    *,
    now: datetime,
    zone: tzinfo,
) -> Row:
    """Let an approved bulletin out: only by a unit that may, and only while every case in it stands."""
    with work(engine) as connection:
        row = _open(connection, number, ("approved",))
        if row["kind"] != "criminal":
            checked(rows, actor.unit, campaign, now.astimezone(zone).date())
        _standing(connection, row)
        ended = {"ended_at": now, "ended_by": actor.person, "ended_unit": actor.unit}
        store.change(connection, row["id"], state="published", **ended)
        return _moved(connection, row, "published", "", actor, now)


def refuse(engine: Engine, number: str, reason: str, actor: Actor, *, now: datetime) -> Row:
    """Keep a bulletin in, with the reason; one that is out cannot be called back here."""
    if not reason.strip():
        raise UsageError("a reason is needed; write --reason TEXT")
    with work(engine) as connection:
        row = _open(connection, number, ("draft", "approved"))
        ended = {"ended_at": now, "ended_by": actor.person, "ended_unit": actor.unit, "reason": reason.strip()}
        store.change(connection, row["id"], state="refused", **ended)
        return _moved(connection, row, "refused", reason.strip(), actor, now)


def _open(connection: Connection, number: str, states: tuple[str, ...]) -> Row:
    found = store.bulletins(connection, number)
    if not found:
        raise UsageError(f"通报 {number}: 没有这个编号；用 adwatch bulletin list 查看")
    if found[0]["state"] not in states:
        wanted = "、".join(STATES[each] for each in states)
        raise UsageError(f"{number}: 现为“{STATES[found[0]['state']]}”，须为“{wanted}”")
    return found[0]


def _standing(connection: Connection, row: Row) -> None:
    """UsageError where the text was altered, or a case in it is no longer found 属实."""
    if digest(row["content"]) != row["sha256"]:
        raise UsageError(f"{row['number']}: 内容与其摘要不符，已被改动")
    ids = [each["case_id"] for each in row["content"]["cases"]]
    fine = store.still_confirmed(connection, ids)
    if fallen := [
        each["lead_number"] or str(each["case_id"]) for each in row["content"]["cases"] if each["case_id"] not in fine
    ]:
        raise UsageError(f"{row['number']}: 案件 {'、'.join(fallen)} 已不再是“属实”；不予发布后重新起草")


def _moved(connection: Connection, row: Row, state: str, reason: str, actor: Actor, now: datetime) -> Row:
    said = {"state": state, "sha256": row["sha256"]}
    add_event(connection, SUBJECT, row["id"], state, actor.person, now, {**said, "reason": reason})
    append_entries(connection, [Entry.of(actor, f"bulletin.{state}", SUBJECT, row["number"], now, said)])
    return {"number": row["number"], "state": state, "state_label": STATES[state]}


def listed(engine: Engine, number: str | None = None) -> list[Row]:
    """Bulletins; of a single one its content too."""
    with reading(engine) as connection:
        rows = [row for row in store.bulletins(connection) if number in (None, row["number"])]
    names = (
        "number",
        "kind",
        "key",
        "campaign",
        "state",
        "unit",
        "drafted_by",
        "approved_by",
        "ended_by",
        "ended_unit",
    )
    shown = []
    for row in rows:
        about = {name: row[name] for name in (*names, "reason")}
        about |= {"title": row["content"]["title"], "cases": len(row["content"]["cases"])}
        about |= {"kind_label": KINDS[row["kind"]], "state_label": STATES[row["state"]]}
        if number is not None:
            about["content"] = row["content"]
        shown.append(about)
    return shown


def bulletin_letter(content: Row, state: str) -> bytes:
    """The .docx; whatever is not published says so in its first line."""
    head = [] if state == "published" else [("text", f"（{STATES[state]}，未经批准和发布不得对外提供）")]
    criminal = content["kind"] == "criminal"
    heads = (
        "一、基本情况",
        "二、案件情况" if criminal else "二、典型案例",
        "三、下一步工作" if criminal else "三、提示",
    )
    closing = (
        "已按规定办理移送，后续情况随时续报。"
        if criminal
        else "涉安全生产的资质证书须经培训考核依法取得，凡承诺免考、包过、代办的均不可信；持证情况请通过官方渠道查询。"
        "发现违法线索，可拨打12315、12350举报。"
    )
    parts = [
        *head,
        ("heading", heads[0]),
        ("text", content["narrative"]),
        ("heading", heads[1]),
        *(("text", told(row, order)) for order, row in enumerate(content["cases"], 1)),
        ("heading", heads[2]),
        ("text", closing),
    ]
    return official(content["unit"], content["number"], content["title"], "", parts, [], content["drafted_at"])
