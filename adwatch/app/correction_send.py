"""更正函 to offices by mail: to whom by the office's tables, sent once, all that are due in one go.

The address of an authority is its 联络员's in ``routing.csv`` where ``channel`` is a mail address, of other offices
that of ``takedown_escalations.csv``; an office is the one of the same whole name. Without one, a letter is sent by
hand and marked as sent, as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adwatch.app import correction_letters
from adwatch.app.mail import deliver, in_turn
from adwatch.app.office import Office
from adwatch.app.routing import routing_of
from adwatch.app.takedown import desk, plain_address
from adwatch.casework import correction_mail as mail
from adwatch.casework.correction_letter import one
from adwatch.casework.takedown_kinds import BEFORE, MAIL_OUTCOMES
from adwatch.errors import SettingsError, UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import correction_letters as store
from adwatch.store import differing
from adwatch.store.differing import CONFIRMATION
from adwatch.store.engine import reading
from adwatch.tables.takedown import escalations

Row = dict[str, Any]


def addresses(office: Office, letter: Mapping[str, Any]) -> list[str]:
    """Mail addresses of the office that a letter goes to, as the tables have them today; more than one is unclear."""
    table, today = routing_of(office), office.clock.now().astimezone(office.settings.zone).date()
    addressee = letter["content"]["addressee"]
    ids = {name for name, authority in table.authorities.items() if authority.unit == addressee}
    if letter["paper"] == CONFIRMATION:
        with reading(office.engine) as connection:
            ids = {differing.contents(connection, CONFIRMATION, [letter["paper_id"]])[letter["paper_id"]]["authority"]}
    found = [
        route.channel
        for route in table.routes
        if route.in_force(today) and ids & set(route.confirms[:1]) and plain_address(route.channel)
    ]
    if not found:
        others = escalations(office.settings.data).values()
        found = [each.email for each in others if each.email and each.named == addressee]
    return list(dict.fromkeys(found))


def addresses_of(office: Office, number: str) -> list[str]:
    """The one address of the office that a letter goes to; none where there is none, or more than one."""
    with reading(office.engine) as connection:
        found = addresses(office, one(connection, number))
    return found if len(found) == 1 else []


def _receivers(office: Office, number: str, to: Sequence[str]) -> list[str]:
    if wrong := [address for address in to if not plain_address(address)]:
        raise UsageError(f"--to {wrong[0]!r}: no mail address")
    if to:
        return list(to)
    with reading(office.engine) as connection:
        letter = one(connection, number)
    found = addresses(office, letter)
    if len(found) > 1:
        raise UsageError(f"更正函 {number}: 联络员邮箱不止一个（{'、'.join(found)}）；用 --to 写明")
    if not found:
        raise UsageError(
            f"更正函 {number}: 没有{letter['content']['addressee']}的联络员邮箱"
            "（routing.csv 的 channel、takedown_escalations.csv）；"
            "用 --to 写明，或者由人工发出后用 adwatch differing mark-sent 登记"
        )
    return found


def send(office: Office, number: str, actor: Actor, to: Sequence[str] = ()) -> Row:
    """Send a letter by mail, once: see ``adwatch.casework.correction_mail``. The row says what became of it."""
    settings = office.settings
    if not settings.smtp_url or not settings.smtp_from:
        raise SettingsError(
            "no mail server is set (ADWATCH_SMTP_URL, ADWATCH_SMTP_FROM); write the files with adwatch differing "
            "files, send them yourself, and record it with adwatch differing mark-sent"
        )
    mail.refuse(desk(office), number)
    intent = mail.intend(desk(office), number, actor, settings.smtp_from, _receivers(office, number, to))
    failpoint("mail.before_send")
    outcome, answer = deliver(settings, intent.message, intent.receivers)
    failpoint("mail.after_send")
    warning = mail.settle(desk(office), number, intent.mail_id, outcome, answer, actor)
    told = {"outcome": outcome, "outcome_label": MAIL_OUTCOMES[outcome], "answer": answer, "warning": warning}
    return {**correction_letters.show(office, number), **told, "receivers": intent.receivers}


def settle(office: Office, number: str, accepted: bool, actor: Actor, reason: str) -> Row:
    """A person found out whether an unclear mail was taken."""
    warning = mail.settle_by_hand(desk(office), number, accepted, actor, reason)
    return {**correction_letters.show(office, number), "warning": warning}


def waiting(office: Office) -> list[Row]:
    """Letters that have not gone out, the oldest first: number, to whom, how many rows."""
    with reading(office.engine) as connection:
        found = store.letters(connection, steps=BEFORE)[::-1]
    return [
        {"number": each["number"], "addressee": each["content"]["addressee"], "count": len(each["content"]["listings"])}
        for each in found
    ]


def send_due(office: Office, actor: Actor, numbers: Iterable[str] | None = None) -> tuple[list[Row], list[str]]:
    """(rows of what the server took, what did not go and why); of all letters, or of those named."""
    wanted = None if numbers is None else set(numbers)
    due = [each["number"] for each in waiting(office) if wanted is None or each["number"] in wanted]
    return in_turn(due, lambda number: send(office, number, actor), "更正函")
