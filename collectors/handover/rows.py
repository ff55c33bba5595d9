"""Rows → Listings: a plan is made once a heading (or once a shape of JSON rows), then each row is a few look-ups."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, tzinfo
from typing import Any, Protocol

import orjson

from adwatch.models import LISTING_KINDS, Listing
from adwatch.ports import Refused
from adwatch.text import clean, one_line
from collectors.handover import values as v
from collectors.handover import zeeschuimer
from collectors.handover.columns import LABELLED, LEFT_OUT, REGION_SOURCES, ColumnTable

_SLOT = {f.name: at for at, f in enumerate(fields(Listing))}
_PLATFORM, _NATIVE_ID, _KIND = _SLOT["platform"], _SLOT["native_id"], _SLOT["kind"]
_URL, _URL_NORM, _TITLE, _TEXT = _SLOT["url"], _SLOT["url_norm"], _SLOT["title"], _SLOT["text"]
_PRICE_FEN, _PRICE_TEXT = _SLOT["price_fen"], _SLOT["price_text"]
_SELLER_ID, _SELLER_NAME, _LINKS = _SLOT["seller_id"], _SLOT["seller_name"], _SLOT["links"]
_IMAGES, _CAPTURED_AT, _CAPTURE_ID = _SLOT["images"], _SLOT["captured_at"], _SLOT["capture_id"]
_REGION, _REGION_SOURCE, _ROW = _SLOT["seller_region"], _SLOT["seller_region_source"], _SLOT["capture_row"]
_KINDS = {"商品": "product", "宝贝": "product", "帖子": "post", "笔记": "post", "动态": "post", "评论": "comment"} | {
    "网页": "page",
    "视频": "video",
    "短视频": "video",
    "直播": "live",
    "账号": "account",
    "群": "group",
    "群组": "group",
    "小程序": "mini_program",
    "应用": "app",
    "线索": "tip",
    "举报": "tip",
}
_MAX_PLANS = 500
Convert = Callable[[object], object]


class ItemReader(Protocol):
    """Reads the items of browsers' captures by what the platform files say."""

    def listing(self, source: str, item: Mapping[str, Any], meta: object, rows: RowReader, number: int) -> Listing:
        """One item; ValueRefused says why it cannot be a listing."""

    def inside(self, host: str, value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """(source, item) of every item of a known shape in an answer of that host."""


@dataclass(frozen=True, slots=True)
class RefusedRow(Refused):
    """A refused row with what a reject file says of it."""

    file: str
    """Name of the file as it was given."""
    row: int
    """Row as in Listing.capture_row; 0 for the file as a whole."""
    raw: str = ""
    """The row as it stood, as far as it is text."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read from rows that have the same columns; ``where`` keys are cell numbers or JSON names."""

    steps: tuple[tuple[int, Any, Convert], ...]
    """(slot, key, conversion), the column that wins last."""
    texts: tuple[tuple[Any, str], ...]
    """(key, label before it) of the columns that are joined into the text, where there are several."""
    regions: tuple[tuple[Any, str], ...]
    """(key, source) of the columns that say where the seller is."""
    template: list[Any]
    """A listing's values before the row's are put in: platform, kind that the headings show, capture."""
    identified: bool
    """Whether a row must bring an id or an address; a sheet without such a column gets ids from its content."""
    identifying: frozenset[int] = frozenset((_NATIVE_ID, _URL))
    """Slots by which a row is known."""


def nothing_longer(_listing: Listing) -> bool:
    """Nothing is known of what is stored."""
    return False


@dataclass(slots=True)
class RowReader:
    """Builds the listings of one file."""

    platform: str
    columns: ColumnTable
    zone: tzinfo
    """Zone of times that state none."""
    capture_id: int | None = None
    captured_at: datetime | None = None
    default_kind: str = "product"
    captured: ItemReader | None = None
    """Reads items that a browser's capture holds."""
    longer: Callable[[Listing], bool] = nothing_longer
    """Whether a longer text of a listing is stored already."""
    unread: Counter[str] = field(default_factory=Counter)
    """Values that were present but could not be read, by field: the row is kept, the field is absent."""
    unknown: dict[str, None] = field(default_factory=dict)
    """Headings that nothing is known of, in order of appearance."""
    _plans: dict[tuple[str, ...], Plan] = field(default_factory=dict)

    def plan(self, headings: Sequence[object], table: bool = True) -> Plan:
        """The plan for cells in this order (or, with ``table`` false, for JSON rows with these names)."""
        found = [(at if table else name, name, self.columns.get(name)) for at, name in enumerate(headings)]
        by_field: dict[str, list[Any]] = {}
        regions: list[tuple[Any, str]] = []
        labels: list[tuple[Any, object]] = []
        steps: list[tuple[int, Any, Convert]] = []
        kind = None
        for where, name, column in found:
            if column is None:
                if len(self.unknown) < 100 and str(name or "").strip():
                    self.unknown[one_line(clean(str(name)), 40)] = None
                continue
            kind = kind or column.kind or None
            if column.field == LEFT_OUT:
                continue
            if column.field == LABELLED:
                labels.append((where, name))
                continue
            by_field.setdefault(column.field, []).append(where)
            if column.field == "seller_region":
                regions.append((where, column.source or "unknown"))
        labelled = tuple((where, f"{one_line(clean(str(name)))}：") for where, name in labels)
        plain = tuple((where, "") for where in by_field.get("text", ()))
        texts = (*plain, *labelled) if len(plain) > 1 or labelled else ()
        for name, keys in by_field.items():
            if name == "seller_region" or (name == "text" and texts):
                continue
            steps += [(_SLOT[name], where, self._conversion(name)) for where in reversed(keys)]
        identified = not table or bool({"native_id", "url"} & by_field.keys())
        template: list[Any] = [None] * len(_SLOT)
        template[_PLATFORM], template[_KIND] = self.platform, kind or self.default_kind
        template[_IMAGES] = template[_LINKS] = ()
        template[_CAPTURED_AT], template[_CAPTURE_ID] = self.captured_at, self.capture_id
        return Plan(tuple(steps), texts, tuple(regions), template, identified)

    def json_plan(self, names: tuple[str, ...]) -> Plan:
        """The plan for JSON rows of this shape, remembered."""
        plan = self._plans.get(names)
        if plan is None:
            plan = self.plan(names, table=False)
            if len(self._plans) < _MAX_PLANS:
                self._plans[names] = plan
        return plan

    def json_listing(self, row: Any, number: int) -> Listing:
        """One JSON object as a listing: a row of fields, or an item with what a browser's tool wrote round it."""
        if self.captured is not None and ("source_platform" in row or zeeschuimer.META in row):
            found = zeeschuimer.opened(row)
            if found is not None:
                return self.captured.listing(*found, self, number)
        return self.listing(self.json_plan(tuple(row)), row, number)

    def listing(self, plan: Plan, row: Any, number: int) -> Listing:
        """One row as a listing; ValueRefused says why it cannot be one."""
        out = plan.template[:]
        out[_ROW] = number
        lossy: v.ValueRefused | None = None
        for slot, where, convert in plan.steps:
            value = row[where]
            if value is not None and value != "":
                try:
                    value = convert(value)
                except v.ValueRefused as error:
                    if error.reason != "lossy_id" or slot != _NATIVE_ID:
                        raise
                    lossy = error
                    continue
                if value is not None:
                    out[slot] = value
        if plan.texts:
            parts = [_line(label, text) for where, label in plan.texts if (text := v.to_text(row[where])) is not None]
            out[_TEXT] = "\n".join(parts) or None
        if plan.regions:
            for where, source in plan.regions:
                if (region := v.to_text(row[where])) is not None:
                    out[_REGION], out[_REGION_SOURCE] = region, out[_REGION_SOURCE] or source
                    break
        if out[_PRICE_FEN] is None and out[_PRICE_TEXT] is not None:
            out[_PRICE_FEN] = v.price_fen(out[_PRICE_TEXT])
        if out[_NATIVE_ID] is None:
            self._identify(plan, out, lossy)
        if out[_URL] is not None:
            out[_URL_NORM] = v.normal_url(out[_URL])
        return Listing(*out)

    def _identify(self, plan: Plan, out: list[Any], lossy: v.ValueRefused | None) -> None:
        if out[_URL] is None and not plan.identified:
            found = v.first_address(out[_TITLE]) or v.first_address(out[_TEXT])
            out[_URL] = found or next(iter(out[_LINKS] or ()), None)
        if out[_URL] is not None:
            out[_NATIVE_ID] = out[_URL]
            return
        if lossy is not None:
            raise lossy
        content = [out[_SELLER_ID], out[_SELLER_NAME], out[_TITLE], out[_TEXT]]
        if plan.identified or not any(content):
            raise v.ValueRefused(
                "no_id",
                "须有编号（native_id、商品ID）或者网址（url、链接）"
                " an id (native_id, 商品ID) or an address (url, 链接) is needed",
            )
        out[_NATIVE_ID] = content_id(content)

    def _conversion(self, name: str) -> Convert:
        if name in ("posted_at", "captured_at"):
            return self._time
        return {
            "native_id": v.to_id,
            "seller_id": self._seller_id,
            "url": v.to_url,
            "kind": self._kind,
            "price_fen": v.to_price_fen,
            "reviews_count": self._count,
            "images": v.to_addresses,
            "links": v.to_addresses,
            "uscc": _code,
            "seller_region_source": _source,
        }.get(name, v.to_text)

    def _time(self, value: object) -> datetime | None:
        moment = v.to_time(value, self.zone)
        if moment is None and v.to_text(value) is not None:
            self.unread["time"] += 1
        return moment

    def _count(self, value: object) -> int | None:
        count = v.to_count(value)
        if count is None and v.to_text(value) is not None:
            self.unread["count"] += 1
        return count

    def _seller_id(self, value: object) -> str | None:
        try:
            return v.to_id(value)
        except v.ValueRefused as error:
            if error.reason != "lossy_id":
                raise
            self.unread["seller_id"] += 1
            return None

    def _kind(self, value: object) -> str | None:
        word = (v.to_text(value) or "").lower()
        return word if word in LISTING_KINDS else _KINDS.get(word)


def content_id(content: Sequence[str | None]) -> str:
    """Identifier of a row that brings none: the same content is the same listing, wherever it stands."""
    return "content-" + hashlib.sha256(orjson.dumps(content)).hexdigest()[:32]


def _line(label: str, text: str) -> str:
    """A piece of the text; a spreadsheet gives a day as its midnight."""
    return label + text.removesuffix(" 00:00:00") if label else text


def _code(value: object) -> str | None:
    text = v.to_text(value)
    return text.upper().replace(" ", "") if text else None


def _source(value: object) -> str | None:
    text = v.to_text(value)
    return text if text in REGION_SOURCES else None
