"""Where a transfer begins: the tracks of its cases are brought to where one is prepared, and none is under way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from adwatch.casework.tracks import move_track, tracks_of
from adwatch.casework.transfer_table import BEFORE_SENT, KINDS, Kind
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import transfers as store
from adwatch.store.audit import Entry

_REOPENED = {"crime": ("not_approved", "ended", "returned"), "site": ("not_fake", "ended", "verified")}
"""Steps from which a track is prepared anew by a new transfer."""
_READY = {"crime": ("preparing", "approved"), "site": ("finding", "to_cac", "to_telecom", "to_host")}
"""Steps on which a transfer may be drafted."""


def prepared(connection: Connection, case_id: int, form: Kind, actor: Actor, now: datetime) -> list[Entry]:
    """Bring a track that was closed or returned back to where a transfer is prepared; refuse one that is under way."""
    row = next(each for each in tracks_of(connection, [case_id])[case_id] if each["track"] == form.track)
    if row["step"] in _READY[form.track]:
        return []
    if row["step"] not in _REOPENED[form.track]:
        raise UsageError(f"案件 {case_id}: “{row['track_label']}”现为“{row['step_label']}”，不能再拟移送")
    first = "preparing" if form.track == "crime" else "finding"
    return move_track(connection, case_id, form.track, first, actor, now)


def not_under_way(connection: Connection, form: Kind, case_ids: Sequence[int], receiver: str) -> None:
    """A site is transferred to several offices side by side, to each once."""
    for case_id in case_ids:
        for other in store.listed(connection, case_id=case_id):
            if (
                other["step"] in BEFORE_SENT
                and KINDS[other["kind"]].track == form.track
                and (other["content"]["receiver"] == receiver)
            ):
                label = KINDS[other["kind"]].steps[other["step"]].label
                raise UsageError(f"案件 {case_id}: 已在 {other['number']}（{label}）中；先作废或者发出")
