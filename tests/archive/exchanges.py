"""Exchanges as a test needs them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from adwatch.archive import Exchange

START = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


def exchange(number: int = 0, **changes: Any) -> Exchange:
    """An answer to GET /item/<number>."""
    values: dict[str, Any] = {
        "platform": "shop",
        "day": "2026-11-16",
        "role": "detail",
        "url": f"http://shop.example/item/{number}?q=%E7%94%B5%E5%B7%A5",
        "method": "GET",
        "fetched_at": START + timedelta(seconds=number, milliseconds=123),
        "status": 200,
        "reason": "OK",
        "request_headers": (("User-Agent", "AdWatch/0.1.0"), ("Authorization", "Bearer hunter2"), ("Cookie", "sid=9")),
        "response_headers": (("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "sid=topsecret")),
        "body": f"<h1>商品 {number}</h1>".encode(),
        "server_ip": "192.0.2.7",
        "operator": "office@example.org",
        "software": "AdWatch/0.1.0",
        "context": {"term": "电工证", "page": 1},
    }
    return Exchange(**{**values, **changes})
