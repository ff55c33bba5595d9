"""Retention as verbs call it: what stays and why, holds, and the deletion that policy asks for."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from adwatch.app.indexing import forget_now
from adwatch.app.office import Office
from adwatch.app.package import sources
from adwatch.archive.warc_file import MARK
from adwatch.casework import erasing
from adwatch.casework import retention as work
from adwatch.casework.erasing import KINDS
from adwatch.casework.kept_package import FOLDER, keep_package
from adwatch.models import Actor
from adwatch.store import retention as store
from adwatch.store.engine import checkpoint, reading
from adwatch.store.erasures import PACKAGE
from adwatch.store.holdings import erased_issues
from adwatch.tables.retention import Keeping, retention_rules

EXPORTS = "exports"
"""Where the weekly lists are written unless somebody says otherwise."""

Row = dict[str, Any]


def rules(office: Office) -> dict[str, Keeping]:
    """The office's policy."""
    return retention_rules(office.settings.data)


def show(office: Office) -> Row:
    """The policy, the holds, the last run, and what becomes of each WARC file that is old enough."""
    policy = rules(office)
    return {**policy_now(office), "files": [_shown(each) for each in _plans(office, policy)]}


def policy_now(office: Office) -> Row:
    """The policy, the holds and the last run: what needs no walk through the store."""
    with reading(office.engine) as connection:
        holds, last = store.all_holds(connection), store.last_run(connection)
    columns = ("id", "label", "days", "basis", "note")
    return {
        "rules": [{name: getattr(each, name) for name in columns} for each in rules(office).values()],
        "holds": holds,
        "last": last and {**last, "deleted": _named(last["detail"]["deleted"])},
    }


def _named(counts: Mapping[str, int]) -> dict[str, int]:
    return {{"warc": "归档文件", **KINDS}.get(kind, kind): count for kind, count in counts.items()}


def plan(office: Office) -> Row:
    """What a run would delete and why the rest stays, counted by kind; nothing is changed."""
    with reading(office.engine) as connection:
        kinds = erasing.plan(connection, _policy(office))
    files = _plans(office, rules(office))
    warc = {"kind": "warc", "label": "归档文件（WARC）", "may_go": _rules_of(office, files), "stays": _reasons(files)}
    return {"kinds": [warc, *erasing.shown(kinds, rules(office), work.WHY)]}


def _policy(office: Office) -> erasing.Policy:
    return erasing.Policy(rules(office), office.clock.now(), office.settings.zone)


def _rules_of(office: Office, files: list[work.Plan]) -> dict[str, int]:
    """WARC files that may go by the rules that they have outlived; none where the archive is in a bucket."""
    if office.settings.archive_bucket is not None:
        return {}
    named = rules(office)
    goes = [
        "、".join(named[each].label for each in sorted(one.rules or {"unflagged"})) for one in files if not one.stays
    ]
    return dict(Counter(goes))


def _reasons(files: list[work.Plan]) -> dict[str, int]:
    return dict(Counter("、".join(work.WHY[word] for word in sorted(one.stays)) for one in files if one.stays))


def hold(office: Office, case_id: int | None, reason: str, actor: Actor) -> Row:
    """Keep a case, or everything, until it is released."""
    return work.place_hold(office.engine, case_id, reason, actor, office.clock.now())


def release(office: Office, hold_id: int, reason: str, actor: Actor) -> Row:
    """Release a hold."""
    return work.release_hold(office.engine, hold_id, reason, actor, office.clock.now())


def apply(office: Office, actor: Actor, dry_run: bool) -> Row:
    """Delete what has outlived the policy: WARC files, packages, texts, attachments; the index loses the texts too.

    First the records of closed confirmed cases are put into packages of their own; then what goes is noted in the store
    and the log; then it is deleted. A run that died in between is finished by the next. ``dry_run`` changes nothing.
    Files in a bucket are left to the bucket's own lifecycle.
    """
    files = _plans(office, rules(office))
    if dry_run:
        may = [] if office.settings.archive_bucket else [one.file for one in files if not one.stays]
        return {"dry_run": True, "packages": _wanted(files), "deleted": may, "stays": _stays(files), **plan(office)}
    wanted: list[int] = []
    gone: list[str] = []
    if office.settings.archive_bucket is None:
        wanted, gone = _expire(office, actor)
    now, zone = office.clock.now(), office.settings.zone
    dropped = work.drop_packages(office.engine, rules(office), actor, now=now, zone=zone)
    for name in dropped:
        (office.home / name).unlink(missing_ok=True)
    gone += dropped + _orphans(office)
    erasing.packages_gone(office.engine, now)
    erased = erasing.erase(office.engine, _policy(office), actor)
    gone += erasing.remove_files(office.engine, office.home, now) + _lists(office)
    checkpoint(office.engine)
    deleted = {"warc": sum(name.endswith(".warc.gz") for name in gone), PACKAGE: len(dropped), **erased}
    work.note_run(office.engine, actor, now, deleted)
    told = {"packages": wanted, "deleted": gone, "erased": _named(erased), "index": forget_now(office).note}
    return {"dry_run": False, **told, "stays": _stays(_plans(office, rules(office)))}


def _expire(office: Office, actor: Actor) -> tuple[list[int], list[str]]:
    """(cases whose records were put into packages, WARC files that went)."""
    policy = rules(office)
    wanted = _wanted(_plans(office, policy))
    now, zone = office.clock.now(), office.settings.zone
    gone = work.remove_noted(office.engine, office.settings.archive_root, now)
    for case_id in wanted:
        keep_package(office.engine, case_id, sources(office, [case_id]), actor, now)
    plans = _plans(office, policy)
    digests = {
        one.file: _digest(office.shelf.inside(one.file)) for one in plans if not one.stays and not one.to_package
    }
    work.note_expired(office.engine, policy, digests, _files(office), actor, now=now, zone=zone)
    return wanted, gone + work.remove_noted(office.engine, office.settings.archive_root, now)


def _wanted(plans: list[work.Plan]) -> list[int]:
    """Closed cases whose records must be put into packages first."""
    return sorted({case_id for one in plans if not one.stays for case_id in one.to_package})


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
    oldest = (office.machine_clock.now() - timedelta(days=1)).timestamp()
    gone = []
    for file in sorted((office.home / FOLDER).glob("CASE-*.zip")):
        name = f"{FOLDER}/{file.name}"
        if name not in named and file.stat().st_mtime < oldest:
            file.unlink()
            gone.append(name)
    return gone


def _lists(office: Office) -> list[str]:
    """Delete the files that ``export`` wrote into ADWATCH_HOME for issues whose quotations are gone."""
    with reading(office.engine) as connection:
        stems = erased_issues(connection)
    gone = []
    for file in sorted((office.home / EXPORTS).glob("*.*")):
        if file.stem in stems:
            file.unlink()
            gone.append(f"{EXPORTS}/{file.name}")
    return gone


def _stays(plans: list[work.Plan]) -> list[Row]:
    return [_shown(one) for one in plans if one.stays]


def _shown(one: work.Plan) -> Row:
    why = {work.WHY[word]: count for word, count in sorted(one.stays.items())}
    facts = {"file": one.file, "day": one.day, "captures": one.captures, "in_packages": one.kept}
    return {**facts, "to_package": sorted(one.to_package), "stays": why, "may_go": not why}
