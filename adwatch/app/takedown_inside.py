"""What of the takedown papers a person limited to regions and families may see, beside the lists of ``takedown``."""

from __future__ import annotations

from adwatch.app.office import Office
from adwatch.app.takedown import File, desk
from adwatch.casework import takedown_inside as inside
from adwatch.casework.takedown_sent import mended
from adwatch.store.engine import reading
from adwatch.store.filters import Filters

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def is_whole(office: Office, number: str, limits: Filters | None) -> bool:
    """Whether a person may see all of a letter; an error as of an unknown number where they may see none of it."""
    return limits is None or inside.is_whole(desk(office), number, limits)


def extract(office: Office, number: str, limits: Filters | None) -> File:
    """The part of a letter's list that a person may see, as XLSX."""
    return File(f"{number}-摘录.xlsx", XLSX, inside.extract(desk(office), number, limits))


def mended_within(office: Office, limits: Filters | None) -> dict[str, int]:
    """The wrong takedowns that were mended, of what a person may see."""
    with reading(office.engine) as connection:
        return mended(connection, limits)
