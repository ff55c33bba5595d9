"""Leads from outside as the command and the console call them."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from adwatch.app.files import day_of, read_bytes, sheets_of
from adwatch.app.indexing import index_now
from adwatch.app.ingest import ingest
from adwatch.app.office import Office
from adwatch.casework import inspections, sources
from adwatch.casework.lead_sheet import LeadSheet, read_leads
from adwatch.casework.origins import Origin, origin_of, origins
from adwatch.casework.shown import local
from adwatch.casework.states import STATES
from adwatch.errors import UsageError
from adwatch.files import write_whole
from adwatch.models import Actor, StageReport
from adwatch.search import Query
from adwatch.search.keys import contact_key, contact_secret
from adwatch.stages.classify import classify_backlog
from adwatch.store import outside as store
from adwatch.store.attachments import attachment_bytes, attachments_of
from adwatch.store.engine import reading
from adwatch.store.listings import upsert_listings
from collectors.handover import ColumnTable
from collectors.handover.fill import fill_cells
from collectors.handover.values import ValueRefused

Row = dict[str, Any]
Rows = list[Row]


def origin_rows(office: Office) -> Rows:
    """Where leads come from."""
    return [{"id": each.id, "label": each.label, "platform": each.platform} for each in _origins(office).values()]


def _origins(office: Office) -> dict[str, Origin]:
    return origins(office.settings.data)


def take_in(
    office: Office, file: Path, origin: str, actor: Actor, *, document: str = "", giver: str = ""
) -> tuple[StageReport, Row]:
    """Take in a sheet of leads: archived and classified as any data, and each row a lead with its own number."""
    source = origin_of(origin, office.settings.data)
    data = read_bytes(file)
    sheet = _sheet(office, source, data, file)
    today = office.clock.now().astimezone(office.settings.zone).date().isoformat()
    done = ingest(office, file, source.platform, today)
    clock: Row = {"now": office.clock.now(), "zone": office.settings.zone}
    told = (file.name, data, hashlib.sha256(data).hexdigest())
    report, key = sources.take_in(office.engine, office.home, source, sheet, told, (document, giver), actor, **clock)
    if done.report.dropped:  # what the row of a lead lacks is said where it was read
        report.notes += [note for note in done.report.notes if "unknown columns" not in note]
    index_now(office)
    about = {"intake": key, "origin": source.label, "platform": source.platform, "leads": report.kept}
    about |= {"repeated": report.counts["repeated"], "flagged": done.flagged, "answers": sorted(sheet.places)}
    return report, about


def _sheet(office: Office, source: Origin, data: bytes, file: Path) -> LeadSheet:
    spec = office.platforms.get(source.platform)
    columns = ColumnTable.load(office.settings.data).with_names(spec.handover.columns if spec else {})

    def is_number(heading: object) -> bool:
        column = columns.get(heading)
        return column is not None and column.field == "native_id"

    return read_leads(sheets_of(data, file), file.name, is_number, partial(day_of, office))


def listed(office: Office, origin: str | None = None, due: bool = False, limit: int | None = 200) -> Rows:
    """Leads from outside, those due first; ``due``: only those that wait for an answer with a time limit."""
    zone = office.settings.zone
    today = office.clock.now().astimezone(zone).date().isoformat()
    labels = _origins(office)
    if origin is not None:
        origin_of(origin, office.settings.data)
    with reading(office.engine) as connection:
        leads = store.leads(connection, origin=origin, limit=limit)
        standing = sources.standing(connection, leads, zone)
    shown = []
    for lead in leads:
        if due and (lead["due_on"] is None or lead["told_at"] is not None):
            continue
        found = standing[lead["case_id"]]
        names = ("number", "origin", "case_id", "lead_number", "state", "due_on", "real_name")
        about = {name: lead[name] for name in names}
        about |= {"origin_label": labels[lead["origin"]].label if lead["origin"] in labels else lead["origin"]}
        about |= {"state_label": STATES.get(lead["state"], lead["state"]), "linked": found["linked"]}
        about |= {step: local(lead[f"{step}_at"], zone) for step in ("acknowledged", "told", "rewarded")}
        about["people"] = lead["origin"] in labels and labels[lead["origin"]].real_name
        about["answerable"] = lead["state"] in sources.DECIDED
        about["overdue"] = bool(lead["due_on"] and lead["told_at"] is None and lead["due_on"] < today)
        shown.append(about)
    return shown


def of_case(office: Office, case_id: int) -> Rows:
    """How a case came in: number, time limit, what was told; an inspection's card masked; cases it is linked to."""
    zone, labels = office.settings.zone, _origins(office)
    with reading(office.engine) as connection:
        leads = store.leads(connection, case_id=case_id)
        cards = store.inspections(connection, case_id=case_id)
        linked = store.links_of(connection, case_id)
    rows: Rows = []
    for lead in leads:
        label = labels[lead["origin"]].label if lead["origin"] in labels else lead["origin"]
        told = {step: local(lead[f"{step}_at"], zone) for step in ("acknowledged", "told", "rewarded")}
        rows.append({"kind": "lead", "origin_label": label, "number": lead["number"], "due_on": lead["due_on"], **told})
    for card in cards:
        about = {"found_on": card["found_on"], "place": card["place"], "card": inspections.covered(card["card_number"])}
        rows.append({"kind": "inspection", "origin_label": "执法检查", "number": card["number"], **about})
    rows += [{"kind": "link", "other": other, "link": kind, "by": detail.get("by")} for other, kind, detail in linked]
    return rows


def acknowledge(office: Office, origin: str, numbers: Sequence[str], actor: Actor) -> Rows:
    """Record acknowledgements; each row has the text for whoever speaks to the person."""
    source = origin_of(origin, office.settings.data)
    leads = sources.acknowledge(office.engine, origin, numbers, actor, now=office.clock.now())
    zone = office.settings.zone
    texts = [sources.acknowledgement(lead, source, actor.unit, zone) for lead in leads]
    return [{"number": lead["number"], "text": text} for lead, text in zip(leads, texts, strict=True)]


def tell(office: Office, origin: str, numbers: Sequence[str], actor: Actor) -> Rows:
    """Record that results were told; each row has the text."""
    with reading(office.engine) as connection:
        leads = store.leads(connection, origin=origin, numbers=numbers)
        standing = sources.standing(connection, leads, office.settings.zone)
    texts = {lead["number"]: sources.result_text(lead, standing[lead["case_id"]], actor.unit) for lead in leads}
    every = {number: texts.get(number, "") for number in numbers}
    sources.tell(office.engine, origin, every, actor, now=office.clock.now())
    return [{"number": number, "text": text} for number, text in texts.items()]


def reward(office: Office, origin: str, number: str, words: str, actor: Actor) -> Row:
    """Record that a tip was rewarded."""
    sources.reward(office.engine, origin, number, words, actor, now=office.clock.now())
    return {"number": number, "reward": words}


def answer(office: Office, intake: int, actor: Actor, out: Path | None = None) -> tuple[StageReport, Row]:
    """Answer a sheet on itself: cells under its own headings for what is decided; everything else as it came.

    What has no finding yet is named and stays empty; doing it again later answers on the sheet with all of them.
    """
    report = StageReport("source answer")
    zone = office.settings.zone
    with reading(office.engine) as connection:
        found = store.intakes(connection, intake)
        if not found:
            raise UsageError(f"没有第 {intake} 号来表；用 adwatch source sheets 查看")
        leads = {each["number"]: each for each in store.leads(connection, intake=intake)}
        standing = sources.standing(connection, list(leads.values()), zone)
        kept = attachments_of(connection, "intake", [intake])[intake][0]
        data = attachment_bytes(connection, office.home, kept["sha256"])
    row, source = found[0], origin_of(found[0]["origin"], office.settings.data)
    if not data.startswith(b"PK"):
        raise UsageError(f"{row['file']}: 只有 XLSX 能在原表上答复；请另存为 XLSX 重新导入")
    sheet = _sheet(office, source, data, Path(row["file"]))
    if not {"finding", "handling"} & sheet.places.keys():
        raise UsageError(f"{row['file']}: 表中没有核查情况、处置情况一类的列，无处填写答复")
    today = office.clock.now().astimezone(zone).date().isoformat()
    cells: dict[tuple[int, int], str] = {}
    texts: dict[str, str] = {}
    for lead in sheet.leads:
        about = leads.get(lead.number)
        said = standing[about["case_id"]] if about else None
        if about is None or said is None or not said["decided"]:
            report.drop("waits", f"{lead.number}: {said['state_label'] if said else '没有读入'}，尚无结论")
            continue
        words = _answers(said, actor, today)
        for name, place in sheet.places.items():
            cells[lead.line, place] = words[name]
        texts[lead.number] = f"{words['finding']} {words['handling']}"
    file = (out or office.home / "answers").absolute() / f"{Path(row['file']).stem}-答复.xlsx"
    try:
        content = fill_cells(data, sheet.name, cells)
    except ValueRefused as error:
        raise UsageError(f"{row['file']}: {error}") from error
    write_whole(file, content, "export.before_rename")
    if texts:
        sources.tell(office.engine, source.id, texts, actor, now=office.clock.now())
    report.kept = len(texts)
    return report, {"intake": intake, "file": str(file), "answered": len(texts), "leads": len(sheet.leads)}


def _answers(said: Row, actor: Actor, today: str) -> dict[str, str]:
    by = "，".join(each for each in (said["unit"], said["day"]) if each)
    handling = "；".join(said["handling"]) if said["result"] == "confirm" else "无需处置"
    found = sources.FINDINGS.get(said["result"] or "", said["state_label"])
    return {
        "finding": f"{found}（{by}）",
        "handling": handling or "正在处置",
        "unit": actor.unit,
        "person": actor.person,
        "day": today,
    }


def sheets(office: Office) -> Rows:
    """Sheets that came in."""
    zone = office.settings.zone
    labels = _origins(office)
    with reading(office.engine) as connection:
        rows = store.intakes(connection)
    return [
        {
            **{name: row[name] for name in ("id", "origin", "document", "giver", "file")},
            "origin_label": labels[row["origin"]].label if row["origin"] in labels else row["origin"],
            "received": local(row["received_at"], zone),
        }
        for row in rows
    ]


def inspect(
    office: Office, day: str | None, about: Sequence[str], photos: Sequence[Path], actor: Actor
) -> tuple[Row, Rows]:
    """Record a false card that an inspection found, and link it to where it may have come from (倒查).

    ``about``: place, certificate, card number, QR, where bought, payment, contact, seller; a blank is not known.
    """
    found = inspections.Found(_found_on(day, office), *about)
    zone = office.settings.zone
    now = office.clock.now()
    today = now.astimezone(zone).date()
    found.checked(today)
    pictures = [
        (each.name, read_bytes(each), mimetypes.guess_type(each.name)[0] or "application/octet-stream")
        for each in photos
    ]
    source = origin_of("inspection", office.settings.data)
    key_of = partial(contact_key, contact_secret(office.home))
    told = (found.found_on.isoformat(), found.place, found.certificate, found.card_number, found.contact, found.qr)
    listing = found.listing(source.platform, key_of("\0".join(told)))
    upsert_listings(office.engine, source.platform, [listing], today.isoformat(), now)
    classify_backlog(office.classifier, today.isoformat())
    with reading(office.engine) as connection:
        key = store.listings_by_number(connection, source.platform, [listing.native_id])[listing.native_id]
    row = inspections.record(office.engine, office.home, key, found, pictures, key_of, actor, now=now, zone=zone)
    index_now(office)
    links = link_back(office, row["number"])
    return {"number": row["number"], "case_id": row["case_id"], "listing_id": listing.listing_id}, links


def link_back(office: Office, number: str | None = None) -> Rows:
    """Link inspections to the listings known by now; gives what is new."""

    def by_contact(contact: str) -> list[str]:
        office.index.prepare()
        return [str(hit.body["listing_id"]) for hit in office.index.search(Query(contact, limit=500)).hits]

    rows = inspections.link_back(office.engine, by_contact, now=office.clock.now(), only=number)
    return [{**row, "how": inspections.HOW[row["by"]]} for row in rows]


def _found_on(text: str | None, office: Office) -> date:
    """The day of an inspection; today if left out."""
    if text is None:
        return office.clock.now().astimezone(office.settings.zone).date()
    found = day_of(office, text)
    if found is None:
        raise UsageError(f"{text!r} is no date; write YYYY-MM-DD")
    return found
