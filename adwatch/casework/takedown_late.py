"""Which requests are to be reminded of or escalated now, and from when on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from adwatch.casework.shown import local
from adwatch.casework.takedown_answers import Answers
from adwatch.casework.takedown_due import Due, after_days
from adwatch.casework.takedown_inside import narrowed
from adwatch.casework.takedown_kinds import BEFORE, KINDS
from adwatch.casework.takedown_letters import open_listings
from adwatch.casework.takedown_steps import Desk
from adwatch.store import takedown_late as late
from adwatch.store import takedown_papers as papers
from adwatch.store.asked_anew import asked_anew
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.store.inside import words_of_requests
from adwatch.store.last_looks import cleared
from adwatch.store.opening import chunks

Row = dict[str, Any]
STEPS = ("sent", "acknowledged", "refused", "handled")
"""Steps of a request after which something may be left to do: what was handled may be found up by a later look."""
ASKS = tuple(kind for kind, each in KINDS.items() if each.asks)
ABOUT = ("remind", "escalate")


class Late(NamedTuple):
    """A request that is to be reminded of."""

    request: Any
    """Row of ``takedown_late.still_up``."""
    about: Sequence[Any]
    """Reminders and escalations."""
    since: Due


class Counted:
    """Working days after a time, counted once for each day: many requests are sent on one."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.known: dict[tuple[date, int], Due] = {}

    def after(self, at: datetime, days: int) -> Due:
        """As ``after_days``, which goes by the day of a time alone."""
        key = at.astimezone(self.desk.zone).date(), days
        if key not in self.known:
            self.known[key] = after_days(at, days, self.desk.zone, self.desk.calendar)
        return self.known[key]


def due_list(desk: Desk, limits: Filters | None = None) -> list[Row]:
    """Requests whose platform has to be reminded now, oldest deadline first: number, since when, which action.

    ``limits``: of what a person may see; ``whole`` says whether that is all of a request.
    """
    return due_page(desk, limits)[0]


def due_page(desk: Desk, limits: Filters | None = None, most: int | None = None) -> tuple[list[Row], int]:
    """The first of them, and how many there are: contents are read of what is shown alone."""
    with reading(desk.engine) as connection:
        found = _late(connection, desk, limits)
        shown = {each.request.takedown_id: each for each in found[:most]}
        letters: dict[int, Row] = {}
        for ids in chunks(shown):
            rows = papers.page(connection, steps=STEPS, kinds=ASKS, takedown_ids=ids)
            letters.update((row["takedown_id"], row) for row in rows)
        left = _left(connection, list(shown), limits)
        counts = {row["id"]: row["count"] for row in narrowed(connection, list(letters.values()), limits)}
        replies = papers.replies_of(connection, shown)
    rows = []
    for takedown_id, each in shown.items():
        letter = letters[takedown_id]
        whole = counts.get(letter["id"]) == letter["count"]
        refused = Answers(replies.get(takedown_id, ())).all_refused(left[takedown_id])
        rows.append(_due_row(desk, letter, each, len(left[takedown_id]), refused) | {"whole": whole})
    return rows, len(found)


def _late(connection: Connection, desk: Desk, limits: Filters | None) -> list[Late]:
    """Oldest first."""
    requests = late.still_up(connection, STEPS, ASKS, desk.now, limits)
    ids = [each.takedown_id for each in requests]
    about = late.letters_about(connection, ids, ABOUT)
    counted = Counted(desk)
    found = [
        Late(each, about.get(each.takedown_id, ()), _since(counted, each, about.get(each.takedown_id, ())))
        for each in requests
    ]
    found = [each for each in found if each.since.at <= desk.now]
    those = [each.request.takedown_id for each in found]
    partly = late.settled_in_part(connection, those) | asked_anew(connection, those).keys()
    partly |= cleared(connection, those).keys()
    partly -= late.surely_open(connection, partly, limits)
    left = _left(connection, list(partly), limits)
    found = [each for each in found if left.get(each.request.takedown_id, True)]
    return sorted(found, key=lambda each: each.since.at)


def _left(connection: Connection, takedown_ids: Sequence[int], limits: Filters | None) -> dict[int, set[str]]:
    """By request the public ids of what is neither gone nor settled otherwise nor asked for anew, within limits."""
    seen = words_of_requests(connection, takedown_ids, limits) if limits is not None else None
    return open_listings(connection, takedown_ids, seen)


def _since(counted: Counted, request: Any, about: Sequence[Any]) -> Due:
    """From when on it is to be reminded of: its deadline, or some days after the sending or the last reminder."""
    rules = counted.desk.rules
    sent = [each for each in about if each.step == "sent"]
    if request.deadline_at is not None:
        first = Due(request.deadline_at, request.due_provisional)
    else:
        first = counted.after(request.request_sent_at, rules.remind_without_deadline_days)
    if not sent:
        return first
    again = counted.after(sent[-1].sent_at, rules.remind_every_days)
    return max(first, again, key=lambda due: due.at)


def _due_row(desk: Desk, letter: Row, each: Late, left: int, refused: bool) -> Row:
    under_way = [about.number for about in each.about if about.step in BEFORE]
    sent = sorted((about for about in each.about if about.step == "sent"), key=lambda about: about.sent_at)
    count = sum(about.kind == "remind" for about in sent)
    escalated = max((at for at, about in enumerate(sent, 1) if about.kind == "escalate"), default=0)
    since = sum(about.kind == "remind" for about in sent[escalated:])
    escalates = since >= desk.rules.escalate_after_reminders or (refused and not escalated)
    label = "升级处置" if escalates else "催办（已提请处置）" if escalated else "催办"
    return {
        "number": letter["number"],
        "platform": letter["platform"],
        "addressee": letter["addressee"],
        "listings": left,
        "since": each.since.at,
        "since_local": local(each.since.at, desk.zone),
        "provisional": each.since.provisional,
        "reminders": count,
        "under_way": under_way[-1] if under_way else None,
        "action": "escalate" if escalates else "remind",
        "action_label": label,
    }
