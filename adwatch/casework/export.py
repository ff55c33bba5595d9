"""Export: the weekly list, frozen when it is first issued. A later change is only seen in a new issue.

Files: ``<week>.<format>`` and ``<week>-manifest.json``; of issue 2 and later ``<week>-issue<n>.<format>`` likewise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine

from adwatch.casework.platform_info import PlatformInfo
from adwatch.casework.sheet import FORMATS
from adwatch.casework.shown import local
from adwatch.casework.weekly import COLUMNS, Tables, week_days, weekly
from adwatch.errors import UsageError
from adwatch.files import write_whole
from adwatch.models import Actor
from adwatch.store import exports as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import CASEWORK_LOCK, advisory_lock, reading, writing
from adwatch.tables import Family, Law, OfferClass

SCHEMA = "adwatch.export/1"


def export_week(
    engine: Engine,
    week: str,
    fmt: str,
    out_dir: Path,
    *,
    now: datetime,
    zone: tzinfo,
    law: Law,
    classes: Mapping[str, OfferClass],
    families: Mapping[str, Family],
    platforms: Mapping[str, PlatformInfo],
    as_of: datetime | None = None,
    reissue: bool = False,
    actor: Actor | None = None,
) -> list[Path]:
    """Write the list of a week and its manifest; gives both files.

    Without ``as_of`` the newest issue, made now if there is none; with it, the newest issue made by then, or, where the
    week was never issued, the first, as things were known then. ``reissue`` makes one more issue; ``actor`` as in
    ``freeze``.
    """
    if fmt not in FORMATS:
        raise UsageError(f"--format {fmt}: write one of {', '.join(FORMATS)}")
    week_days(week)
    if as_of is not None and as_of > now:
        raise UsageError(f"--as-of {as_of.isoformat()}: lies in the future")
    tables = Tables(law, classes, families, platforms, zone)
    issue = freeze(engine, week, as_of, now, reissue, tables, actor)
    stem = _stem(week, issue["issue"])
    file, manifest = out_dir / f"{stem}.{fmt}", out_dir / f"{stem}-manifest.json"
    content = FORMATS[fmt](issue, COLUMNS)
    write_whole(file, content, "export.before_rename")
    described = {"name": file.name, "rows": len(issue["rows"]), "bytes": len(content)}
    described["sha256"] = hashlib.sha256(content).hexdigest()
    write_whole(manifest, _manifest(issue, manifest, described))
    return [file, manifest]


def issue_file(engine: Engine, week: str, number: int, fmt: str, zone: tzinfo) -> tuple[str, bytes] | None:
    """(name, bytes) of an issue that was made, in one of the formats; None where there is no such issue."""
    with reading(engine) as connection:
        found = next((each for each in store.issues_of(connection, week) if each.issue == number), None)
    if found is None or fmt not in FORMATS:
        return None
    heads = _with_heads(week, number, found.as_of, found.rows, zone)
    return f"{_stem(week, number)}.{fmt}", FORMATS[fmt](heads, COLUMNS)


def _stem(week: str, number: int) -> str:
    return week if number == 1 else f"{week}-issue{number}"


def freeze(
    engine: Engine,
    week: str,
    as_of: datetime | None,
    now: datetime,
    reissue: bool,
    tables: Tables,
    actor: Actor | None = None,
) -> dict[str, Any]:
    """The issue asked for (see ``export_week``), frozen first where it is new; the audit log names ``actor``."""
    with writing(engine) as connection:
        advisory_lock(connection, CASEWORK_LOCK)
        issues = store.issues_of(connection, week)
        if issues and not reissue:
            known = [issue for issue in issues if as_of is None or issue.as_of <= as_of]
            if not known:
                first = local(issues[0].as_of, tables.zone)
                raise UsageError(f"--as-of: week {week} was first issued at {first}; give a later time or --reissue")
            newest = known[-1]
            return _with_heads(week, newest.issue, newest.as_of, newest.rows, tables.zone)
        at = as_of or now
        number = len(issues) + 1
        found = weekly(connection, week, at, tables)
        store.add_issue(connection, week, number, at, found)
        frozen = hashlib.sha256(orjson.dumps(found)).hexdigest()
        said = {"as_of": at.isoformat(), "rows": len(found["rows"]), "sha256": frozen}
        about = ("export.issue", "export", f"{week}#{number}", now, said)
        append_entries(connection, [Entry.of(actor, *about) if actor else Entry("machine", None, *about)])
    # read back as JSON keeps it, so that the first run and all later ones write the same
    return _with_heads(week, number, at, orjson.loads(orjson.dumps(found)), tables.zone)


def _with_heads(week: str, number: int, as_of: datetime, frozen: dict[str, Any], zone: tzinfo) -> dict[str, Any]:
    monday, sunday = week_days(week)
    span = f"{monday.month}月{monday.day}日至{sunday.month}月{sunday.day}日"
    return {
        "week": week,
        "from": monday.isoformat(),
        "to": sunday.isoformat(),
        "issue": number,
        "as_of": as_of.isoformat(),
        "as_of_local": as_of.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        "complete": as_of.astimezone(zone).date() > sunday,
        "title": f"证书类涉嫌违法信息监测周报（{week[:4]}年第{int(week[6:])}周，{span}）",
        **frozen,
    }


def _manifest(issue: Mapping[str, Any], file: Path, described: dict[str, Any]) -> bytes:
    """Counts and digests; the other formats of the same issue that were written to the folder stay named."""
    heads = {name: issue[name] for name in ("week", "from", "to", "issue", "as_of", "complete")}
    counts: dict[str, Any] = {"listings": len(issue["rows"])}
    counts.update({block["id"]: {key: n for key, _, n in block["rows"]} for block in issue["statistics"]})
    files = {described["name"]: described}
    try:
        before = orjson.loads(file.read_bytes())
        if all(before[name] == heads[name] for name in heads):
            files.update((each["name"], each) for each in before["files"] if each["name"] != described["name"])
    except (FileNotFoundError, orjson.JSONDecodeError, KeyError, TypeError):
        pass  # there is none, or it is none of ours: it is written anew
    listed = [files[name] for name in sorted(files)]
    manifest = {"schema": SCHEMA, **heads, "counts": counts, "files": listed, "coverage": issue.get("coverage", [])}
    return orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n"
