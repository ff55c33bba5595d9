"""Makes case directories of archived answers: masked, in a form that people can read, with what is read out of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adwatch.archive import Undecodable, decode_body
from adwatch.errors import InputRefused
from adwatch.files import write_whole
from adwatch.models import Capture, Listing
from collectors.cases import what_is_read
from collectors.charset import decode_text
from collectors.documents import Unreadable
from collectors.extract import extract
from collectors.masking import PERSONAL, Find, maskable, masked_body, masked_text, neutral
from collectors.spec import PlatformSpec

_GZIP = b"\x1f\x8b"
_UNPACKED = 52_428_800
_NAMES = ("seller_name", "seller_id")
"""Fields that name a person or a shop; who operates it is public by law (亮照)."""
_COUNTED = ("links", "lists", "no_results")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A case as it was made."""

    path: Path
    """Its directory."""
    listings: int
    """Listings read out of it."""
    links: int
    """Links to items on it."""
    unmasked: tuple[str, ...]
    """Names of sellers too short to be told from other text; a person masks them, or takes another page."""


def record(
    spec: PlatformSpec,
    capture: Capture,
    body: bytes,
    folder: Path,
    find: Find,
    instance: Mapping[str, Any] | None = None,
) -> Recorded:
    """Write a case; an InputRefused where masking would change what is read, or nothing is read at all."""
    text = decode_text(_unpacked(body), capture.content_type)
    kind = spec.detail_kind if capture.role == "detail" and spec.detail is not None else spec.list_kind
    try:
        before = what_is_read(spec, capture, body)
        found = [one for one in extract(spec, capture, body) if isinstance(one, Listing)]
    except Unreadable as error:
        raise InputRefused(f"{capture.url}: 无法读取 cannot be read: {error}") from error
    names = [*_sellers(found), *_reached(found, find)]
    is_json = kind == "json" or text.lstrip("\ufeff \t\r\n").startswith(("{", "["))
    masked = masked_body(text, find, names, is_json)
    told = _told(capture, find, names)
    shown = _as_told(capture, told)
    after = what_is_read(spec, shown, masked.encode())
    _same_shape(before, after, capture.url)
    left = [one for one in _reached(extract(spec, shown, masked.encode()), find) if neutral(one) != one]
    if left:
        raise InputRefused(
            f"{capture.url}: {len(left)} 处被标签拆开 contacts stand in pieces of markup; mask them by hand"
        )
    ending = "json" if is_json else {"feed": "xml", "sitemap": "xml"}.get(kind, "html")
    for name in folder.glob("body.*"):
        name.unlink()
    write_whole(folder / f"body.{ending}", masked.encode())
    write_whole(folder / "request.json", _lines({**told, **({"instance": dict(instance)} if instance else {})}))
    write_whole(folder / "expected.json", _lines(after))
    unmasked = tuple(sorted({name for name in _sellers(found) if not maskable(name)}))
    return Recorded(folder, len(after["listings"]), len(after.get("links", ())), unmasked)


def _unpacked(body: bytes) -> bytes:
    """A packed sitemap as text."""
    if not body.startswith(_GZIP):
        return body
    try:
        return decode_body(body, "gzip", _UNPACKED)
    except Undecodable as error:
        raise InputRefused(f"压缩的内容无法解开 a packed body that cannot be unpacked: {error}") from error


def _sellers(found: Iterable[Listing]) -> Iterator[str]:
    for one in found:
        yield from (value for name in _NAMES if (value := getattr(one, name)) is not None)


def _reached(found: Iterable[object], find: Find) -> Iterator[str]:
    """Contacts as they stand in the texts of listings: markup may lie between them and the word that names them."""
    for one in found:
        if isinstance(one, Listing):
            for text in (one.title or "", one.text or ""):
                yield from (text[c.start : c.end] for c in find(text) if c.kind in PERSONAL)


def _told(capture: Capture, find: Find, names: list[str]) -> dict[str, Any]:
    """What request.json says: the body is text now, whatever charset it came in."""
    media = (capture.content_type or "text/html").partition(";")[0].strip()
    context = masked_body(json.dumps(capture.context, ensure_ascii=False), find, names, True)
    return {
        "platform": capture.platform,
        "role": capture.role,
        "url": masked_text(capture.url, find, names),
        "status": 200 if capture.status == 304 else capture.status,
        "content_type": f"{media}; charset=utf-8",
        "day": capture.day,
        "fetched_at": capture.fetched_at.isoformat(timespec="milliseconds"),
        "context": json.loads(context),
    }


def _as_told(capture: Capture, told: Mapping[str, Any]) -> Capture:
    given = {name: told[name] for name in ("platform", "role", "url", "status", "content_type", "day", "context")}
    return Capture(**given, fetched_at=capture.fetched_at, sha256="", warc="", offset=0, record_id="", id=1)


def _same_shape(before: Mapping[str, Any], after: Mapping[str, Any], url: str) -> None:
    """The same number of listings with the same fields: else the case would test the masking."""
    if not before["listings"] and not before.get("links") and not before.get("no_results") and not before.get("lists"):
        raise InputRefused(
            f"{url}: 这一页什么也没有读到，请先运行 nothing is read out of this page; run adwatch platforms check first"
        )
    shapes = [[sorted(one) for one in side["listings"]] for side in (before, after)]
    counts = [[_count(side.get(name)) for name in _COUNTED] for side in (before, after)]
    if shapes[0] != shapes[1] or counts[0] != counts[1]:
        raise InputRefused(
            f"{url}: 遮盖后读到的会不同，请手工记录 masked, the page would be read differently; record it by hand"
        )


def _count(value: Any) -> Any:
    return len(value) if isinstance(value, list) else value


def _lines(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
