"""下架, read only: what came back after its removal, the address book, clocks."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from adwatch.app import verification
from adwatch.app.address_book import address_book
from adwatch.console.desk import At, Desk
from adwatch.errors import UsageError

overviews = APIRouter()
BACK = 20
"""Listings that came back, the newest."""


@overviews.get("/back")
def back(desk: At) -> Response:
    """What is back after its removal, as a part of the list's page; for who is limited that part comes after the page,
    since one asks of each whether it is theirs.
    """
    return desk.page("part_back.html" if desk.hears else "takedown_back.html", back=back_again(desk))


def back_again(desk: Desk) -> list[dict[str, Any]]:
    """Listings that are back, those that the account may see."""
    return verification.back_again(desk.office, limit=BACK, limits=desk.limits)


@overviews.get("/contacts")
def contacts(desk: At, on: str = "") -> Response:
    """The address book, as in force on a day."""
    try:
        day = date.fromisoformat(on) if on.strip() else None
    except ValueError as error:
        raise UsageError("有效日应为 YYYY-MM-DD") from error
    rows, problems = address_book(desk.office, day)
    return desk.page("takedown_contacts.html", rows=rows, problems=problems, on=day)


@overviews.get("/clocks")
def clocks(desk: At) -> Response:
    """Medians and tails by platform, and how many stayed away."""
    found = verification.clocks(desk.office, limits=desk.limits)
    return desk.page("takedown_clocks.html", clocks=found["clocks"], stay_down=found["stay_down"])
