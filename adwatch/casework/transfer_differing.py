"""Transfers that have not gone out, and what of their cases holds no longer as it was when they were drafted.

The papers are made of what holds when they are sent. So what the drafter saw is kept with the draft (``said``), and a
transfer is neither approved nor sent of which the cases were found otherwise meanwhile: what the head approved is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from adwatch.casework.differing import Tables, differences, told
from adwatch.casework.differing_sent import since_sent
from adwatch.casework.differing_words import told_since
from adwatch.casework.shown import cites, labels
from adwatch.casework.states import STATES
from adwatch.casework.transfer_table import BEFORE_SENT
from adwatch.errors import UsageError
from adwatch.store.corrections import STANDING, found_as
from adwatch.store.differing import TRANSFER
from adwatch.store.views import as_offered, versions_of

Row = dict[str, Any]
SAID = "said"
"""Key of a draft's content under which it stands; packages do not have it, since their papers say it."""


def said_of(connection: Connection, listing_ids: Iterable[int], tables: Tables | None) -> list[Row]:
    """What the papers would say now of some listings: classes and articles."""
    rows = []
    for views in versions_of(connection, listing_ids).values():
        view = as_offered(views)
        types = list(view.reading.offer_types) if view.reading else []
        articles = cites(view.reading, view.day, tables.law, tables.classes) if tables else []
        named = labels(types, tables.classes if tables else {})
        rows.append(
            {"listing_id": view.listing.listing_id, "offer_types": types, "offer_labels": named, "cites": articles}
        )
    return rows


def of_transfer(connection: Connection, row: Mapping[str, Any], tables: Tables | None) -> list[Row]:
    """What of a transfer that has not gone out holds no longer, as ``differing.differences`` gives it.

    Of one that was drafted before drafts kept what they say: only whether its cases still stand.
    """
    if row["step"] not in BEFORE_SENT:
        return []
    if SAID in row["content"]:
        return differences(connection, row["content"][SAID], tables, decided=False)
    states = {each["case_id"]: found_as(connection, each["case_id"]) for each in row["cases"]}
    return [
        {"case_id": each["case_id"], "lead_number": each["lead_number"], "listing_id": None, "seq": None,
         "said": "属实", "holds": STATES[states[each["case_id"]]], "fallen": True}
        for each in row["cases"] if states[each["case_id"]] not in STANDING
    ]  # fmt: skip


def notice(row: Mapping[str, Any], found: Sequence[Row]) -> str | None:
    """What is said of it, and what to do; None where all of it holds."""
    if not found:
        return None
    return f"{told(found, '拟稿时')}。不能批准或者移送；先作废，再重新拟移送"


def notices(connection: Connection, rows: Sequence[Mapping[str, Any]], tables: Tables) -> dict[str, str | None]:
    """By number what of transfers holds no longer, before they go out and after; of the ``cases`` that rows have."""
    found: dict[str, str | None] = {}
    names = {each: row.label for each, row in tables.classes.items()}
    since = since_sent(connection, TRANSFER, [row["id"] for row in rows if row["sent_at"]], names, None)
    for row in rows:
        shown = {each["case_id"] for each in row["cases"]}
        differs = [each for each in of_transfer(connection, row, tables) if each["case_id"] in shown]
        sent = [each for each in since.get(row["id"], []) if each["case_id"] in shown]
        said = told_since(TRANSFER, sent) if sent else None
        found[row["number"]] = said or notice(row, differs)
    return found


def refuse_differing(connection: Connection, row: Mapping[str, Any], tables: Tables | None) -> None:
    """Refuse what would take a transfer on whose cases were found otherwise since it was drafted."""
    if said := notice(row, of_transfer(connection, row, tables)):
        command = f"adwatch transfer answer {row['number']} void --reason 原因"
        raise UsageError(f"{row['number']}: {said}；命令：{command}")
