"""Addresses of sites as people write them into texts: with a scheme or bare, dots in words or brackets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from publicsuffixlist import PublicSuffixList

from adwatch.text.hosts import host_of

MOST = 50
"""Addresses of one text that are read; a text with more is a list of something else."""
_DOT = re.compile(r"(?<=[\w-])\s?(?:\[\.\]|\(\.\)|【\.】|\(点\)|\[点\]|\(dot\)|\[dot\])\s?(?=[\w-])", re.IGNORECASE)
_SPELT = re.compile(r"(?<=[A-Za-z0-9])[点點。．](?=[A-Za-z0-9])")
_ADDRESS = re.compile(
    r"(?<![\w@.-])(?:(?P<scheme>https?:/{0,2}))?(?P<host>[\w-]+(?:\.[\w-]+)+)\.?(?P<tail>(?::\d{1,5})?(?:/[!-~]*)?)",
    re.IGNORECASE,
)
_AFTER = re.compile(r"(\.[A-Za-z]{2,24})(?=[^\x00-\x7f])")
_NUMBER = re.compile(r"[\d.]+")
_END = ".,;:!?)]}>'\""


def written_addresses(text: str) -> list[str]:
    """Addresses in the order in which they stand, each once; a bare one must end in a registered suffix.

    Chinese characters that stand right before a host of Latin letters are no part of it (请登录cx.example.com).
    """
    if "." not in text and not _SPELT.search(text) and not _DOT.search(unicodedata.normalize("NFKC", text)):
        return []
    plain = _DOT.sub(".", unicodedata.normalize("NFKC", text))
    plain = _AFTER.sub(r"\1 ", _SPELT.sub(".", plain))
    return list(dict.fromkeys(_found(plain)))[:MOST]


def _found(text: str) -> Iterator[str]:
    for match in _ADDRESS.finditer(text):
        scheme, host, tail = match["scheme"] or "", match["host"], match["tail"].rstrip(_END)
        if not host.isascii():
            host = _own(host)
        if _NUMBER.fullmatch(host) and not scheme:
            continue
        name = host_of(host)
        if name is None or not (_NUMBER.fullmatch(name) or _suffixes().publicsuffix(name)):
            continue
        yield f"{scheme}{host}{tail}"


def _own(host: str) -> str:
    """Without the sentence before: only where the rest of the first label is Latin."""
    first, dot, rest = host.partition(".")
    latin = re.search(r"[A-Za-z0-9-]+$", first)
    if latin is not None and not first.isascii() and latin.start() > 0:
        first = latin[0].lstrip("-")
    return f"{first}{dot}{rest}"


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
