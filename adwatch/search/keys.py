"""Keyed hashes of contacts: a number that an officer types is found without the index holding any number.

The secret is a file in ADWATCH_HOME, made at first use. A new secret (delete the file) needs ``adwatch index rebuild``.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from pathlib import Path

from adwatch.errors import SearchError
from adwatch.files import made_once

SECRET_FILE = "contact.key"  # noqa: S105 - a file name
_NUMBER = re.compile(r"[+(]?\d[\d\s().+-]{4,}\d")
_ACCOUNT = re.compile(r"[a-z][a-z0-9_-]{5,19}")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_LABEL = re.compile(r"(?:微信号?|vx|wx|wechat|qq|手机号?|电话|tel)\s*[::]?\s*(?=\S)")


def contact_secret(home: Path) -> bytes:
    """The secret of this installation, 32 bytes; made with mode 0600 when there is none."""
    file = home / SECRET_FILE
    try:
        secret = made_once(file, lambda: secrets.token_bytes(32))
    except OSError as error:
        raise SearchError(f"{file}: the secret of the contact keys: {error.strerror}") from error
    if len(secret) != 32:
        raise SearchError(f"{file}: must hold 32 bytes; restore it, or delete it and run adwatch index rebuild")
    return secret


def contact_form(value: str) -> str:
    """The spelling under which a contact is hashed: width and case folded, a number without separators and +86."""
    form = unicodedata.normalize("NFKC", value).strip().lower()
    if _NUMBER.fullmatch(form):
        digits = re.sub(r"\D", "", form)
        return digits[2:] if len(digits) == 13 and digits.startswith("861") else digits
    return re.sub(r"\s", "", form)


def contact_key(secret: bytes, value: str) -> str:
    """HMAC-SHA256 of the contact's form, 32 hex digits; without the kind: a phone number often is a WeChat account."""
    return hmac.digest(secret, contact_form(value).encode("utf-8", "replace"), "sha256").hex()[:32]


def typed_contact(query: str) -> str | None:
    """The contact a query may stand for: a number of 6 or more digits, an account of 6 to 20 characters, an address."""
    form = unicodedata.normalize("NFKC", query).strip().lower()
    label = _LABEL.match(form)
    if label:
        form = form[label.end() :]
    if _NUMBER.fullmatch(form) or _ACCOUNT.fullmatch(form) or _MAIL.fullmatch(form):
        return form
    return None
