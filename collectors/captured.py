"""Items that an officer's browser saw → listings, by the shapes of the platform files (`handover.captured`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from adwatch.models import Capture, Listing
from collectors.documents import TreeDocument
from collectors.fields import read_raw, to_listing, too_large
from collectors.handover.rows import RowReader
from collectors.handover.values import ValueRefused
from collectors.selectors import search_json
from collectors.spec import PlatformSpec
from collectors.spec_fields import Value
from collectors.spec_parts import Shape

MOST_NODES = 500_000
"""Objects of one answer that are looked at."""
_ABSENT = "$undefined"
"""What a page's embedded data say of a value that is not there."""
_NOTHING: tuple[object, ...] = (None, False, "", [], {})
_LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class _Known:
    spec: PlatformSpec
    shape: Shape
    fields: tuple[tuple[str, Value], ...]
    host: str

    def fits(self, item: Mapping[str, Any]) -> bool:
        return search_json(self.shape.when, item) not in _NOTHING


class Captured:
    """The shapes of all platform files."""

    def __init__(self, specs: Mapping[str, PlatformSpec]) -> None:
        self._known: dict[str, list[_Known]] = {}
        self._sources = {
            spec.name: {shape.source for shape in spec.handover.captured}
            for spec in specs.values()
            if spec.handover.captured
        }
        for spec in specs.values():
            for shape in spec.handover.captured:
                known = _Known(spec, shape, tuple(shape.fields.given()), shape.host or shape.source)
                self._known.setdefault(shape.source, []).append(known)

    def listing(self, source: str, item: Mapping[str, Any], meta: object, rows: RowReader, number: int) -> Listing:
        """One item as a listing of ``rows``' platform; ValueRefused says why it cannot be one."""
        if source not in self._known:
            message = (
                f"没有平台文件能读 {source[:60]} 的采集记录；请写一个带 handover.captured 的"
                f" no platform file reads captures of {source[:60]!r}; write one with handover.captured"
            )
            raise ValueRefused("unknown_source", message)
        if source not in self._sources.get(rows.platform, {source}):
            right = " or ".join(name for name, sources in self._sources.items() if source in sources)
            message = (
                f"这是 {source} 的数据，不是 {rows.platform} 的；请用 --platform {right} 移交"
                f" it is of {source} and not of {rows.platform}; hand it over with --platform {right}"
            )
            raise ValueRefused("wrong_platform", message)
        try:
            plain = {**_plain(item), "capture_meta": meta}
        except RecursionError as error:
            raise ValueRefused("too_deep", "条目嵌套过深 the item is nested too deep") from error
        for known in self._known[source]:
            if known.fits(plain):
                return _listing(known, plain, rows, number)
        names = ", ".join(sorted(map(str, item))[:12])
        raise ValueRefused(
            "unknown_shape",
            f"与 {source} 已知的各种结构都不相符 none of the shapes of {source} fits; the item has {names[:200]}",
        )

    def inside(self, host: str, value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """(source, item) of every item of a known shape in an answer of that host, however deep it lies."""
        shapes = [known for each in self._known.values() for known in each if _below(host, known.host)]
        waiting, seen = [value] if shapes else [], 0
        while waiting and seen < MOST_NODES:
            node = waiting.pop()
            seen += 1
            if isinstance(node, list):
                waiting += reversed(node)
            elif isinstance(node, dict):
                found = next((known for known in shapes if known.fits(node)), None)
                if found is not None:
                    yield found.shape.source, node
                else:
                    waiting += reversed(node.values())
            if waiting and seen == MOST_NODES:
                raise ValueRefused(
                    "too_large",
                    f"一份应答超过 {MOST_NODES:,} 个值，其余不读"
                    f" more than {MOST_NODES:,} values in the answer; the rest is not read",
                )


def _listing(known: _Known, item: Mapping[str, Any], rows: RowReader, number: int) -> Listing:
    raw = read_raw(known.fields, TreeDocument(item, f"https://{known.host}/"), item)
    if not raw.get("native_id"):
        raise ValueRefused(
            "no_id",
            f"按 {known.spec.name}.yml 找不到条目的编号 the item has no id where {known.spec.name}.yml looks for one",
        )
    if not (raw.get("title") or raw.get("text") or raw.get("images")):
        raise ValueRefused("no_text", "条目没有标题、正文和图片 the item has neither a title nor a text nor a picture")
    if (large := too_large(raw)) is not None:
        raise ValueRefused("too_large", large)
    meta = item["capture_meta"]
    when = _moment(meta.get("timestamp_collected")) if isinstance(meta, dict) else None
    captured_at = when or rows.captured_at
    capture = Capture(rows.platform, "", "list", "", captured_at or _LONG_AGO, 0, "", "", 0, "", id=rows.capture_id)
    found = to_listing(known.spec, known.shape.fields, raw, capture)
    kind = known.shape.listing_kind or known.spec.listing_kind
    return replace(found, platform=rows.platform, kind=kind, captured_at=captured_at, capture_row=number)


def _below(host: str, parent: str) -> bool:
    return host == parent or host.endswith(f".{parent}")


def _moment(value: object) -> datetime | None:
    """Milliseconds since 1970 → UTC."""
    try:
        return datetime.fromtimestamp(float(value) / 1000, UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _plain(value: Any) -> Any:
    """Without what stands for absent values, and with the JSON that lies in a string (a live room's ``rawdata``)."""
    if isinstance(value, dict):
        return {name: _opened(name, inner) for name, inner in value.items() if inner != _ABSENT}
    if isinstance(value, list):
        return [_plain(inner) for inner in value if inner != _ABSENT]
    return value


def _opened(name: str, value: Any) -> Any:
    if name == "rawdata" and isinstance(value, str):
        try:
            value = orjson.loads(value)
        except json.JSONDecodeError:
            return value  # it stays what it is: a text
    return _plain(value)
