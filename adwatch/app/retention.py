"""Retention as verbs call it: what stays and why, holds, and the deletion that policy asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from adwatch.app.office import Office
from adwatch.app.package import sources
from adwatch.archive.warc_file import MARK
from adwatch.casework import retention as work
from adwatch.casework.kept_package import FOLDER, keep_package
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import retention as store
from adwatch.store.engine import reading
from adwatch.tables.retention import Keeping, retention_rules

Row = dict[str, Any]


def rules(office: Office) -> dict[str, Keeping]:
    """The office's policy."""
    return retention_rules(office.settings.data)


def show(office: Office) -> Row:
    """The policy, the holds, and what becomes of each WARC file that is old enough."""
    policy = rules(office)
    with reading(office.engine) as connection:
        holds = store.all_holds(connection)
    return {
        "rules": [
            {"id": each.id, "label": each.label, "days": each.days, "note": each.note} for each in policy.values()
        ],
        "holds": holds,
        "files": [_shown(each) for each in _plans(office, policy)],
    }


def hold(office: Office, case_id: int | None, reason: str, actor: Actor) -> Row:
    """Keep a case, or everything, until it is released."""
    return work.place_hold(office.engine, case_id, reason, actor, office.clock.now())


def release(office: Office, hold_id: int, reason: str, actor: Actor) -> Row:
    """Release a hold."""
    return work.release_hold(office.engine, hold_id, reason, actor, office.clock.now())


def apply(office: Office, actor: Actor, dry_run: bool) -> Row:
    """Delete the WARC files and packages that have outlived the policy.

    First the records of closed confirmed cases are put into packages of their own; then what goes is noted in the store
    and the log; then it is deleted. A run that died in between is finished by the next. ``dry_run`` changes nothing.
    """
    policy = rules(office)
    plans = _plans(office, policy)
    wanted = sorted({case_id for one in plans if not one.stays for case_id in one.to_package})
    if dry_run:
        may = [one.file for one in plans if not one.stays]
        return {"dry_run": True, "packages": wanted, "deleted": may, "stays": _stays(plans)}
    if office.settings.archive_bucket is not None:
        raise UsageError("the archive is in an object store: let the bucket's own lifecycle delete (docs/deploy.md)")
    now, zone = office.clock.now(), office.settings.zone
    gone = work.remove_noted(office.engine, office.settings.archive_root, now)
    for case_id in wanted:
        keep_package(office.engine, case_id, sources(office, [case_id]), actor, now)
    plans = _plans(office, policy)
    digests = {
        one.file: _digest(office.shelf.inside(one.file)) for one in plans if not one.stays and not one.to_package
    }
    work.note_expired(office.engine, policy, digests, _files(office), actor, now=now, zone=zone)
    gone += work.remove_noted(office.engine, office.settings.archive_root, now)
    for name in work.drop_packages(office.engine, policy, actor, now):
        (office.home / name).unlink(missing_ok=True)
        gone.append(name)
    gone += _orphans(office)
    return {"dry_run": False, "packages": wanted, "deleted": gone, "stays": _stays(_plans(office, policy))}


def _plans(office: Office, policy: Mapping[str, Keeping]) -> list[work.Plan]:
    now, zone = office.clock.now(), office.settings.zone
    with reading(office.engine) as connection:
        return work.plan(connection, policy, _files(office), now=now, zone=zone)


def _files(office: Office) -> list[str]:
    """WARC files that nobody is writing."""
    shelf = office.shelf
    return [name for name in shelf.names() if not shelf.inside(name).with_name(Path(name).name + MARK).exists()]


def _digest(file: Path) -> tuple[int, str]:
    with file.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
        return handle.tell(), sha256


def _orphans(office: Office) -> list[str]:
    """Delete packages that no row names: a run died between the file and the row, at least a day ago."""
    with reading(office.engine) as connection:
        named = {str(row["file"]) for rows in store.packages_of(connection).values() for row in rows}
    oldest = (office.clock.now() - timedelta(days=1)).timestamp()
    gone = []
    for file in sorted((office.home / FOLDER).glob("CASE-*.zip")):
        name = f"{FOLDER}/{file.name}"
        if name not in named and file.stat().st_mtime < oldest:
            file.unlink()
            gone.append(name)
    return gone


def _stays(plans: list[work.Plan]) -> list[Row]:
    return [_shown(one) for one in plans if one.stays]


def _shown(one: work.Plan) -> Row:
    why = {work.WHY[word]: count for word, count in sorted(one.stays.items())}
    facts = {"file": one.file, "day": one.day, "captures": one.captures, "in_packages": one.kept}
    return {**facts, "to_package": sorted(one.to_package), "stays": why, "may_go": not why}
