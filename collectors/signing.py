"""Signatures of open interfaces: the sorted parameters, hashed with the secret.

Sources: JOS (JD Union), the open platform of Pinduoduo, TOP (Taobao), as their documents give them with examples; every
parameter that is sent but the signature itself is sorted by its name's bytes, name and value are joined without
anything between them, and the hash is written in capital hexadecimal.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Literal

Scheme = Literal["wrapped_md5", "hmac_md5", "hmac_sha256"]


def signed_text(parameters: Mapping[str, str]) -> str:
    """What is hashed, without the secret: names and values in the order of the names' bytes."""
    return "".join(name + parameters[name] for name in sorted(parameters, key=lambda name: name.encode()))


def signature(scheme: Scheme, secret: str, parameters: Mapping[str, str]) -> str:
    """Capital hexadecimal digits; ``parameters`` are all that are sent but the signature."""
    text = signed_text(parameters)
    if scheme == "wrapped_md5":
        return hashlib.md5(f"{secret}{text}{secret}".encode(), usedforsecurity=False).hexdigest().upper()
    digest = "md5" if scheme == "hmac_md5" else "sha256"
    return hmac.new(secret.encode(), text.encode(), digest).hexdigest().upper()
