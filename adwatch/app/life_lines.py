"""What is kept of life lines is made anew behind whatever wrote their moments, by any process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adwatch.store import life_line_due
from adwatch.store.engine import reading

if TYPE_CHECKING:
    from adwatch.app.office import Office

AT_AN_ACT = 2_000
"""Listings that are made anew behind an act for which somebody waits; the next goes on."""


def life_lines_now(office: Office, most: int | None = None) -> int:
    """Make anew what is due, of at most so many listings; how many requests. Where nothing is, nothing is loaded."""
    with reading(office.engine) as connection:
        if not life_line_due.oldest(connection, 1):
            return 0
    from adwatch.casework.life_lines import bring_up_to_date

    return bring_up_to_date(office.engine, office.settings.zone, most)


def life_lines_afresh(office: Office) -> int:
    """Throw away what is kept and make it again from what it was made of; how many requests."""
    from adwatch.casework.life_lines import forget

    forget(office.engine)
    return life_lines_now(office)
