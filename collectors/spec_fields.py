"""Rules of a platform file for single fields: where a value stands, and how prices and times are written.

The text under each field is its documentation in docs/adding-a-platform.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, field_validator, model_validator

from adwatch.models import LISTING_KINDS
from collectors.selectors import check_css, check_jmespath


class Strict(BaseModel):
    """Unknown fields are errors: a misspelt rule would silently not hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_kind(value: str) -> str:
    if value not in LISTING_KINDS:
        raise ValueError(f"{value!r}: write one of {', '.join(LISTING_KINDS)}")
    return value


ListingKind = Annotated[str, AfterValidator(_known_kind)]


def _select(value: Any) -> Any:
    """A plain string is short for ``select``."""
    return {"select": value} if isinstance(value, str) else value


def pattern(value: str | None) -> str | None:
    """The regular expression, if it is one."""
    if value is not None:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from error
    return value


class Value(Strict):
    """Where one field of a listing stands."""

    select: str | None = None
    """CSS selector (html) or JMESPath (all others); without it the item itself."""
    attr: str | None = None
    """HTML attribute to read instead of the text."""
    th: str | None = None
    """Heading of a table row (html): the cell beside it is read."""
    value: str | None = None
    """A fixed value."""
    template: str | None = None
    """An address or text made of other fields, such as /item/{native_id}."""
    regex: str | None = None
    """Part to keep: the first group, or the whole match."""
    html: bool = False
    """The JSON value is HTML: its text is kept."""
    drop: str | None = None
    """CSS selector of what is left out of the text."""
    all: bool = False
    """All matches, joined by newlines (images and links always take all)."""

    _check_regex = field_validator("regex")(pattern)

    @field_validator("drop")
    @classmethod
    def _check_drop(cls, value: str | None) -> str | None:
        return value if value is None else check_css(value)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [name for name in ("th", "value", "template") if getattr(self, name) is not None]
        if len(ways) > 1:
            raise ValueError(f"{' and '.join(ways)} exclude each other; keep one")
        return self


class Price(Value):
    """A price, as a number with or without signs around it."""

    unit: Literal["yuan", "fen", "wan"] = "yuan"
    """What the number counts: yuan, fen (0.01), or wan (10,000 yuan)."""
    digits: str | None = None
    """JMESPath of how many of its last digits are decimals, where the number counts a currency's smallest unit."""
    currency: str | None = None
    """JMESPath of the currency's code (ISO 4217): foreign money is shown and not counted."""

    @field_validator("digits", "currency")
    @classmethod
    def _paths(cls, value: str | None) -> str | None:
        return value if value is None else check_jmespath(value)


class Time(Value):
    """A time."""

    format: str | tuple[str, ...] = "iso"
    """iso, rfc822, unix, unix_ms, relative (3分钟前, 昨天 12:30, 11-20), or a strptime format; tried in order."""
    zone: str = "Asia/Shanghai"
    """Time zone of times that name none."""

    @property
    def formats(self) -> tuple[str, ...]:
        """All formats, in order."""
        return (self.format,) if isinstance(self.format, str) else self.format

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone; write one such as Asia/Shanghai or UTC") from error
        return value


V = Annotated[Value, BeforeValidator(_select)]
P = Annotated[Price, BeforeValidator(_select)]
T = Annotated[Time, BeforeValidator(_select)]


class Fields(Strict):
    """Fields of a listing; those left out are absent."""

    native_id: V | None = None
    """The platform's own identifier; without it the address."""
    url: V | None = None
    """Address of the item; without it the page's."""
    title: V | None = None
    """Headline."""
    text: V | None = None
    """Body text."""
    price: P | None = None
    """Price."""
    seller_id: V | None = None
    """Identifier of the shop or account."""
    seller_name: V | None = None
    """Name of the shop or account."""
    seller_region: V | None = None
    """Where the seller is."""
    seller_region_source: V | None = None
    """亮照 | 发货地 | IP属地 | 自述."""
    operator_name: V | None = None
    """Legal operator shown on the licence."""
    uscc: V | None = None
    """统一社会信用代码."""
    sales_text: V | None = None
    """Sales figure as shown."""
    reviews_count: V | None = None
    """Number of reviews."""
    images: V | None = None
    """Addresses of pictures."""
    links: V | None = None
    """Addresses that the text links to."""
    posted_at: T | None = None
    """When the seller put it up."""

    def given(self) -> Iterator[tuple[str, Value]]:
        """Names and rules of the fields that are declared."""
        for name, rule in self:
            if rule is not None:
                yield name, rule
