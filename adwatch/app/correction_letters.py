"""更正函 of what differs of papers that went out, for the command and the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from adwatch.app.office import Office
from adwatch.app.takedown import desk, read_files
from adwatch.casework import correction_draft, correction_mail, takedown_letters, takedown_shown
from adwatch.casework import correction_letter as work
from adwatch.casework.correction_paper import TITLES, paragraphs
from adwatch.casework.shown import local
from adwatch.casework.takedown_files import File, write_files
from adwatch.casework.takedown_kinds import MAIL_OUTCOMES, STEPS
from adwatch.casework.takedown_steps import Desk
from adwatch.errors import Unknown
from adwatch.models import Actor
from adwatch.store import correction_letters as store
from adwatch.store import differing
from adwatch.store.attachments import attachment_bytes
from adwatch.store.differing import CONFIRMATION, TAKEDOWN, TRANSFER
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.store.queue import within

Row = dict[str, Any]
MOST = 200
"""Letters that are listed."""
LABEL = "更正函"
ABOUT = {CONFIRMATION: "letters", TRANSFER: "transfer", TAKEDOWN: "takedown"}
"""Where the console shows the paper that a letter is about."""


def draft(office: Office, about: str, actor: Actor, reason: str, cases: Sequence[int] = ()) -> Row:
    """Draft a 更正函 of what differs of a paper; of a request to a platform it is one of the letters about that.

    ``cases``: only of these, of a transfer, a 甄别函 or a 提请处置函. ``address``: where the console shows it.
    """
    at = desk(office)
    with reading(office.engine) as connection:
        rows = differing.open_by_number(connection, [about], most=1)
        request = bool(rows) and correction_draft.is_request(connection, rows)
    if not request:
        return show(office, correction_draft.draft(at, about, actor, reason, cases))
    number = takedown_letters.correct_differing(at, about, actor, reason)
    return {**takedown_shown.short(at, number), "address": f"/takedown/{number}"}


def listed(office: Office, limits: Filters | None = None) -> list[Row]:
    """Letters, newest first, MOST at most; ``limits``, here and below: a person's, who sees those wholly inside."""
    at = desk(office)
    with reading(office.engine) as connection:
        found = store.letters(connection, limit=MOST)
        return [_row(at, letter) for letter in found if _inside(connection, letter, limits)]


def figures(office: Office) -> Row:
    """Letters that were sent, and the rows that they corrected."""
    with reading(office.engine) as connection:
        sent, rows = store.count_sent(connection)
    return {"sent": sent, "rows": rows}


def show(office: Office, number: str, limits: Filters | None = None) -> Row:
    """One letter: its words and its list, its steps, what of it holds no longer (``notice``)."""
    at = desk(office)
    with reading(office.engine) as connection:
        letter = _seen(connection, number, limits)
        steps, notice = store.steps_of(connection, letter["id"]), work.ended(connection, letter)
        scans, mails = work.scans(connection, letter["id"]), store.mails_of(connection, letter["id"])
    content = letter["content"]
    names = ("seq", "case_id", "lead_number", "listing_id", "url", "was", "now")
    return {
        **_row(at, letter),
        "about_address": f"/{ABOUT[letter['paper']]}/{letter['about']}",
        "reason": content["reason"],
        "notice": notice,
        "scans": [{name: each[name] for name in ("sha256", "name", "size", "person", "erased")} for each in scans],
        "mails": [
            {
                **{name: each[name] for name in ("message_id", "receivers", "outcome", "person", "unit", "answer")},
                "at": local(each["at"], at.zone),
                "outcome_label": MAIL_OUTCOMES.get(each["outcome"] or "unclear", ""),
            }
            for each in mails
        ],
        "paragraphs": paragraphs(content),
        "listings": [{name: row[name] for name in names} for row in content["listings"]],
        "steps": [
            {
                **{name: each[name] for name in ("step", "person", "unit", "skipped", "note")},
                "at": local(each["at"], at.zone),
                "step_label": STEPS[each["step"]],
            }
            for each in steps
        ],
    }


def files(office: Office, number: str, limits: Filters | None = None, receivers: Sequence[str] = ()) -> list[File]:
    """The letter with what was entered, its list, the data, and the mail that would carry them (to ``receivers``)."""
    at = desk(office)
    with reading(office.engine) as connection:
        letter = _seen(connection, number, limits)
    message = correction_mail.as_mail(at, number, office.settings.smtp_from, list(receivers))
    return [*correction_mail.letter_files(at, letter, []), message]


def write(office: Office, number: str, out: Path | None, receivers: Sequence[str] = ()) -> list[Path]:
    """Write those files into a folder."""
    return write_files(files(office, number, receivers=receivers), (out or office.home / "takedown").absolute())


def check(office: Office, number: str, actor: Actor, note: str = "") -> Row:
    """审核."""
    work.check(desk(office), number, actor, note)
    return show(office, number)


def sign(office: Office, number: str, actor: Actor, given: Mapping[str, str | None], note: str = "") -> Row:
    """签发用印; what the office's document system gave may be entered with it."""
    work.sign(desk(office), number, actor, note, given)
    return show(office, number)


def enter(
    office: Office, number: str, actor: Actor, given: Mapping[str, str | None], scan: Path | File | None = None
) -> Row:
    """What the office's document system gave, and the sealed scan."""
    at = desk(office)
    if scan is not None:
        file = scan if isinstance(scan, File) else read_files([scan])[0]
        work.keep_scan(at, number, actor, file.content, file.name, file.media_type)
    if scan is None or any(value is not None for value in given.values()):
        work.enter(at, number, actor, given)
    return show(office, number)


def scan(office: Office, number: str, sha256: str, limits: Filters | None = None) -> File:
    """A sealed scan."""
    with reading(office.engine) as connection:
        found = work.scans(connection, _seen(connection, number, limits)["id"])
        for each in found:
            if each["sha256"] == sha256:
                return File(each["name"], each["media_type"], attachment_bytes(connection, office.home, sha256))
    raise Unknown(f"更正函 {number}: 没有这个附件")


def void(office: Office, number: str, actor: Actor, reason: str) -> Row:
    """作废."""
    work.void(desk(office), number, actor, reason)
    return show(office, number)


def mark_sent(office: Office, number: str, actor: Actor) -> Row:
    """It went out, by whichever way: what it names waits for nobody any more; ``warning`` where not all of it does."""
    warning = work.mark_sent(desk(office), number, actor)
    return {**show(office, number), "warning": warning}


def of_paper(office: Office, about: str, limits: Filters | None = None) -> list[Row]:
    """Letters about a paper, newest first."""
    at = desk(office)
    with reading(office.engine) as connection:
        found = store.letters(connection, about=about)
        return [_row(at, letter) for letter in found if _inside(connection, letter, limits)]


def refuse_outside(office: Office, number: str, limits: Filters | None) -> None:
    """Unknown of a letter that a person may not see."""
    with reading(office.engine) as connection:
        _seen(connection, number, limits)


def _row(at: Desk, letter: Mapping[str, Any]) -> Row:
    more = {"kind_label": LABEL, "title": TITLES[letter["paper"]], "address": f"/corrections/{letter['number']}"}
    return {**work.shown(at, letter), **more}


def _seen(connection: Connection, number: str, limits: Filters | None) -> Row:
    letter = work.one(connection, number)
    if not _inside(connection, letter, limits):
        raise Unknown(work.unknown(number))
    return letter


def _inside(connection: Connection, letter: Mapping[str, Any], limits: Filters | None) -> bool:
    """Whether all of a letter is; a 甄别函 is the whole office's."""
    if limits is None:
        return True
    cases = {row["case_id"] for row in letter["content"]["listings"]}
    return letter["paper"] != CONFIRMATION and cases <= within(connection, limits, cases)
