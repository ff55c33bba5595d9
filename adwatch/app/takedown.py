"""Takedown papers as the command and the console call them: steps, sending, replies, reminders, the address book.

Rows are masked: they are made of what the letters say. What is refused is a UsageError with a message for people.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from adwatch.app.casework import bundling
from adwatch.app.indexing import index_now
from adwatch.app.mail import deliver
from adwatch.app.office import Office
from adwatch.app.rows import known_platform
from adwatch.casework import takedown_late as late
from adwatch.casework import takedown_letters as letters
from adwatch.casework import takedown_mail as mail
from adwatch.casework import takedown_replies as replies
from adwatch.casework import takedown_shown as shown
from adwatch.casework import takedown_steps as steps
from adwatch.casework.differing import Tables
from adwatch.casework.takedown_files import File, write_files
from adwatch.casework.takedown_kinds import BEFORE, KINDS, MAIL_OUTCOMES, REPLIES, STEPS
from adwatch.casework.takedown_sent import mended
from adwatch.casework.takedown_steps import Desk
from adwatch.errors import SettingsError, UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store.attachments import attachment_bytes
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.takedown import TakedownRules, escalations

__all__ = ["KINDS", "REPLIES", "STEPS", "File"]

Row = dict[str, Any]
NEEDED_STEPS = BEFORE
"""Steps of a letter that has not gone out."""
PREVIEWED = 30
"""Rows of the list that a preview shows."""
LARGEST = 50_000_000
"""Bytes of a file that is handed in."""


def desk(office: Office) -> Desk:
    """What work on letters needs."""
    data, now = office.settings.data, office.clock.now()
    rules, days = TakedownRules.load(data), WorkingDays(data)
    tables = Tables(office.law, office.classes)
    return Desk(office.engine, office.home, rules, days, now, office.settings.zone, tables)


def list_letters(
    office: Office,
    platform: str | None = None,
    step: str | None = None,
    kind: str | None = None,
    before: int | None = None,
    limit: int | None = None,
    limits: Filters | None = None,
) -> list[Row]:
    """Letters, newest first: platform, kind, step, words of the last checks, due date, last reply.

    In pages: ``before`` is the ``id`` of the last row of the page before, ``limit`` the rows of one. ``limits``, here
    and below: those of a person, ``accounts.limits``.
    """
    known_platform(office, platform)
    for name, value, known in (("--step", step, STEPS), ("--kind", kind, KINDS)):
        if value is not None and value not in known:
            raise UsageError(f"{name} {value}: write one of {', '.join(known)}")
    return shown.rows(desk(office), platform, step, kind, before, limit, limits)


def of_case(office: Office, case_id: int, limits: Filters | None = None) -> list[Row]:
    """The letters that a case's listings stand in, and those about them."""
    return shown.of_case(desk(office), case_id, limits)


def preview(office: Office, number: str) -> tuple[list[str], list[list[str]]]:
    """(paragraphs, rows of the list) of a letter as its .docx would have them now, for a screen."""
    return mail.words_of_letter(desk(office), number, PREVIEWED)


def attachment(office: Office, number: str, sha256: str) -> File:
    """A scan, a mail or a reply's file of a letter."""
    row = shown.one_letter(desk(office), number)
    known = [*row["files"], *(file for each in row["replies"] for file in each["files"])]
    found = next((file for file in known if file["sha256"] == sha256), None)
    if found is None:
        raise UsageError(f"函 {number}: 没有这个附件")
    with reading(office.engine) as connection:
        return File(found["name"], found["media_type"], attachment_bytes(connection, office.home, sha256))


def show_letter(office: Office, number: str, limits: Filters | None = None) -> Row:
    """One letter with steps, mails, replies, letters about it, attachments, and its listings with their words."""
    return shown.one_letter(desk(office), number, limits)


def files(office: Office, number: str) -> list[File]:
    """Its files as they stand now, and the mail that would carry them, to be looked at or sent by hand."""
    at, bundle = desk(office), bundling(office)
    return [*mail.letter_files(at, number, bundle), mail.as_mail(at, number, office.settings.smtp_from, bundle)]


def write(office: Office, number: str, out: Path | None) -> list[Path]:
    """Write those files into a folder."""
    return write_files(files(office, number), (out or office.home / "takedown").absolute())


def check(office: Office, number: str, actor: Actor, note: str = "") -> Row:
    """审核."""
    steps.check(desk(office), number, actor, note)
    return _done(office, number)


def sign(office: Office, number: str, actor: Actor, note: str = "", **given: str | None) -> Row:
    """签发用印; document_number, signatory and document_date may be entered with it."""
    at = desk(office)
    if any(value is not None for value in given.values()):
        steps.refuse_sign(at, number)
        steps.enter(at, number, actor, given)
    steps.sign(at, number, actor, note)
    return _done(office, number)


def enter(office: Office, number: str, actor: Actor, given: Mapping[str, str | None], scan: Path | File | None) -> Row:
    """What the office's document system gave, and the sealed scan."""
    at = desk(office)
    if scan is not None:
        file = scan if isinstance(scan, File) else read_files([scan])[0]
        steps.keep_scan(at, number, actor, file.content, file.name, file.media_type)
    if scan is None or any(value is not None for value in given.values()):
        steps.enter(at, number, actor, given)
    return _done(office, number)


def void(office: Office, number: str, actor: Actor, reason: str) -> Row:
    """作废."""
    steps.void(desk(office), number, actor, reason)
    return _done(office, number)


def send(office: Office, number: str, actor: Actor, to: Sequence[str] = ()) -> Row:
    """Send a letter by mail, once: see ``adwatch.casework.takedown_mail``. The row says what became of it."""
    settings = office.settings
    if not settings.smtp_url or not settings.smtp_from:
        raise SettingsError(
            "no mail server is set (ADWATCH_SMTP_URL, ADWATCH_SMTP_FROM); write the files with adwatch takedown files, "
            "send them yourself, and record it with adwatch takedown mark-sent"
        )
    wrong = [address for address in to if not plain_address(address)]
    if wrong:
        raise UsageError(f"--to {wrong[0]!r}: no mail address")
    intent = mail.intend(desk(office), number, actor, settings.smtp_from, list(to), bundling(office))
    failpoint("mail.before_send")
    outcome, answer = deliver(settings, intent.message, intent.receivers)
    failpoint("mail.after_send")
    due = mail.settle(desk(office), number, intent.mail_id, outcome, answer, actor)
    told = {"outcome": outcome, "outcome_label": MAIL_OUTCOMES[outcome], "answer": answer, "due": due}
    return {**_done(office, number), **told, "receivers": intent.receivers}


def plain_address(address: str) -> bool:
    """Whether it can be written into a mail's envelope as it is."""
    local, _, domain = address.rpartition("@")
    return (
        bool(local and "." in domain)
        and address.isascii()
        and address.isprintable()
        and not set(address) & set(" <>,;")
    )


def settle(office: Office, number: str, accepted: bool, actor: Actor, reason: str) -> Row:
    """A person found out whether an unclear mail was taken."""
    mail.settle_by_hand(desk(office), number, accepted, actor, reason)
    return _done(office, number)


def reply(
    office: Office,
    number: str,
    kind: str,
    actor: Actor,
    *,
    at: datetime | None = None,
    reason: str = "",
    listings: Sequence[str] = (),
    cases: Sequence[str] = (),
    paths: Sequence[Path] = (),
    given: Sequence[File] = (),
) -> Row:
    """Record what a platform answered, of all or of some, with its files (by path, or ``given`` as uploaded)."""
    files = [*read_files(paths), *given]
    about: Row = {"listings": listings, "cases": cases, "files": files}
    row = replies.reply(desk(office), number, kind, actor, at=at, reason=reason, **about)
    index_now(office)
    return row


def due_list(office: Office, limits: Filters | None = None) -> list[Row]:
    """Requests that are to be reminded of or escalated now."""
    return late.due_list(desk(office), limits)


def due_page(office: Office, limits: Filters | None, most: int) -> tuple[list[Row], int]:
    """The oldest of them, and how many there are."""
    return late.due_page(desk(office), limits, most)


def withdraw(office: Office, number: str, actor: Actor, listings: Sequence[str], reason: str) -> Row:
    """Draft a 撤回函."""
    return _done(office, letters.withdraw(desk(office), number, actor, listings, reason))


def correct(office: Office, number: str, actor: Actor, listings: Mapping[str, tuple[str, str]], reason: str) -> Row:
    """Draft a 更正函: by number of the list, what was said and what is right."""
    return _done(office, letters.correct(desk(office), number, actor, listings, reason))


def authorities(office: Office) -> list[tuple[str, str]]:
    """(id, name) of those to whom a request can be escalated."""
    return [(each.id, each.named) for each in escalations(office.settings.data).values()]


def figures(office: Office) -> Row:
    """Letters by kind and step, and the wrong takedowns that were mended."""
    with reading(office.engine) as connection:
        return {"letters": shown.counted(connection), "mended": mended(connection)}


def read_files(paths: Sequence[Path]) -> list[File]:
    """Files that are handed in, whole."""
    found = []
    for path in paths:
        try:
            size = path.stat().st_size
            content = path.read_bytes() if size <= LARGEST else b""
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
        if not content:
            raise UsageError(f"{path}: is empty, or larger than {LARGEST // 1_000_000} MB")
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        found.append(File(path.name, kind, content))
    return found


def _done(office: Office, number: str) -> Row:
    index_now(office)
    return shown.short(desk(office), number)
