"""Second looks and the quality of review, as the console and the command call them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.casework import quality as figures
from adwatch.casework import sampling
from adwatch.models import Actor, StageReport
from adwatch.tables.reason_codes import checked_code, reason_codes
from adwatch.tables.second_look import SecondLooks

Row = dict[str, Any]


def draw(office: Office, first: str, last: str, actor: Actor) -> Row:
    """Draw the share of the table (second_look.csv) from what was dismissed and what was not flagged in some days."""
    rules = SecondLooks.load(office.settings.data)
    now, zone = office.clock.now(), office.settings.zone
    return sampling.draw(office.engine, rules, first, last, actor, now=now, zone=zone)


def waiting(office: Office, actor: Actor, limit: int = 50) -> list[Row]:
    """What waits for this person, blind and masked."""
    return sampling.waiting(office.engine, actor, limit)


def answer(office: Office, look_id: int, result: str, reason: str, actor: Actor, code: str | None = None) -> Row:
    """What the person finds."""
    checked = checked_code(reason_codes(office.settings.data), code, result)
    now, zone = office.clock.now(), office.settings.zone
    done = sampling.answer(office.engine, look_id, result, reason, actor, now=now, zone=zone, code=checked)
    index_now(office)
    return done


def add_gold(office: Office, listing_ids: Sequence[str], known: str, actor: Actor) -> StageReport:
    """Listings whose answer is known."""
    return sampling.add_gold(office.engine, listing_ids, known, actor, now=office.clock.now())


def quality(office: Office, first: date, last: date) -> Row:
    """Agreement, overturn rate, time per decision."""
    return figures.quality(office.engine, first, last, office.settings.zone)
