"""Tries a draft on pages that were fetched: which listings it reads, and which of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adwatch.errors import SpecError
from adwatch.http import Fetched
from adwatch.models import Listing
from collectors.documents import Unreadable
from collectors.draft.site import Site
from collectors.extract import ListPage, extract, is_listing, read_detail, read_list
from collectors.fields import to_listing
from collectors.paging import Place, list_request
from collectors.spec import PlatformSpec
from collectors.spec_fields import Fields, Value
from collectors.specfile import SpecFile, extended, validated

SAMPLES = 3
"""Item pages that are looked at."""
_WORTH = {
    "title": 3.0,
    "text": 3.0,
    "price": 2.0,
    "seller_name": 2.0,
    "posted_at": 1.0,
    "native_id": 1.0,
    "images": 0.5,
}


@dataclass(slots=True)
class Trial:
    """A draft and what it reads."""

    values: dict[str, Any]
    """The platform file's values."""
    why: str
    """What on the site speaks for it."""
    bonus: float = 0.0
    """For ways that break less: a tried template, structured data."""
    spec: PlatformSpec | None = None
    """The platform, if the values are right."""
    listings: list[Listing] = field(default_factory=list)
    """As read."""
    on_list: int = 0
    """Items on the list page."""
    faults: list[str] = field(default_factory=list)
    """Why nothing is read."""

    @property
    def fields(self) -> Fields:
        """Rules of what the listings are read by."""
        assert self.spec is not None  # noqa: S101 - only asked of a draft that was tried
        items = self.spec.items.fields if self.spec.items is not None else Fields()
        if self.spec.detail is None:
            return items
        given = {**dict(items.given()), **dict(self.spec.detail.fields.given())}
        return Fields(**given)

    def fill(self, name: str) -> int:
        """Listings in which a field stands."""
        place = "price_text" if name == "price" else name
        return sum(getattr(one, place) not in (None, ()) for one in self.listings)

    @property
    def score(self) -> float:
        """How much it reads; nothing where no listing is read."""
        if not self.listings:
            return 0.0
        size = len(self.listings)
        told = sum(worth * self.fill(name) / size for name, worth in _WORTH.items())
        words = sum(min(300, len(one.text or "")) for one in self.listings) / size / 150
        return told + words + self.bonus + min(self.on_list, 20) / 20


def tried(trial: Trial, site: Site, files: Mapping[str, SpecFile]) -> Trial:
    """The draft with what it reads of the site."""
    name = str(trial.values["name"])
    try:
        trial.spec = spec = validated(extended(SpecFile(Path(f"{name}.yml"), trial.values, {}), files))
    except SpecError as error:
        trial.faults.append(error.message)
        return trial
    source = next((one for one in spec.lists if one.way != "search"), spec.lists[0])
    request = list_request(spec, source.address, Place(spec.paging.start), None, {})
    fetched = site.get(request.url, list=source.way, page=spec.paging.start)
    page = listed(trial, fetched)
    if page is not None and not page.items and page.lists:
        fetched = site.get(page.lists[0], list=source.way)
        page = listed(trial, fetched)
    if fetched is None or page is None or not page.items:
        trial.faults.append("no item is found on its list")
        return trial
    trial.on_list = len(page.items)
    if spec.detail is None:
        found = extract(spec, replace(fetched.capture, role="list"), fetched.body)
        trial.listings = [one for one in found if isinstance(one, Listing)]
        return trial
    for item in page.items[:SAMPLES]:
        answer = site.get(item.link, item=item.raw) if item.link else None
        if answer is None:
            continue
        try:
            raw, _ = read_detail(spec, answer.body, answer.capture.content_type, answer.url)
        except Unreadable as error:
            trial.faults.append(str(error))
            continue
        if is_listing(spec, raw):
            trial.listings.append(to_listing(spec, spec.detail.fields, {**item.raw, **raw}, answer.capture))
    return trial


def listed(trial: Trial, fetched: Fetched | None) -> ListPage | None:
    """The list page as the draft reads it."""
    if fetched is None or trial.spec is None:
        return None
    try:
        return read_list(trial.spec, fetched.body, fetched.capture.content_type, fetched.url)
    except Unreadable as error:
        trial.faults.append(str(error))
        return None


def how(trial: Trial, name: str) -> str:
    """How a field is found, in words."""
    spec = trial.spec
    rule: Value | None = getattr(trial.fields, name)
    if rule is None or spec is None:
        return ""
    kind = spec.detail_kind if spec.detail is not None else spec.list_kind
    if spec.detail is not None and getattr(spec.detail.fields, name) is None:
        kind = spec.list_kind
    source = {"structured": "schema.org / OpenGraph", "feed": "feed", "json": "JSON"}.get(kind, "CSS")
    if rule.value is not None:
        return f"固定值 fixed: {rule.value}"
    if rule.th is not None:
        return f"表头 row: {rule.th}"
    where = rule.template or rule.select or "the item itself"
    return f"{source}: {where}" + (f" @{rule.attr}" if rule.attr else "")
