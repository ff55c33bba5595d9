"""甄别函 that have not gone out, and what was found or corrected of their leads since they were drafted.

A 线索清单 says of each lead that nobody has found yet, and which classes, families and articles it is about. What was
decided since is not asked any more; what was decided and is open again may be about something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from adwatch.casework.differing import told
from adwatch.casework.differing_sent import UNASKED, WAITING, since_sent
from adwatch.casework.differing_words import told_since
from adwatch.casework.shown import cites, labels
from adwatch.casework.states import STATES, UNDO
from adwatch.store import differing as store
from adwatch.store import schema as s
from adwatch.store.differing import CONFIRMATION
from adwatch.store.opening import chunks
from adwatch.store.views import ListingView, as_offered, versions_of
from adwatch.tables import Family, Law, OfferClass

Row = dict[str, Any]
PARTS = ("families", "offers", "cites")
"""Parts of a row that a person can correct."""


@dataclass(frozen=True, slots=True)
class Words:
    """The tables by which leads are put into words."""

    law: Law
    classes: Mapping[str, OfferClass]
    families: Mapping[str, Family]
    platforms: Mapping[str, str]
    """Chinese names of platforms."""


def parts(view: ListingView, words: Words) -> dict[str, str]:
    """What a row of the list says of a lead that a person can correct."""
    read = view.reading
    return {
        "families": "、".join(labels(read.certificate_kinds if read else (), words.families)),
        "offers": "、".join(labels(read.offer_types if read else (), words.classes)),
        "cites": "\n".join(cites(read, view.day, words.law, words.classes)),
    }


def strongest(views: Iterable[list[ListingView]]) -> ListingView:
    """The listing of a lead that its row shows."""
    offered = [as_offered(each) for each in views]
    return max(offered, key=lambda each: each.verdict.score if each.verdict else -1.0)


def of_batch(connection: Connection, batch: Mapping[str, Any], words: Words) -> list[Row]:
    """What a batch that has not gone out says that no longer holds, as ``differing.differences`` gives it."""
    if batch["state"] != "draft":
        return []
    rows = {row["lead_number"]: row for row in batch["content"]["rows"]}
    cases = _decided_since(connection, batch)
    views = versions_of(connection, [each for case in cases for each in case["listings"]])
    found = []
    for case in cases:
        row = rows[case["lead_number"]]
        if case["state"] not in UNASKED:
            said, holds = WAITING, STATES[case["state"]]
        else:
            now = parts(strongest(views[each] for each in case["listings"]), words)
            names = [name for name in PARTS if set(_split(now[name])) != set(_split(row[name]))]
            if not names:
                continue
            said, holds = ("；".join(text[name].replace("\n", "、") or "无" for name in names) for text in (row, now))
        about = {"case_id": case["id"], "lead_number": case["lead_number"], "state": case["state"]}
        found.append({**about, "seq": row["seq"], "said": said, "holds": holds, "fallen": False})
    return found


def _split(text: str) -> list[str]:
    return text.replace("\n", "、").split("、")


def _decided_since(connection: Connection, batch: Mapping[str, Any]) -> list[Row]:
    """Cases of a batch that cannot be asked about any more, or of which something was decided since it was drafted.

    Of what was decided after and taken back nothing is said.
    """
    row, case, d = s.confirmation_row, s.case, s.decision
    since = select(d.c.id).where(d.c.case_id == case.c.id, d.c.at > batch["drafted_at"], d.c.result != UNDO)
    state = func.coalesce(case.c.state, "")
    query = select(case.c.id, case.c.lead_number, case.c.state, row.c.seq)
    query = query.join(row, row.c.case_id == case.c.id).where(row.c.confirmation_id == batch["id"])
    closed = ("confirmed", "dismissed", "excluded", "closed")
    query = query.where(or_(state.in_(closed), since.correlate(case).exists()))
    found = [dict(each._mapping) for each in connection.execute(query.order_by(row.c.seq))]
    listings: dict[int, list[int]] = {}
    link = s.case_listing
    for ids in chunks(each["id"] for each in found):
        pairs = select(link.c.case_id, link.c.listing_id).where(link.c.case_id.in_(ids)).order_by(link.c.listing_id)
        for case_id, listing_id in connection.execute(pairs):
            listings.setdefault(case_id, []).append(listing_id)
    return [{**each, "listings": listings[each["id"]]} for each in found if each["id"] in listings]


def notices(
    connection: Connection, batches: Sequence[Mapping[str, Any]], words: Words
) -> dict[int, tuple[list[Row], str]]:
    """By key of those batches that say what no longer holds: what, and that in words with what to do."""
    found: dict[int, tuple[list[Row], str]] = {}
    for batch in batches:
        if differing := of_batch(connection, batch, words):
            found[batch["id"]] = differing, f"{told(differing)}。本函不能再往下办；先作废本函，再重新拟函"
    names = {each: row.label for each, row in words.classes.items()}
    sent = [batch["id"] for batch in batches if batch["sent_at"]]
    for key, since in since_sent(connection, CONFIRMATION, sent, names, None).items():
        found[key] = since, told_since(CONFIRMATION, since)
    return found


def sent_differing(connection: Connection, batch: Mapping[str, Any], found: Sequence[Row], now: datetime) -> None:
    """A batch went out though it says what no longer holds: noticed like what is found after."""
    about = {"paper": CONFIRMATION, "paper_id": batch["id"], "number": batch["number"], "listing_id": None, "at": now}
    store.append(
        connection,
        [
            {
                **about,
                **{name: row[name] for name in ("case_id", "seq")},
                "said": {"types": None, "words": row["said"]},
                "holds": {"state": row["state"], "types": None, "words": row["holds"]},
            }
            for row in found
        ],
    )


def answered(connection: Connection, batch_id: int, case_ids: Iterable[int], now: datetime) -> None:
    """An authority answered on leads of a batch that went out: what was found meanwhile is no correction any more."""
    cases = set(case_ids)
    rows = [row for row in store.open_of(connection, CONFIRMATION, [batch_id]) if row["case_id"] in cases]
    store.end(connection, [row["id"] for row in rows], "answered", now, None, "")


def due_correction(number: str, found: Sequence[Row]) -> str:
    """What is said of a batch that went out though it says what no longer holds."""
    return (
        f"甄别函 {number} 与现在的认定不同：{told(found)}。已登记发出；应另发更正函；"
        f"命令：adwatch differing correct {number}"
    )
