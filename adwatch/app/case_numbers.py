"""Cases by either of their numbers, as a person writes them: 案件号 or 线索编号."""

from __future__ import annotations

from adwatch.app.office import Office
from adwatch.casework import case_numbers


def plain(office: Office, text: str) -> str:
    """The 案件号 of a 线索编号; any other text as it is. UsageError of one that was never given."""
    return case_numbers.plain(office.engine, [text])[0]


def found(office: Office, text: str) -> dict[str, int | None]:
    """案件号 of each number that a field says; None of one that was never given. UsageError names what is no number."""
    return case_numbers.found(office.engine, text)
