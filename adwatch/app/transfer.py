"""Transfers as verbs and screens call them: rows that may be shown, personal data masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from adwatch.app.attaching import read_file
from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.app.package import copy_to, sources
from adwatch.app.rows import platform_labels
from adwatch.casework import transfer as work
from adwatch.casework import transfer_inside as inside
from adwatch.casework.differing import Tables
from adwatch.casework.kept_package import checked_file, write_package
from adwatch.casework.transaction import work as transaction
from adwatch.casework.transfer_content import lacking, whole_content
from adwatch.casework.transfer_differing import notices, refuse_differing
from adwatch.casework.transfer_due import Ends, due_rows, running
from adwatch.casework.transfer_package import package_file, transfer_package
from adwatch.casework.transfer_table import BEFORE_SENT, KINDS, PAPERS, kind_of
from adwatch.errors import Deleted, UsageError
from adwatch.evidence.package import seal
from adwatch.models import Actor
from adwatch.store import transfers as store
from adwatch.store.attachments import attachment_bytes, attachments_of, keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import reading
from adwatch.store.erasures import TRANSFER, erased_of
from adwatch.store.filters import Filters
from adwatch.store.opening import add_event
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.transfer_clocks import transfer_clocks

Row = dict[str, Any]


def words() -> Row:
    """Kinds, receivers, steps and papers with their Chinese names, for forms."""
    return {
        "kinds": {
            name: {"label": kind.label, "receivers": dict(kind.receivers), "officers": kind.officers}
            for name, kind in KINDS.items()
        },
        "steps": {name: {key: step.label for key, step in kind.steps.items()} for name, kind in KINDS.items()},
        "papers": dict(PAPERS),
    }


def draft(office: Office, kind: str, case_ids: Sequence[int], actor: Actor, **given: Any) -> Row:
    """Draft a transfer; ``given`` as ``adwatch.casework.transfer.draft`` takes it."""
    zone, now = office.settings.zone, office.clock.now()
    tables = Tables(office.law, office.classes)
    done = work.draft(office.engine, kind, case_ids, actor, **given, tables=tables, now=now, zone=zone)
    index_now(office)
    return done


def decide(office: Office, number: str, approve: bool, actor: Actor, reason: str = "") -> Row:
    """The head's decision."""
    tables = Tables(office.law, office.classes)
    done = work.decide(office.engine, number, approve, actor, reason, tables=tables, now=office.clock.now())
    index_now(office)
    return done


def set_facts(office: Office, number: str, actor: Actor, facts: Mapping[str, str]) -> Row:
    """文号, 签发人, date."""
    return work.set_facts(office.engine, number, actor, facts, now=office.clock.now())


def attach(office: Office, number: str, kind: str, file: Path, actor: Actor) -> Row:
    """Attach a paper. What goes into the package must be there before it is sent; receipts and answers come later."""
    content, media_type = read_file(file)
    return attach_bytes(office, number, kind, file.name, media_type, content, actor)


def attach_bytes(
    office: Office, number: str, kind: str, name: str, media_type: str, content: bytes, actor: Actor
) -> Row:
    """The same with bytes that were uploaded."""
    if kind not in PAPERS or kind == "letter":
        allowed = "、".join(each for each in PAPERS if each != "letter")
        raise UsageError(f"--kind {kind[:30]}: 没有这种材料；可写 {allowed}")
    now = office.clock.now()
    with transaction(office.engine) as connection:
        row = store.by_number(connection, number, lock=True)
        if row is None:
            raise UsageError(f"移送 {number[:40]}: 没有这个编号；用 adwatch transfer list 查看")
        if row["step"] not in BEFORE_SENT and kind not in ("receipt", "answer"):
            raise UsageError(f"{number}: 已移送，材料不再更改；只能附上回执（receipt）和答复（answer）")
        about = {"subject": "transfer", "subject_id": row["id"], "kind": kind, "actor": actor, "now": now}
        kept = keep_attachment(connection, office.home, content, name=name, media_type=media_type, **about)
        said = {"kind": kind, "sha256": kept["sha256"], "size": kept["size"]}
        add_event(connection, "transfer", row["id"], "attached", actor.person, now, {"unit": actor.unit, **said})
        append_entries(connection, [Entry.of(actor, "transfer.attach", "transfer", number, now, said)])
    return {"number": number, "name": kept["name"], **said}


def preview(office: Office, number: str, limits: Filters | None = None) -> Row:
    """What its papers would say if it were sent now, or say since it was sent; ``lacking``: what must still be done.

    ``limits``, here and below: those of a person, ``accounts.limits``.
    """
    row = _known(office, number)
    content = row["content"] if row["sent_at"] else _content(office, row)
    shown = inside.content_of(content, _inside(office, number, limits))
    return {**shown, "lacking": [] if row["sent_at"] else lacking(content)}


def send(office: Office, number: str, actor: Actor, at: datetime | None = None, out: Path | None = None) -> Row:
    """Make the package of an approved transfer, keep it, and mark it as sent; nothing of it is changed after."""
    now = office.clock.now()
    when = at or now
    row = _known(office, number)
    if row["step"] != "approved":
        label = KINDS[row["kind"]].steps[row["step"]].label
        raise UsageError(f"{number}: 现为“{label}”，经负责人批准（approved）后才能移送")
    if when > now or when < row["steps"][-1]["at"]:
        raise UsageError(f"{when.isoformat()}: 移送时间应在批准之后、现在之前")
    tables = Tables(office.law, office.classes)
    with reading(office.engine) as connection:
        refuse_differing(connection, row, tables)
    found = sources(office, [each["case_id"] for each in row["cases"]])
    content = _content(office, row)
    if missing := lacking(content):
        raise UsageError(f"{number}: {'；'.join(missing)}")
    with reading(office.engine) as connection:
        sealed = seal(*transfer_package(connection, row, content, found))
    name = package_file(office.home, number, sealed.sha256)
    sha256 = write_package(office.home / name, sealed)
    package = {"file": name, "size": sealed.size, "sha256": sha256, "manifest_sha256": sealed.sha256}
    zone = office.settings.zone
    done = work.sent(office.engine, row, content, package, actor, at=when, now=now, zone=zone, tables=tables)
    index_now(office)
    file = office.home / name
    return {**done, "file": str(copy_to(file, out) if out is not None else file)}


def record(
    office: Office,
    number: str,
    step: str,
    actor: Actor,
    at: datetime | None = None,
    note: str = "",
    reference: str = "",
) -> Row:
    """A receipt, an answer, or what follows one."""
    now = office.clock.now()
    done = work.record(office.engine, number, step, actor, at=at, note=note, reference=reference, now=now)
    index_now(office)
    return done


def package_path(office: Office, number: str) -> Path:
    """The package as it was sent, its digest checked."""
    row = _known(office, number)
    if not row["file"]:
        raise UsageError(f"{number}: 尚未移送，没有材料包；用 adwatch transfer send")
    if said := _deleted(office, row):
        raise Deleted(f"{number}: 材料包{said}；移送记录和摘要仍在")
    return checked_file(office.home, row)


def _deleted(office: Office, row: Row) -> str | None:
    """When and by which rule a transfer's package was deleted, in words; None where it lies."""
    with reading(office.engine) as connection:
        gone = erased_of(connection, TRANSFER, [row["id"]]).get(row["id"])
    return gone.said if gone else None


def listed(
    office: Office,
    kind: str | None = None,
    step: str | None = None,
    limit: int = 200,
    limits: Filters | None = None,
) -> list[Row]:
    """Transfers, newest first."""
    if kind is not None:
        kind_of(kind)
    steps = {name for each in KINDS.values() for name in each.steps}
    if step is not None and step not in steps:
        raise UsageError(f"--step {step[:30]}: 没有这一步；可写 {'、'.join(sorted(steps))}")
    with reading(office.engine) as connection:
        rows = inside.narrowed(connection, store.listed(connection, kind, step, limit=limit, limits=limits), limits)
        notices = _notices(office, connection, rows)
    return [{**_shown(inside.blank(row)), "notice": notices[row["number"]]} for row in rows]


def of_case(office: Office, case_id: int, limits: Filters | None = None) -> list[Row]:
    """Transfers that a case is in, newest first."""
    with reading(office.engine) as connection:
        rows = inside.narrowed(connection, store.listed(connection, case_id=case_id), limits)
    return [_shown(inside.blank(row)) for row in rows]


def is_whole(office: Office, number: str, limits: Filters | None) -> bool:
    """Whether a person may see all cases of a transfer; an error as of an unknown number where they see none."""
    return limits is None or bool(_inside(office, number, limits)["whole"])


def _inside(office: Office, number: str, limits: Filters | None) -> Row:
    with reading(office.engine) as connection:
        return inside.one(connection, store.by_number(connection, number), number, limits)


def show(office: Office, number: str, limits: Filters | None = None) -> Row:
    """One transfer with its steps, papers, clocks and what may follow; ``whole``: whether all its cases are inside."""
    row = inside.blank(_inside(office, number, limits))
    whole = row["whole"]
    with reading(office.engine) as connection:
        papers = attachments_of(connection, "transfer", [row["id"]]).get(row["id"], []) if whole else []
        said = _notices(office, connection, [row])[row["number"]]
    settings, steps = office.settings, KINDS[row["kind"]].steps
    clocks, calendar = transfer_clocks(settings.data), WorkingDays(settings.data)
    names = ("id", "kind", "name", "media_type", "size", "sha256", "at", "person", "unit", "erased")
    return {
        **_shown(row),
        "whole": whole,
        "notice": said,
        "package_erased": _deleted(office, row) if whole else None,
        "content": {name: row["content"][name] for name in ("officers", "reason", "items", "no_report")},
        "steps": [{**each, "label": steps[each["step"]].label} for each in row["steps"]],
        "papers": [{**{n: each[n] for n in names}, "label": PAPERS[each["kind"]]} for each in papers],
        "clocks": running(row, clocks, Ends(calendar, settings.zone), office.clock.now()),
        "next": [
            {"to": each, "label": steps[each].label, "reason": steps[each].reason} for each in steps[row["step"]].to
        ],
        "lacking": [] if row["sent_at"] or not whole else lacking(_content(office, row)),
    }


def _notices(office: Office, connection: Connection, rows: list[Row]) -> dict[str, str | None]:
    return notices(connection, rows, Tables(office.law, office.classes))


def due(office: Office, overdue: bool = False, limits: Filters | None = None) -> list[Row]:
    """Clocks that run."""
    settings = office.settings
    clocks, calendar = transfer_clocks(settings.data), WorkingDays(settings.data)
    now, zone = office.clock.now(), settings.zone
    return due_rows(office.engine, clocks, calendar, now=now, zone=zone, overdue=overdue, limits=limits)


def _known(office: Office, number: str) -> Row:
    return _inside(office, number, None)


def _content(office: Office, row: Row) -> Row:
    with reading(office.engine) as connection:
        return whole_content(
            connection,
            row,
            law=office.law,
            classes=office.classes,
            platforms=platform_labels(office),
            now=office.clock.now(),
            zone=office.settings.zone,
        )


def _shown(row: Row) -> Row:
    kind = KINDS[row["kind"]]
    names = ("number", "kind", "step", "receiver", "unit", "drafted_at", "sent_at", "closed_at", "outcome")
    more = ("document_number", "signatory", "document_date", "receipt_number", "size", "sha256", "manifest_sha256")
    return {
        **{name: row[name] for name in (*names, *more)},
        "kind_label": kind.label,
        "step_label": kind.steps[row["step"]].label,
        "outcome_label": kind.steps[row["outcome"]].label if row["outcome"] else None,
        "cases": row["cases"],
    }


def taken(office: Office, number: str, actor: Actor) -> Path:
    """The package for somebody who downloads it: raw evidence is in it, so that stands in the log first."""
    row, file = _known(office, number), package_path(office, number)
    now, said = office.clock.now(), {"sha256": row["sha256"]}
    with transaction(office.engine) as connection:
        add_event(connection, "transfer", row["id"], "taken", actor.person, now, {"unit": actor.unit, **said})
        append_entries(connection, [Entry.of(actor, "transfer.taken", "transfer", number, now, said)])
    return file


def paper(office: Office, number: str, sha256: str) -> tuple[str, str, bytes]:
    """(name, media type, bytes) of a paper that was attached."""
    row = _known(office, number)
    with reading(office.engine) as connection:
        papers = attachments_of(connection, "transfer", [row["id"]]).get(row["id"], [])
        for each in papers:
            if each["sha256"] == sha256:
                return each["name"], each["media_type"], attachment_bytes(connection, office.home, sha256)
    raise UsageError(f"{number}: 没有这份材料")
