"""Mail by SMTP (RFC 5321): a server as the settings name it, and one message with what became of it.

A message that the server took is ``accepted``, one that it did not take ``refused`` or ``failed``: those may be sent
again. Where the connection breaks after the message was begun, nobody on this side can know: ``unclear``.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from adwatch.errors import SettingsError, UsageError
from adwatch.settings import Settings
from adwatch.text import one_line

PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
HERE = ("127.0.0.1", "localhost", "::1")
SECONDS = 60.0
"""Patience with a server that takes a letter: it may look through the attachments first."""
ACCEPTED, REFUSED, FAILED, UNCLEAR = "accepted", "refused", "failed", "unclear"


def mail_server(settings: Settings, seconds: float) -> smtplib.SMTP:
    """A connection, over TLS where the URL says so, the user logged in."""
    url = urlsplit(settings.smtp_url)
    host, port = url.hostname or "", url.port or PORTS[url.scheme]
    if settings.smtp_user and url.scheme == "smtp" and host not in HERE:
        raise SettingsError("ADWATCH_SMTP_USER: no password goes over smtp://; write smtps:// or smtp+starttls://")
    context = ssl.create_default_context(cafile=settings.smtp_ca or None)
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=seconds, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=seconds)
    try:
        if url.scheme == "smtp+starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def in_turn(
    numbers: Iterable[str], send: Callable[[str], dict[str, Any]], what: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """(rows of what the server took, what did not go and why) of letters that ``send`` sends; ``what`` they are."""
    sent: list[dict[str, Any]] = []
    refused: list[str] = []
    for number in numbers:
        try:
            row = send(number)
        except UsageError as error:
            refused.append(str(error))
            continue
        if row["outcome"] == ACCEPTED:
            sent.append(row)
        else:
            refused.append(f"{what} {number}: {row['outcome_label']} {row['answer']}")
    return sent, refused


def deliver(settings: Settings, message: bytes, receivers: Sequence[str]) -> tuple[str, str]:
    """(outcome, what was said): the message goes to all receivers or, where the server refuses one, to none."""
    try:
        server = mail_server(settings, SECONDS)
    except (OSError, smtplib.SMTPException) as error:
        return FAILED, _said(error)
    try:
        return _deliver(server, settings.smtp_from, message, receivers)
    finally:
        server.close()


def _deliver(server: smtplib.SMTP, sender: str, message: bytes, receivers: Sequence[str]) -> tuple[str, str]:
    try:
        server.ehlo_or_helo_if_needed()
        code, said = server.mail(sender)
        if code != 250:
            return REFUSED, _answer(code, said)
        for receiver in receivers:
            code, said = server.rcpt(receiver)
            if code not in (250, 251):
                return REFUSED, f"{receiver}: {_answer(code, said)}"
    except (OSError, smtplib.SMTPException) as error:
        return FAILED, _said(error)
    try:
        code, said = server.data(message)
    except smtplib.SMTPDataError as error:
        return REFUSED, _said(error)
    except (OSError, smtplib.SMTPException) as error:
        return UNCLEAR, _said(error)
    return (ACCEPTED if code == 250 else REFUSED), _answer(code, said)


def _answer(code: int, said: bytes) -> str:
    return f"{code} {one_line(said.decode('utf-8', 'replace'), 300)}"


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _answer(error.smtp_code, said if isinstance(said, bytes) else str(said).encode())
    return f"{type(error).__name__}: {one_line(str(error), 300)}"
