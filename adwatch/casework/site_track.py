"""The 网站 track as looks move it: gone once, gone twice, back again. What was sent to whom moves it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.tracks import move_track, tracks_of
from adwatch.models import Actor
from adwatch.store.audit import Entry
from adwatch.store.cases import events_of

Row = dict[str, Any]
SENT = ("to_cac", "to_telecom", "to_host")
"""Steps on which an office waits for a site to go."""


def settle_track(
    connection: Connection, case_id: int, looks: Sequence[Row], apart_hours: int, actor: Actor, now: datetime
) -> list[Entry]:
    """Move the track by the newest looks: verified are two that say gone, so many hours apart, with none between that
    saw it. Nothing where the case has no such track or nothing was sent yet. A look that the office's own network
    spoilt says nothing.
    """
    looks = [look for look in looks if look["word"] != "offline"]
    if not looks:
        return []
    step = _step(connection, case_id)
    if step is None or step in ("finding", "not_fake", "verified", "ended"):
        return []
    since = _gone_since(looks)
    said = {"look": looks[-1]["id"], "word": looks[-1]["word"]}
    entries: list[Entry] = []
    if since is None:
        if step == "verified_once":
            entries += move_track(connection, case_id, "site", _before(connection, case_id), actor, now, detail=said)
        return entries
    if step in SENT:
        entries += move_track(connection, case_id, "site", "verified_once", actor, now, detail=said)
        step = "verified_once"
    if step == "verified_once" and looks[-1]["at"] - since >= timedelta(hours=apart_hours):
        entries += move_track(connection, case_id, "site", "verified", actor, now, detail=said)
    return entries


def _gone_since(looks: Sequence[Row]) -> datetime | None:
    """Time of the first of the looks that have said gone ever since; None where the newest saw it."""
    since = None
    for look in reversed(looks):
        if not look["gone"]:
            break
        since = look["at"]
    return since


def _step(connection: Connection, case_id: int) -> str | None:
    rows = tracks_of(connection, [case_id]).get(case_id, [])
    return next((str(row["step"]) for row in rows if row["track"] == "site"), None)


def _before(connection: Connection, case_id: int) -> str:
    """The step on which it was waited for, before it was seen gone."""
    moves = [each["detail"] for each in events_of(connection, "case", [case_id]).get(case_id, [])]
    steps = [each["to"] for each in moves if each.get("track") == "site" and each.get("to") in SENT]
    return str(steps[-1]) if steps else "to_host"
