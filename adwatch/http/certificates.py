"""Facts of the certificate chain of a TLS connection, as it was verified: leaf first."""

from __future__ import annotations

import hashlib
import ssl
from datetime import UTC, datetime
from typing import Any

Facts = dict[str, Any]


def chain_facts(connection: object) -> tuple[Facts, ...]:
    """Subject, issuer, validity, number, protocol and SHA-256 (of the DER form) of each; empty without TLS."""
    if not isinstance(connection, ssl.SSLSocket):
        return ()
    how = {"protocol": connection.version(), "cipher": (connection.cipher() or ("",))[0]}
    inner = getattr(connection, "_sslobj", None)  # the chain has a public name from Python 3.13 on only
    verified = getattr(inner, "get_verified_chain", None)
    chain = verified() if verified is not None else None
    if not chain:
        der, told = connection.getpeercert(binary_form=True), connection.getpeercert()
        return ({**_facts(dict(told or {}), der or b""), **how},)
    return tuple({**_facts(each.get_info(), ssl.PEM_cert_to_DER_cert(each.public_bytes())), **how} for each in chain)


def _facts(told: dict[str, Any], der: bytes) -> Facts:
    return {
        "subject": _name(told.get("subject", ())),
        "issuer": _name(told.get("issuer", ())),
        "not_before": _time(told.get("notBefore")),
        "not_after": _time(told.get("notAfter")),
        "serial": told.get("serialNumber"),
        "names": [f"{kind}:{name}" for kind, name in told.get("subjectAltName", ())][:50],
        "sha256": hashlib.sha256(der).hexdigest(),
    }


def _name(parts: Any) -> str:
    return ", ".join(f"{key}={value}" for part in parts for key, value in part)


def _time(text: str | None) -> str | None:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC).isoformat() if text else None
