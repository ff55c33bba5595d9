"""Addresses: the normal form by which a pasted link finds its listing."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"^(utm_\w+|spm|scm|pvid|from|share\w*|refer\w*|gclid|fbclid|msclkid|yclid|_t|timestamp|ut_sk|"
    r"sourceType|suid|shareUniqueId|bxsign|tracelog|algo_\w+|trackid|track_id|wxa_abtest|ali_\w+|cpp|shareurl|xsec_\w+)$",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def url_norm(url: str) -> str | None:
    """Scheme and host lowered, default port, fragment, user info and tracking parameters cut, parameters sorted.

    None for what is no http(s) address.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host:
        return None
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return None
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port is None or str(port) == _DEFAULT_PORTS[scheme] else f"{host}:{port}"
    query = sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k))
    path = quote(
        unquote(parts.path, errors="surrogateescape").encode("utf-8", "surrogateescape"), safe="/%:@!$&'()*+,;=~-._"
    )
    return urlunsplit((scheme, netloc, path.rstrip("/") or "/", urlencode(query), ""))
