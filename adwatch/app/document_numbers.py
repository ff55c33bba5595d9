"""Whether a 文号 is borne by another paper of the office: said as a warning, since the office's own system gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adwatch.app import correction_letters, transfer
from adwatch.app.office import Office
from adwatch.app.takedown_inside import is_whole
from adwatch.errors import UsageError
from adwatch.store import document_numbers as store
from adwatch.store.engine import reading
from adwatch.store.filters import Filters

LABELS = {
    store.TAKEDOWN: "函",
    store.TRANSFER: "移送",
    store.CONFIRMATION: "甄别函",
    store.CORRECTION: "更正函",
}
NAMED = 5
"""Papers that are named, at most."""


def taken(office: Office, document_number: str | None, but: str, limits: Filters | None = None) -> str:
    """Which other papers bear a 文号, in words; empty where none does.

    ``but``: the paper that it is entered for. ``limits``: a person's, to whom papers outside are not named.
    """
    if not document_number:
        return ""
    with reading(office.engine) as connection:
        found = store.bearers(connection, document_number, but)
    named = [
        f"{LABELS[kind]} {number}{'（作废）' if void else ''}"
        for kind, number, void in found
        if limits is None or _seen(office, kind, number, limits)
    ]
    if not found:
        return ""
    said = "、".join(named[:NAMED]) or "本机关另一件文书（不在本账号范围内）"
    more = f"等 {len(named)} 件" if len(named) > NAMED else ""
    return f"文号 {document_number.strip()} 已用于{said}{more}，请核对是否重号。"


def with_taken(office: Office, row: Mapping[str, Any], given: Mapping[str, str | None]) -> dict[str, Any]:
    """The row of a paper after its facts were entered, with ``same_number``: what is to be said of its 文号."""
    return {**row, "same_number": taken(office, given.get("document_number"), row["number"])}


def _seen(office: Office, kind: str, number: str, limits: Filters) -> bool:
    """Whether a person may see a paper; 甄别函 are the whole office's."""
    try:
        if kind == store.TAKEDOWN:
            is_whole(office, number, limits)
        elif kind == store.TRANSFER:
            transfer.is_whole(office, number, limits)
        elif kind == store.CORRECTION:
            correction_letters.refuse_outside(office, number, limits)
    except UsageError:
        return False
    return kind != store.CONFIRMATION
