"""Time stamps of RFC 3161 for the root of a day: asked of a service, kept in the audit log, checked without network.

What is stamped is the 32 bytes of the root. The answer is checked against the service's certificates before it is kept.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import urllib3
from sqlalchemy import Engine, select

from adwatch.errors import SettingsError, StageError, UsageError
from adwatch.evidence.daily import ACTION as ROOT
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import reading, writing

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

ACTION = "evidence.stamp"
SECONDS = 30
LIMIT = 1 << 20


def stamp(engine: Engine, day: str, url: str, certificates: Path, by: str, unit: str | None, now: datetime) -> datetime:
    """The time in the stamp of a day's newest root: of the one kept, checked again, else of one asked for now.

    ``certificates``: PEM file with the certificate authority of the service and, where it sends none, its own.
    A StageError says what is wrong with a stamp.
    """
    _need_library()
    known = load_certificates(certificates)
    roots = _details(engine, day, ROOT)
    if not roots:
        raise UsageError(f"--day {day}: has no root yet; first adwatch evidence root --day {day}")
    root = bytes.fromhex(roots[-1]["root"])
    for kept in _details(engine, day, ACTION):
        if kept["root"] == root.hex():
            try:
                answer = base64.b64decode(kept["stamp"], validate=True)
            except (binascii.Error, ValueError) as error:
                raise StageError(f"time stamp of {day}: was altered: it is no base64") from error
            return checked(answer, root, known)
    if not url:
        raise SettingsError("no time-stamping service is set; write ADWATCH_TSA_URL")
    answer, nonce = _ask(url, root)
    when = checked(answer, root, known, nonce)
    said = {"root": root.hex(), "time": when.isoformat(), "stamp": base64.b64encode(answer).decode()}
    with writing(engine) as connection:
        append_entries(connection, [Entry(by, unit, ACTION, "day", day, now, said)])
    return when


def _need_library() -> None:
    try:
        import rfc3161_client  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise SettingsError("time stamps need the extra [timestamps]: pip install 'adwatch[timestamps]'") from error


def load_certificates(file: Path) -> list[Certificate]:
    """The certificates of a PEM file; a SettingsError that names it."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(f"ADWATCH_TSA_CA: {file}: no certificates in PEM form: {error}") from error


def _ask(url: str, root: bytes) -> tuple[bytes, int]:
    """The service's answer for the root, and the nonce that it must bear."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    request = TimestampRequestBuilder().data(root).hash_algorithm(HashAlgorithm.SHA256).build()
    heads = {"Content-Type": "application/timestamp-query"}
    try:
        with urllib3.PoolManager(retries=False, timeout=SECONDS) as pool:
            answer = pool.request("POST", url, body=request.as_bytes(), headers=heads, preload_content=False)
            data = answer.read(LIMIT)
    except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
        raise StageError(f"time-stamping service: {type(error).__name__}; see ADWATCH_TSA_URL") from error
    if answer.status != 200:
        raise StageError(f"time-stamping service: answers with status {answer.status}; see ADWATCH_TSA_URL")
    return data, int(request.nonce or 0)


def checked(answer: bytes, root: bytes, known: Sequence[Certificate], nonce: int | None = None) -> datetime:
    """The time that a stamp says, once it is shown to be the service's and of this root; needs no network."""
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    builder = VerifierBuilder(nonce=nonce)
    for each in known:
        if each.issuer == each.subject:
            builder = builder.add_root_certificate(each)
        elif _is_authority(each):
            builder = builder.add_intermediate_certificate(each)
        else:
            builder = builder.tsa_certificate(each)
    try:
        found = decode_timestamp_response(answer)
        builder.build().verify_message(found, root)
        return found.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        raise StageError(f"time stamp: is not the service's for this root: {error}") from error


def _is_authority(certificate: Certificate) -> bool:
    from cryptography import x509

    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _details(engine: Engine, day: str, action: str) -> list[dict[str, Any]]:
    log = s.audit_entry
    query = select(log.c.detail).where(log.c.subject == "day", log.c.subject_id == day, log.c.action == action)
    with reading(engine) as connection:
        return [dict(detail) for detail in connection.scalars(query.order_by(log.c.seq))]
