"""The host that a URL or a written address names, whatever is put round it; hostile input gives None, no error."""

from __future__ import annotations

import re
import unicodedata
from ipaddress import ip_address
from urllib.parse import unquote

LONGEST = 253
"""Characters of a host name (RFC 1035, 2.3.4), dots included."""
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:/{1,3}|https?:)", re.IGNORECASE)
_END = re.compile(r"[/?#\\\s]")
_DOTS = str.maketrans("。．｡", "...")
_LABEL = re.compile(r"[^\W_]([\w-]*[^\W_])?|[\w-]+")


def host_of(address: str) -> str | None:
    """The host of a URL or bare address in lower case, punycode decoded, without port, user or dots at its ends; an IP
    address as it is written canonically, IPv6 in brackets. None where there is none.
    """
    text = unicodedata.normalize("NFKC", address[:8192].strip()).translate(_DOTS)
    bare = _SCHEME.sub("", text, count=1).lstrip("/\\")
    authority = _END.split(bare, maxsplit=1)[0]
    authority = unquote(authority.rpartition("@")[2])
    if authority.startswith("["):
        return _ip(authority[1:].partition("]")[0])
    host = authority.partition(":")[0].strip(".").lower()
    if not host or len(host) > LONGEST * 4:
        return None
    if host.replace(".", "").isdecimal() and (found := _ip(host)) is not None:
        return found
    labels = [_decoded(label) for label in host.split(".")]
    whole = unicodedata.normalize("NFKC", ".".join(labels)).lower().strip(".")
    if len(whole) > LONGEST or not all(_LABEL.fullmatch(label) for label in whole.split(".")):
        return None
    return whole if "." in whole else None


def _ip(text: str) -> str | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return f"[{found}]" if found.version == 6 else str(found)


def _decoded(label: str) -> str:
    """A label with its punycode undone (RFC 3492); one that is none stays as it is."""
    if not label.startswith("xn--"):
        return label
    try:
        found = label[4:].encode("ascii").decode("punycode").lower()
        return found if _LABEL.fullmatch(found) else label
    except (UnicodeError, ValueError, OverflowError):
        return label
