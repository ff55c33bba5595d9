"""From one page of a list to the next: page number, offset, cursor in the body, next link, Link header."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import orjson

from adwatch.http import Request
from collectors.documents import Document
from collectors.fields import absolute
from collectors.spec import Address, Paging, PlatformSpec
from collectors.spec_fields import Value

_MARK = re.compile(r"\{(term|page|offset|size|cursor|native_id)\}")
_NO_CURSOR = re.compile(r"&[\w.-]+=\{cursor\}(?=&|$)")
_LINK_HEADER = re.compile(r"<([^<>]*)>([^<]*)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list we are."""

    number: int
    """Page number as the site counts."""
    offset: int = 0
    """Items before this page."""
    cursor: str = ""
    """Cursor from the page before."""
    url: str | None = None
    """Address that the page before gave."""


def site_url(spec: PlatformSpec, url: str) -> str:
    """An address of the platform file: a whole one as it is; a path, a query or nothing is appended to base_url."""
    if "://" in url or spec.base_url is None:
        return url
    if not url or url.startswith("?"):
        return spec.base_url + url
    return f"{spec.base_url.rstrip('/')}/{url.lstrip('/')}"


def filled_url(template: str, marks: Mapping[str, str]) -> str:
    """The address with its marks filled in, percent-encoded; ``&name={cursor}`` is left out of the first page's."""
    if not marks.get("cursor"):
        template = _NO_CURSOR.sub("", template)
    return _MARK.sub(lambda found: quote(marks.get(found[1], ""), safe=""), template)


def filled_body(template: Any, marks: Mapping[str, str]) -> Any:
    """The JSON body with its marks filled in; a string that is only a number's mark becomes a number."""
    if isinstance(template, dict):
        return {key: filled_body(value, marks) for key, value in template.items()}
    if isinstance(template, list):
        return [filled_body(value, marks) for value in template]
    if not isinstance(template, str):
        return template
    if template in ("{page}", "{offset}", "{size}"):
        return int(marks[template[1:-1]])
    if template == "{cursor}" and not marks["cursor"]:
        return None
    return _MARK.sub(lambda found: marks.get(found[1], ""), template)


def list_request(
    spec: PlatformSpec, address: Address, place: Place, term: str | None, context: dict[str, object]
) -> Request:
    """The request for one page of a list."""
    marks = {
        "term": term or "",
        "page": str(place.number),
        "offset": str(place.offset),
        "size": str(spec.paging.size or ""),
        "cursor": place.cursor,
    }
    url = place.url or site_url(spec, filled_url(address.url, marks))
    if address.method == "GET" or place.url is not None:
        return Request(url, "list", context=context)
    body = orjson.dumps(filled_body(address.body, marks)) if address.body is not None else b""
    return Request(url, "list", "POST", body, (("Content-Type", "application/json"),), context)


def next_place(
    spec: PlatformSpec, place: Place, document: Document, headers: tuple[tuple[str, str], ...], count: int
) -> Place | None:
    """Where the next page is; None where the list ends."""
    paging = spec.paging
    if paging.by == "page":
        if paging.size and place.number - paging.start + 1 >= _pages(paging, document):
            return None
        back = document.values(document.root, Value(select=paging.next)) if paging.next is not None else []
        return replace(place, number=place.number + 1, cursor=back[0] if back else "")
    if paging.by == "offset":
        return replace(place, number=place.number + 1, offset=place.offset + (paging.size or count))
    if paging.by == "cursor" and paging.next is not None:
        found = document.values(document.root, Value(select=paging.next))
        return replace(place, number=place.number + 1, cursor=found[0]) if found and found[0] != place.cursor else None
    link = None
    if paging.by == "next_link":
        link = document.next_link(paging.next)
    elif paging.by == "link_header":
        link = _header_link(headers)
    url = absolute(document.base, link) if link else None
    return replace(place, number=place.number + 1, url=url) if url is not None else None


def _pages(paging: Paging, document: Document) -> float:
    """Pages that the list has, as far as it tells how many items there are."""
    found = document.values(document.root, Value(select=paging.total)) if paging.total is not None else []
    count = int(found[0]) if found and found[0].isascii() and found[0].isdecimal() else 0
    return -(-count // (paging.size or 1)) if count else math.inf


def _header_link(headers: tuple[tuple[str, str], ...]) -> str | None:
    """The address with rel=next in Link headers (RFC 8288)."""
    for name, value in headers:
        if name.lower() != "link":
            continue
        for found in _LINK_HEADER.finditer(value):
            if re.search(r";\s*rel\s*=\s*\"?[^\";]*\bnext\b", found[2], re.IGNORECASE):
                return found[1]
    return None
