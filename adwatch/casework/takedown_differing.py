"""Letters that have not gone out and say what no longer holds: refused, shown, or recorded if they went anyhow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from adwatch.casework.differing import Tables, differences, doubtful, told
from adwatch.casework.takedown_kinds import BEFORE, KINDS, MENDS
from adwatch.errors import UsageError
from adwatch.store import schema as s
from adwatch.store import takedown_papers as papers
from adwatch.store.corrections import STANDING
from adwatch.store.filters import Filters
from adwatch.store.opening import chunks
from adwatch.store.queue import within

Row = dict[str, Any]
ASKED_OF = ("confirmed",)
"""State of a case of which a request may go out; letters about a request that went may name one that is closed."""


def of_letter(connection: Connection, letter: Mapping[str, Any], tables: Tables | None) -> list[Row]:
    """What a letter says that no longer holds, as ``differing.differences`` gives it.

    Withdrawals and corrections say it on purpose. A reminder repeats the request as the 更正函 mends it that were sent
    before it was drafted.
    """
    kind, rows = letter["kind"], letter["content"]["listings"]
    if kind in MENDS:
        return []
    if KINDS[kind].asks:
        return differences(connection, rows, tables, ASKED_OF)
    return differences(connection, rows, tables, STANDING)


def refuse_differing(connection: Connection, letter: Mapping[str, Any], tables: Tables, what: str) -> None:
    """Refuse a step of a letter that says what no longer holds; the message says what, and what to do."""
    if found := of_letter(connection, letter, tables):
        raise UsageError(_why_not(letter, found, what))


def _why_not(letter: Mapping[str, Any], found: Sequence[Row], what: str) -> str:
    number = letter["number"]
    return f"函 {number}: {told(found)}。不能{what}；{remedy(letter)}；命令：adwatch takedown void {number}"


def held_back(connection: Connection, numbers: Iterable[str], tables: Tables) -> dict[str, str]:
    """By number why those of some drafts must not go out by a schedule: what a person who sends would be told."""
    found = {}
    for number in numbers:
        for letter in papers.letters(connection, number=number, steps=BEFORE):
            if differing := of_letter(connection, letter, tables):
                found[number] = _why_not(letter, differing, "发出")
    return found


def remedy(letter: Mapping[str, Any]) -> str:
    """What to do about a draft that says what no longer holds."""
    if KINDS[letter["kind"]].asks:
        return "先作废本函，再重新拟文"
    return f"先对原函 {letter['about']} 发出更正函或撤回函（已发出的不必再发），再作废本函，按需要重新拟文"


def due_correction(letter: Mapping[str, Any], found: Sequence[Row]) -> str:
    """What is said of a letter that went out though it says what no longer holds."""
    about = letter["about"]
    parts = {("更正函", "correct"): False, ("撤回函", "withdraw"): True}
    needed = [pair for pair, fallen in parts.items() if any(each["fallen"] == fallen for each in found)]
    commands = "、".join(f"adwatch takedown {verb} {about}" for _, verb in needed)
    due = "、".join(name for name, _ in needed)
    return f"函 {letter['number']} 与现在的认定不同：{told(found)}。已登记发出；应另发{due}；命令：{commands}"


def of_drafts(
    connection: Connection, letters: Iterable[Mapping[str, Any]], tables: Tables, limits: Filters | None = None
) -> dict[str, list[Row]]:
    """By number what those of some letters say that no longer holds that have not gone out; of cases within limits.

    Only letters with a case that was found otherwise or corrected are read: they may have thousands of rows.
    """
    waiting = [each for each in letters if each["step"] in BEFORE]
    taken, asked = s.takedown_listing, dict[int, set[int]]()
    for ids in chunks(each["takedown_id"] for each in waiting):
        query = select(taken.c.listing_id, taken.c.takedown_id).where(taken.c.takedown_id.in_(ids))
        for listing_id, takedown_id in connection.execute(query):
            asked.setdefault(listing_id, set()).add(takedown_id)
    concerned = set[int]().union(*(asked[each] for each in doubtful(connection, asked, ASKED_OF)))
    found: dict[str, list[Row]] = {}
    for each in waiting:
        if each["takedown_id"] in concerned:
            (letter,) = papers.letters(connection, number=each["number"])
            if differing := inside(connection, of_letter(connection, letter, tables), limits):
                found[each["number"]] = differing
    return found


def inside(connection: Connection, found: list[Row], limits: Filters | None) -> list[Row]:
    """Those differences whose case lies within a person's limits."""
    if limits is None or not found:
        return found
    seen = within(connection, limits, {each["case_id"] for each in found})
    return [each for each in found if each["case_id"] in seen]
