"""From the strings that rules found to a listing: prices in fen, times in UTC, absolute addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urljoin, urlsplit

from adwatch.models import Capture, Listing
from adwatch.text import url_norm
from collectors.documents import Document, Node
from collectors.handover.values import TEXT_LIMIT, price_fen, to_count, to_price_fen
from collectors.spec import PlatformSpec
from collectors.spec_fields import Fields, Price, Time, Value
from collectors.times import read_time

MANY = ("images", "links")
ADDRESSES = ("url", "images", "links")
_WAN = 10_000
_DIGITS = ("0", "1", "2", "3", "4")
_OURS = (None, "CNY", "RMB")
_SAYS_WAN = re.compile("[万wW]")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?(?=/)")
_PATH = re.compile(r"(/(?!\.)[A-Za-z0-9_~%@=&+,.-]+)+/?(\?[A-Za-z0-9_~%@=&+,./-]+)?")

Raw = dict[str, str | list[str]]
"""Values of an item as found, JSON-able: it travels from a list page to the item's page in the capture's context."""


def read_raw(fields: Fields | Sequence[tuple[str, Value]], document: Document, node: Node) -> Raw:
    """Values of all declared fields that are there; templates are filled in last.

    A long list gives the rules as ``fields.given()`` gave them once.
    """
    raw: Raw = {}
    templates: dict[str, str] = {}
    for name, rule in fields.given() if isinstance(fields, Fields) else fields:
        if rule.template is not None:
            templates[name] = rule.template
            continue
        found = document.values(node, rule)
        if isinstance(rule, Price) and (rule.digits or rule.currency):
            found = [money for one in found if (money := _money(rule, document, node, one)) is not None]
        if name in ADDRESSES:
            found = [address for one in found if (address := absolute(document.base, one)) is not None]
        if found:
            raw[name] = list(dict.fromkeys(found)) if name in MANY else _one(rule, found)
    for name, template in templates.items():
        text = filled(template, raw)
        address = absolute(document.base, text) if text is not None and name in ADDRESSES else text
        if address is not None:
            raw[name] = [address] if name in MANY else address
    return raw


def _money(rule: Price, document: Document, node: Node, text: str) -> str | None:
    """The price with its decimals, and with the code of a currency that is foreign; None for what is no number."""
    digits, code = (
        next(iter(document.values(node, Value(select=path))), None) if path is not None else None
        for path in (rule.digits, rule.currency)
    )
    if rule.digits is not None:
        if not (text.isascii() and text.isdecimal()) or digits not in _DIGITS:
            return None
        places = int(digits)
        padded = text.zfill(places + 1)
        text = f"{padded[:-places]}.{padded[-places:]}" if places else padded
    return text if code in _OURS else f"{code} {text}"


def _one(rule: Value, found: list[str]) -> str:
    return "\n".join(found) if rule.all else found[0]


def only(fields: Fields, link_template: str | None) -> list[tuple[str, Value]]:
    """The rules of the id and of what an address is made of."""
    templates = [rule.template for _, rule in fields.given() if rule.template is not None]
    text = "".join([*templates, link_template or ""])
    return [(name, rule) for name, rule in fields.given() if name == "native_id" or f"{{{name}}}" in text]


def filled(template: str, raw: Mapping[str, str | list[str]]) -> str | None:
    """The template with ``{field}`` replaced; None where a field it needs is absent."""
    out = template
    for name in Fields.model_fields:
        mark = f"{{{name}}}"
        if mark in out:
            value = raw.get(name)
            if not isinstance(value, str):
                return None
            out = out.replace(mark, quote(value, safe=""))
    return out


@lru_cache(1024)
def _origin(base: str) -> str | None:
    """``https://host:port`` of an address, where it has one that is written plainly."""
    found = _ORIGIN.match(base)
    return found[0] if found else None


def absolute(base: str, link: str) -> str | None:
    """An http(s) address without fragment; None for javascript:, data: and what is no address.

    Most links are plain paths, which need no general parser: half of the time of a long list went there.
    """
    if _PATH.fullmatch(link) and (origin := _origin(base)) is not None:
        return origin + link
    try:
        address = urljoin(base, link.strip())
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return address.partition("#")[0]


def to_listing(spec: PlatformSpec, fields: Fields, raw: Mapping[str, str | list[str]], capture: Capture) -> Listing:
    """The listing that the values make; ``fields`` says how its price and time are written."""
    url = _text(raw, "url") or (capture.url if capture.role != "list" else None)
    price = _text(raw, "price")
    return Listing(
        platform=spec.name,
        native_id=_text(raw, "native_id") or url or "",
        kind=str(capture.context.get("listing_kind") or spec.listing_kind),
        url=url,
        url_norm=url_norm(url) if url else None,
        title=_text(raw, "title"),
        text=_text(raw, "text"),
        price_fen=_fen(fields.price, price),
        price_text=price,
        seller_id=_text(raw, "seller_id"),
        seller_name=_text(raw, "seller_name"),
        seller_region=_text(raw, "seller_region"),
        seller_region_source=_text(raw, "seller_region_source") if _text(raw, "seller_region") else None,
        operator_name=_text(raw, "operator_name"),
        uscc=_text(raw, "uscc"),
        sales_text=_text(raw, "sales_text"),
        reviews_count=to_count(_text(raw, "reviews_count")),
        images=_many(raw, "images"),
        links=_many(raw, "links"),
        posted_at=_posted(fields.posted_at, _text(raw, "posted_at"), capture),
        captured_at=capture.fetched_at,
        capture_id=capture.id,
    )


def too_large(raw: Mapping[str, str | list[str]]) -> str | None:
    """Why the item is refused, where one of its values is longer than any store should hold; else None."""
    for name, value in raw.items():
        size = len(value) if isinstance(value, str) else sum(map(len, value))
        if size > TEXT_LIMIT:
            return f"{name} has {size:,} characters; {TEXT_LIMIT:,} are accepted"
    return None


def _text(raw: Mapping[str, str | list[str]], name: str) -> str | None:
    value = raw.get(name)
    return value if isinstance(value, str) else None


def _many(raw: Mapping[str, str | list[str]], name: str) -> tuple[str, ...]:
    value = raw.get(name)
    return tuple(value) if isinstance(value, list) else ()


def _fen(rule: Price | None, text: str | None) -> int | None:
    if text is None:
        return None
    if rule is not None and rule.unit == "fen":
        return to_price_fen(text)
    fen = price_fen(text)
    return (
        fen * _WAN
        if fen is not None and rule is not None and rule.unit == "wan" and not _SAYS_WAN.search(text)
        else fen
    )


def _posted(rule: Time | None, text: str | None, capture: Capture) -> datetime | None:
    return read_time(rule or Time(), text, capture.fetched_at) if text is not None else None
