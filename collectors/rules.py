"""Rules that tie several fields of a platform file together; each names the field that must change."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.handover.columns import PLACES, unknown_place
from collectors.spec import PlatformSpec, select_checker
from collectors.spec_fields import Fields

Place = tuple[str | int, ...]
Fault = tuple[Place, str]


def faults(spec: PlatformSpec) -> Iterator[Fault]:
    """(field, what to write) for whatever does not fit together."""
    yield from _selectors(spec)
    if spec.kind == "handover":
        for heading, place in spec.handover.columns.items():
            if place not in PLACES:
                yield ("handover", "columns", heading), unknown_place(place)
        return
    if (spec.kind == "signed_json") != (spec.interface is not None):
        yield ("interface",), "belongs to kind: signed_json, which needs it: keys, time, signature, failures"
    if spec.items is None:
        yield ("items",), "is missing; write how a list page is read: items: {select: ...}"
    if spec.is_template:
        return
    if not spec.lists:
        yield ("lists",), "is missing; write where to start: - latest: /new?page={page}"
    yield from _paging(spec)
    if spec.items is None:
        return
    yield from _finding(spec)
    if spec.probe is not None and not spec.searched:
        yield ("probe",), "needs a list by search; write lists: - search: /search?q={term}"
    if spec.detail is not None and spec.items.link is None and spec.items.links is None:
        yield ("items", "link"), "is missing; the detail pages are found by it: link: {select: a, attr: href}"
    if spec.detail is not None and spec.detail.replies is not None and not _identified(spec):
        yield ("detail", "replies"), "needs the item's own id; write native_id in items.fields or detail.fields"
    titled = spec.detail.fields if spec.detail is not None else spec.items.fields
    if titled.title is None and titled.text is None:
        where: Place = ("detail", "fields") if spec.detail is not None else ("items", "fields")
        yield (*where, "title"), "is missing; a listing needs a title or a text"


def _identified(spec: PlatformSpec) -> bool:
    parts = [part for part in (spec.items, spec.detail) if part is not None]
    return any(part.fields.native_id is not None for part in parts)


def _finding(spec: PlatformSpec) -> Iterator[Fault]:
    """How items are found: by a selector or by their links."""
    assert spec.items is not None  # noqa: S101 - the caller has looked
    if spec.items.select is None and spec.items.links is None:
        yield ("items", "select"), "is missing; write select, or links with a pattern of item addresses"
    if spec.items.links is not None and spec.kind in ("json", "signed_json", "feed"):
        yield ("items", "links"), f"finds links on pages; a {spec.kind} platform needs items.link"
    if spec.items.links is not None and spec.detail is None:
        yield ("detail",), "is missing; links only lead to pages: write how an item's own page is read"


def _paging(spec: PlatformSpec) -> Iterator[Fault]:
    paging = spec.paging
    if paging.by in ("offset",) and paging.size is None:
        yield ("paging", "size"), "is missing; write how many items a page has"
    if paging.by == "cursor" and paging.next is None:
        yield ("paging", "next"), "is missing; write where the cursor stands in the body"
    if paging.by == "more" and paging.next is None:
        yield ("paging", "next"), "is missing; write the selector of the button that shows more"
    in_page = paging.by in ("scroll", "more")
    if in_page and (spec.render is None or "list" not in spec.render.pages or spec.list_kind != "html"):
        yield ("paging", "by"), f"{paging.by} goes on within a rendered page of kind html; write render: true"
    shown = ("html", "structured")
    if spec.render is not None and not {spec.list_kind, spec.detail_kind if spec.detail else ""} & set(shown):
        yield ("render",), f"renders pages; a {spec.kind} platform has none: write kind: html or structured"
    if paging.by == "next_link" and spec.kind in ("json", "signed_json") and paging.next is None:
        yield ("paging", "next"), "is missing; write where the next address stands in the body"
    for number, source in enumerate(spec.lists):
        address = source.address
        by = (address.paging or paging).by
        mark = {"page": "{page}", "offset": "{offset}", "cursor": "{cursor}"}.get(by)
        if mark is not None and mark not in f"{address.url}{address.body}":
            yield ("lists", number, source.way), f"needs {mark} in its url or body, since paging is by {by}"
        if address.body is not None and address.method != "POST":
            yield ("lists", number, source.way, "method"), "a body is sent by POST only; write method: POST"


def _selectors(spec: PlatformSpec) -> Iterator[Fault]:
    list_check, detail_check = select_checker(spec.list_kind), select_checker(spec.detail_kind)
    places: list[tuple[Place, str | None, bool]] = [(("paging", "next"), spec.paging.next, False)]
    if spec.items is not None:
        places.append((("items", "select"), spec.items.select, False))
        places.append((("items", "no_results", "select"), spec.items.no_results.select, False))
        if spec.items.link is not None:
            places.append((("items", "link", "select"), spec.items.link.select, False))
        places += _of_fields(("items", "fields"), spec.items.fields, False)
    if spec.detail is not None:
        places.append((("detail", "root"), spec.detail.root, True))
        places.append((("gone", "select"), spec.gone.select, True))
        places += _of_fields(("detail", "fields"), spec.detail.fields, True)
        if (replies := spec.detail.replies) is not None:
            for name in ("select", "next", "ids"):
                places.append((("detail", "replies", name), getattr(replies, name), True))
            places += _of_fields(("detail", "replies", "fields"), replies.fields, True)
    for place, selector, in_detail in places:
        if selector is None:
            continue
        try:
            (detail_check if in_detail else list_check)(selector)
        except ValueError as error:
            yield place, str(error)


def _of_fields(place: Place, fields: Fields, in_detail: bool) -> list[tuple[Place, str | None, bool]]:
    return [((*place, name, "select"), rule.select, in_detail) for name, rule in fields.given()]
