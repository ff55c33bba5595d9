"""Draws up a 监测记录 of what was captured, and a 电子数据提取笔录 of a capture that two officers make for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from adwatch.app.demo_day import clock_facts
from adwatch.app.office import Office
from adwatch.app.page_capture import capture_case
from adwatch.casework.capture_record import KINDS, Officer, RecordContent, record_paper
from adwatch.casework.tracks import tracks_of
from adwatch.errors import FetchError, UsageError
from adwatch.evidence import environment
from adwatch.failpoints import failpoint
from adwatch.files import write_whole
from adwatch.http.addresses import clean_url, origin
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.attachments import keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.captures import captures_by_id
from adwatch.store.cases import case_by_id, next_number
from adwatch.store.engine import reading, writing
from adwatch.store.opening import add_event
from adwatch.store.pages import page_captures

Row = dict[str, Any]
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FILED = ("filed", "punished", "not_punished")
_LETTERS = {"monitoring": "JC", "extraction": "TQ"}
_NUMBER = re.compile(r"[\w-]{4,30}")


def officers_of(given: Sequence[str], kind: str) -> list[Officer]:
    """Names with 执法证号, all different; an extraction needs two or more."""
    found = []
    for text in given:
        name, colon, number = text.replace("：", ":").partition(":")
        name, number = name.strip(), number.strip()
        if not (colon and name) or not _NUMBER.fullmatch(number):
            form = "写作 姓名:执法证号，如 王芳:14080001（证号 4 至 30 位字母、数字或汉字）"
            raise UsageError(f"--officer {text!r}: {form}")
        found.append(Officer(name, number))
    if len({each.number.upper() for each in found}) < len(found) or len({each.name for each in found}) < len(found):
        raise UsageError("--officer: 提取人员须是不同的人，姓名和执法证号不能重复")
    if kind == "extraction" and len(found) < 2:
        raise UsageError("电子数据提取笔录须有两名以上执法人员：--officer 姓名:执法证号 --officer 姓名:执法证号")
    return found


def draw(
    office: Office,
    case_id: int,
    kind: str,
    officers: Sequence[str],
    *,
    by: str | None = None,
    place: str = "",
    out: Path | None = None,
    unit: str | None = None,
) -> Row:
    """Draw up a record, keep it as a file of the case and write it to ``out``; notes say what is lacking."""
    if kind not in KINDS:
        raise UsageError(f"--kind {kind}: 写 monitoring（监测记录）或 extraction（电子数据提取笔录）")
    people = officers_of(officers, kind)
    person = by or (people[0].name if people else "")
    if not person:
        raise UsageError("--by: 监测记录须写明监测人员姓名")
    actor = Actor(person, office.unit(unit))
    with reading(office.engine) as connection:
        _check(connection, case_id, kind)
        earlier = page_captures(connection, [case_id])
    if kind == "extraction":
        mine = {row["id"] for row in capture_case(office, case_id, actor, "extraction")}
    else:
        mine = {row["id"] for row in earlier}
    return _keep(office, case_id, kind, people, actor, place, out, mine)


def _check(connection: Connection, case_id: int, kind: str) -> None:
    if case_by_id(connection, case_id) is None:
        raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
    if kind == "extraction":
        tracks = tracks_of(connection, [case_id]).get(case_id, [])
        if not any(row["track"] == "investigation" and row["step"] in _FILED for row in tracks):
            hint = "未立案的用 --kind monitoring 制作监测记录"
            raise UsageError(f"案件 {case_id}: 尚未立案（查处分线没有到“立案”）；{hint}")


def _keep(
    office: Office,
    case_id: int,
    kind: str,
    people: list[Officer],
    actor: Actor,
    place: str,
    out: Path | None,
    mine: set[int],
) -> Row:
    now, zone = office.clock.now(), office.settings.zone
    with reading(office.engine) as connection:
        rows = page_captures(connection, [case_id])
        patrol = _patrol(connection, case_id)
    pages = [row for row in rows if row["id"] in mine]
    at_capture: Row = next((row["facts"] for row in reversed(pages) if row["facts"]), {})
    clock = at_capture.get("clock") or clock_facts(office.clock, office.settings.ntp_server)
    machine = at_capture.get("environment") or environment.measure(_host(pages, patrol))
    with writing(office.engine) as connection:
        case = case_by_id(connection, case_id)
        year = now.astimezone(zone).year
        series = f"record-{kind}-{year}"
        number = f"ADW-{_LETTERS[kind]}-{year}-{next_number(connection, series):04d}"
        notes = _notes(pages, patrol, clock)
        content = RecordContent(
            kind=kind,
            number=number,
            unit=actor.unit,
            case_id=case_id,
            lead_number=case["lead_number"] if case else None,
            drawn_at=now,
            zone=zone,
            place=place,
            officers=people,
            drawn_by=actor.person,
            environment=machine,
            clock=clock,
            patrol=patrol,
            earlier=[row for row in rows if row["id"] not in mine],
            pages=pages,
            notes=notes,
        )
        paper = record_paper(content)
        name = f"{KINDS[kind]}-{number}.docx"
        file = keep_attachment(
            connection,
            office.home,
            paper,
            name=name,
            media_type=DOCX,
            subject="case",
            subject_id=case_id,
            kind="page_record",
            actor=actor,
            now=now,
        )
        told = {"number": number, "record": kind, "sha256": file["sha256"], "page_captures": sorted(mine)}
        add_event(connection, "case", case_id, "record_drawn", actor.person, now, told)
        told["officers"] = [each.number for each in people]
        append_entries(connection, [Entry.of(actor, "evidence.record", "case", case_id, now, told)])
    failpoint("audit.after_commit")
    target = (out or office.home / "records").absolute() / name
    write_whole(target, paper)
    return {
        "number": number,
        "title": KINDS[kind],
        "case_id": case_id,
        "file": str(target),
        "sha256": file["sha256"],
        "attachment": file["id"],
        "page_captures": sorted(mine),
        "notes": notes,
    }


def _patrol(connection: Connection, case_id: int) -> list[Row]:
    """The captures that the versions of the case's listings were read from, oldest first."""
    query = (
        select(s.listing_version.c.capture_id)
        .join(s.case_listing, s.case_listing.c.listing_id == s.listing_version.c.listing_id)
        .where(s.case_listing.c.case_id == case_id, s.listing_version.c.capture_id.is_not(None))
    )
    where = ("platform", "url", "fetched_at", "status", "server_ip")
    names = (*where, "sha256", "warc", "record_id", "software", "context")
    found = captures_by_id(connection, connection.scalars(query).all())
    return [{name: getattr(each, name) for name in names} for each in found]


def _notes(pages: list[Row], patrol: list[Row], clock: Row) -> list[str]:
    notes = []
    if not any(row["state"] == "captured" for row in pages):
        notes.append("没有完整的网页取证（截图及归档），原因见步骤。" if pages else "没有网页取证（截图及归档）。")
    if not patrol:
        notes.append("巡查归档中没有该信息的取证记录。")
    if clock["offset"] is None:
        notes.append(f"时钟偏差未测得：{clock['why']}。")
    return notes


def _host(pages: list[Row], patrol: list[Row]) -> str:
    for url in [row["url"] for row in [*pages, *patrol] if row["url"]]:
        try:
            return origin(clean_url(url))[1]
        except FetchError:
            continue  # no address of a site, such as the name of a handed-in file
    return ""
