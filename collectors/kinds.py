"""What each kind of platform lays down by itself, so that a file without a selector works."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FEED_FIELDS: dict[str, Any] = {
    "native_id": "id",
    "url": "link",
    "title": "title",
    "text": "text",
    "seller_name": "author",
    "reviews_count": "comments",
    "images": "images",
    "links": "links",
    "posted_at": {"select": "posted", "format": ["iso", "rfc822", "relative"]},
}
"""Fields of every feed."""

STRUCTURED_FIELDS: dict[str, Any] = {
    "native_id": "id",
    "title": "title",
    "text": "text",
    "price": "price",
    "seller_id": "seller_id",
    "seller_name": "seller_name",
    "seller_region": "seller_region",
    "seller_region_source": {"value": "自述"},
    "operator_name": "operator_name",
    "uscc": "uscc",
    "reviews_count": "reviews",
    "images": "images",
    "posted_at": {"select": "posted", "format": ["iso", "rfc822", "relative"]},
}
"""Fields of every page that is read by its structured data."""


def completed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a platform file laid over what its kind says by itself."""
    kind = values.get("kind")
    items, detail = _mapping(values.get("items")), values.get("detail")
    under: dict[str, Any] = {}
    if kind == "feed":
        under["items"] = {"select": "items", "fields": FEED_FIELDS}
        if detail is not None:
            under["items"]["link"] = "link"
    elif kind == "sitemap":
        under["items"] = {"select": "pages", "link": "url"}
        under["paging"] = {"max_pages": 200}
        under["detail"] = {}
    elif kind == "structured" and "links" in items:
        under["detail"] = {}
    elif kind == "structured":
        under["items"] = {"select": "items", "fields": {**STRUCTURED_FIELDS, "url": "url"}}
        if detail is not None:
            under["items"]["link"] = "url"
    detail_kind = _mapping(detail).get("kind") or {"sitemap": "structured", "structured": "structured"}.get(str(kind))
    if detail_kind == "structured" and (detail is not None or "detail" in under):
        under["detail"] = {"fields": STRUCTURED_FIELDS}
    return overlaid(under, values)


def overlaid(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are merged, all else is replaced."""
    out = dict(under)
    for key, value in over.items():
        below = out.get(key)
        out[key] = overlaid(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return out


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
