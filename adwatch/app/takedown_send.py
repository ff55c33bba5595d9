"""The letters that are due to go out by mail, sent in one go: each once; those that cannot go are named, with why.

A letter is due where it is drafted and not sent, the address book knows a mail address, and what the office asks for
before a mail is there (takedown_rules.csv). A run that was cut off is begun again: what the server took is not sent a
second time, and what may have been taken waits for a person (``adwatch.casework.takedown_mail``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adwatch.app import correction_send, takedown
from adwatch.app.mail import in_turn
from adwatch.app.office import Office
from adwatch.casework.takedown_kinds import BEFORE
from adwatch.models import Actor
from adwatch.store import takedown_papers as papers
from adwatch.store.engine import reading

Row = dict[str, Any]


def mails_out(office: Office) -> bool:
    """Whether a mail server is set."""
    return bool(office.settings.smtp_url and office.settings.smtp_from)


def send_due(office: Office, actor: Actor, numbers: Iterable[str] | None = None) -> tuple[list[Row], list[str]]:
    """(rows of what the server took, what did not go and why); of all letters, or of those named.

    Among them are 更正函 to offices (``correction_send``).
    """
    numbers = None if numbers is None else list(numbers)
    with reading(office.engine) as connection:
        letters = papers.letters(connection, steps=BEFORE)
    if numbers is not None:
        wanted = set(numbers)
        letters = [each for each in letters if each["number"] in wanted]
    due = [each["number"] for each in letters]
    sent, refused = in_turn(due, lambda number: takedown.send(office, number, actor), "函")
    more = correction_send.send_due(office, actor, numbers)
    return sent + more[0], refused + more[1]
