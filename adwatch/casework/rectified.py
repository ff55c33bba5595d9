"""原属实，已改正: a listing whose offer was edited away after its case was found 属实; the finding stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.track_table import TRACKS
from adwatch.casework.tracks import move_track, tracks_of
from adwatch.models import Actor
from adwatch.store.audit import Entry
from adwatch.store.cases import case_by_id, decisions_of
from adwatch.store.views import ListingView, as_it_stands

TRACK, END, OUTCOME = "takedown", "ended", "rectify"


def not_rectified(
    connection: Connection, case: Mapping[str, Any], views: Mapping[int, list[ListingView]]
) -> str | None:
    """Why a re-opened case is not one that was 属实 and offers nothing any more; None where it is."""
    made = decisions_of(connection, [case["id"]]).get(case["id"], [])
    if not made or made[-1]["result"] != "confirm":
        return "此前没有认定为“属实”，不能记为已改正；请按现在的内容甄别"
    if any(as_it_stands(views[listing]).flagged for listing in case["listings"]):
        return "现在的内容仍被判为命中，不能记为已改正；请甄别属实或不属实"
    return None


def end_rectified(connection: Connection, case: dict[str, Any], actor: Actor, now: datetime) -> list[Entry]:
    """End the 下架 track of what was asked for: there is nothing left to take down. What is not sent yet is left.

    ``case`` is brought up to date: it is 办结 where no other track is open.
    """
    tracks = tracks_of(connection, [case["id"]]).get(case["id"], [])
    here = next((row for row in tracks if row["track"] == TRACK), None)
    if here is None or END not in TRACKS[TRACK].steps[here["step"]].to:
        return []
    entries = move_track(connection, case["id"], TRACK, END, actor, now, OUTCOME)
    case.update(case_by_id(connection, case["id"]) or {})
    return entries
