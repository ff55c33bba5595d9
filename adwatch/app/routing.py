"""Routing as the command and the console call it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.casework import routing as work
from adwatch.casework.routing_table import Routing, routing_file
from adwatch.models import Actor, StageReport
from adwatch.store.engine import reading

Row = dict[str, Any]


def routing_of(office: Office) -> Routing:
    """The office's table; its mistakes are in ``problems``."""
    data = office.settings.data
    files = tuple(routing_file(name, data) for name in ("routing.csv", "authorities.csv"))
    stands = tuple((file, stat.st_mtime_ns, stat.st_size, stat.st_ino) for file in files for stat in (file.stat(),))
    return _read_as(tuple(office.classes), tuple(office.families), data, stands)


@lru_cache(maxsize=8)
def _read_as(classes: tuple[str, ...], families: tuple[str, ...], data: Path | None, _stands: object) -> Routing:
    """A table is read again only where a file has changed: each case that is shown asks for it."""
    return Routing(classes, families, data)


def of_another(office: Office, owner: str | None, unit: str) -> str | None:
    """Name of the authority that is to confirm a lead by letter, where that is not the unit itself; else None.

    A unit is known by its name: 某市应急管理局 is 应急管理. Who works in the console decides there, whatever the unit.
    """
    found = routing_of(office).authorities.get(owner or "")
    if found is None or found.way != "letter" or unit == found.addressee:
        return None
    return None if found.label.partition("（")[0] in unit else found.label


def others_of(office: Office, owners: Mapping[int, str | None], unit: str) -> dict[int, str]:
    """By case the name of another authority that is to confirm it; a case without an owner goes by the table."""
    found, table = dict(owners), routing_of(office)
    if not table.problems:
        now, zone = office.clock.now(), office.settings.zone
        waiting = [case_id for case_id, owner in owners.items() if owner is None]
        found |= work.proposed(office.engine, table, waiting, now=now, zone=zone)
    named = {case_id: of_another(office, owner, unit) for case_id, owner in found.items()}
    return {case_id: name for case_id, name in named.items() if name is not None}


def check(office: Office) -> tuple[Row, list[Row]]:
    """(figures of the table, mistakes by line)."""
    table = routing_of(office)
    today = office.clock.now().astimezone(office.settings.zone).date()
    figures = {
        "file": str(table.file),
        "own": office.settings.data is not None and office.settings.data in table.file.parents,
        "rows": len(table.routes),
        "in_force": sum(row.in_force(today) for row in table.routes),
        "authorities": len(table.authorities),
        "without_officer": sum(row.in_force(today) and not row.officer for row in table.routes),
        "to_be_checked": sum("[M]" in row.note for row in table.routes),
    }
    return figures, [{"file": str(table.file), "line": line, "message": said} for line, said in table.problems]


def rows(office: Office) -> list[Row]:
    """The table's rows for a screen, those in force marked."""
    table = routing_of(office)
    today = office.clock.now().astimezone(office.settings.zone).date()
    shown = []
    for row in table.routes:
        about = {"line": row.line, "region": row.region, "acts": list(row.acts), "names": list(row.names)}
        about["classes"] = [office.classes[each].label for each in row.classes]
        about["families"] = [office.families[each].label for each in row.families]
        about["confirms"] = [table.label(each) for each in row.confirms]
        about["acting"] = [table.label(each) for each in row.acting]
        about |= {"officer": row.officer, "channel": row.channel, "note": row.note, "in_force": row.in_force(today)}
        about |= {"valid_from": str(row.valid_from), "valid_to": str(row.valid_to or "")}
        shown.append(about)
    return shown


def show(office: Office, case_id: int) -> Row:
    """Where a case goes, and why."""
    table = routing_of(office).checked()
    return work.show_route(office.engine, table, case_id, now=office.clock.now(), zone=office.settings.zone)


def apply(office: Office, actor: Actor, ids: Iterable[int] | None = None) -> StageReport:
    """Give registered leads their owner."""
    table = routing_of(office).checked()
    now, zone = office.clock.now(), office.settings.zone
    report = work.apply_routes(office.engine, table, actor, now=now, zone=zone, ids=ids)
    if report.kept:
        index_now(office)
    return report


def after_registration(office: Office, rows: Sequence[Row], actor: Actor) -> None:
    """Route leads that were just registered; each row gets ``owner_label``, which says so where no row fits.

    A mistake in the table keeps no lead from being registered: it is told in the place of the owner.
    """
    table = routing_of(office)
    ids = [row["case_id"] for row in rows]
    if table.problems:
        line, said = table.problems[0]
        for row in rows:
            row["owner_label"] = f"未分派（{table.file}:{line}: {said}）"
        return
    now, zone = office.clock.now(), office.settings.zone
    work.apply_routes(office.engine, table, actor, now=now, zone=zone, ids=ids)
    with reading(office.engine) as connection:
        owners = work.owners_of(connection, ids)
    for row in rows:
        names = [table.label(each) for each in owners.get(row["case_id"], ())]
        row["owner_label"] = "、".join(names) or "未分派（没有适用的分派行）"


def after_finding(office: Office, rows: Sequence[Row], actor: Actor) -> None:
    """Route what a finding has registered by the way, as ``after_registration`` does; what has an owner keeps it."""
    table = routing_of(office)
    ids = [row["case_id"] for row in rows if row["lead_number"] is not None and not row.get("waiting")]
    if ids and not table.problems:
        now, zone = office.clock.now(), office.settings.zone
        work.apply_routes(office.engine, table, actor, now=now, zone=zone, ids=ids)


def after_correction(office: Office, ids: Iterable[int], actor: Actor) -> None:
    """Who confirms and acts goes by what holds: cases whose reading a person corrected, or took that back.

    A mistake in the table keeps nobody from deciding; ``route check`` names it.
    """
    table = routing_of(office)
    if not table.problems:
        work.route_anew(office.engine, table, ids, actor, now=office.clock.now(), zone=office.settings.zone)


def unrouted(office: Office, limit: int = 200) -> list[Row]:
    """Registered leads without an owner: no row fitted, or the table had a mistake."""
    with reading(office.engine) as connection:
        cases = work.without_owner(connection, limit)
    return [{"case_id": each["id"], "lead_number": each["lead_number"], "region": each["region"]} for each in cases]


def authority_rows(office: Office) -> list[Row]:
    """Authorities for a screen."""
    names = ("id", "label", "addressee", "way", "days", "note")
    return [{name: getattr(each, name) for name in names} for each in routing_of(office).authorities.values()]


def assign(office: Office, case_id: int, owners: Sequence[str], reason: str, actor: Actor) -> Row:
    """A person names who confirms a case."""
    table = routing_of(office)
    done = work.assign_owner(office.engine, table, case_id, owners, reason, actor, now=office.clock.now())
    index_now(office)
    return {**done, "owner_labels": [table.label(each) for each in done["owners"]]}
