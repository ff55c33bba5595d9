"""Reminders and escalations of requests that are due: drafted, with what they leave out, and what is left undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.app.takedown import desk, due_list
from adwatch.casework import takedown_letters as letters
from adwatch.casework import takedown_shown as shown
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.tables.takedown import escalations

Row = dict[str, Any]


class Reminded(NamedTuple):
    """What became of reminders that were asked for."""

    rows: list[Row]
    """Those drafted; ``left_out``: what they do not repeat, in words."""
    escalate: list[str]
    """Requests that are to be escalated instead."""
    refused: list[str]
    """Why some of several could not be drafted."""

    @property
    def notes(self) -> list[str]:
        """All that is to be said beside the letters."""
        left = f"另有 {len(self.escalate)} 件建议升级处置，未拟催办函：{'、'.join(self.escalate)}"
        named = [f"{row['number']} {row['left_out']}" for row in self.rows if row["left_out"]]
        return [*([left] if self.escalate else []), *named, *self.refused]


def remind(office: Office, numbers: Sequence[str], actor: Actor, limits: Filters | None = None) -> Reminded:
    """Draft 催办函 for requests; without numbers for all that are due, inside, have none under way, and are not to be
    escalated."""
    due = [] if numbers else [row for row in due_list(office, limits) if row["whole"] and not row["under_way"]]
    made = Reminded([], [row["number"] for row in due if row["action"] == "escalate"], [])
    for number in numbers or [row["number"] for row in due if row["action"] != "escalate"]:
        try:
            drafted = letters.remind(desk(office), number, actor)
        except UsageError as error:
            if numbers:
                raise
            made.refused.append(str(error))
            continue
        made.rows.append(_repeated(office, drafted))
    return made


def escalate(office: Office, number: str, to: str, actor: Actor, reason: str) -> Row:
    """Draft a 提请处置函 to one of takedown_escalations.csv."""
    known = escalations(office.settings.data)
    if to not in known:
        raise UsageError(f"--to {to}: write one of {', '.join(known)} (takedown_escalations.csv)")
    return _repeated(office, letters.escalate(desk(office), number, known[to], actor, reason))


def _repeated(office: Office, number: str) -> Row:
    """The row of a reminder or escalation, with what it left out."""
    index_now(office)
    row = shown.short(desk(office), number)
    with reading(office.engine) as connection:
        return row | {"left_out": letters.left_out(connection, number)}
