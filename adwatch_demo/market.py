"""拾光市场, a marketplace with a JSON interface: all by cursor, prices in fen, times in epoch milliseconds.

``POST /api/search`` with ``{"q", "cursor", "size"}`` and ``GET /api/latest?cursor=`` answer ``{"items", "next"}``;
``GET /api/goods?id=ID`` answers likewise with the one item or none; ``/goods/ID`` is the page for people.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from html import escape
from typing import Any

from adwatch_demo.serving import Answer, Asked, html_page, json_answer, matches, paragraphs, plain
from adwatch_demo.world import FIRST_DATE, Row, standing

NAME = "拾光市场"
SIZE = 20
MOST = 50
"""Items a page at most, whatever is asked for."""
ROBOTS = "User-agent: *\nDisallow: /account/\nAllow: /api/\n"


class Market:
    """The marketplace on a simulated day."""

    def __init__(self, day: int, first: date = FIRST_DATE) -> None:
        self.goods = standing("market", day, first)

    def answer(self, asked: Asked) -> Answer:
        """Route one request."""
        if asked.path == "/robots.txt":
            return plain(ROBOTS)
        if asked.path == "/api/latest":
            return page_of(self.goods, asked.query.get("cursor"), SIZE)
        if asked.path == "/api/search":
            return self._search(asked)
        if asked.path == "/api/goods":
            return page_of([row for row in self.goods if row["id"] == asked.query.get("id")], None, SIZE)
        if asked.path.startswith("/goods/"):
            wanted = asked.path.removeprefix("/goods/")
            row = next((row for row in self.goods if row["id"] == wanted), None)
            return goods_page(row) if row else html_page(NAME, NAME, "<p>商品不存在或已删除</p>", 404)
        return html_page(NAME, NAME, "<p>拾光市场：请使用客户端</p>", 200 if asked.path == "/" else 404)

    def _search(self, asked: Asked) -> Answer:
        if asked.method != "POST":
            return json_answer({"error": "POST only"}, 405)
        try:
            query = json.loads(asked.body)
            term, cursor, size = str(query["q"]), query.get("cursor"), int(query.get("size") or SIZE)
        except (ValueError, KeyError, TypeError, AttributeError):
            return json_answer({"error": "a JSON body with q is needed"}, 400)
        return page_of([row for row in self.goods if matches(row, term)], cursor, size)


def page_of(goods: list[Row], cursor: str | None, size: int) -> Answer:
    """The items behind a cursor (the id of the last one that was shown), and the next cursor or null."""
    ids = [row["id"] for row in goods]
    start = ids.index(cursor) + 1 if cursor in ids else 0
    end = start + min(max(size, 1), MOST)
    following = ids[end - 1] if end < len(goods) else None
    return json_answer({"items": [item(row) for row in goods[start:end]], "next": following})


def item(row: Row) -> dict[str, Any]:
    """One item as the interface gives it."""
    return {
        "id": row["id"],
        "title": row["title"],
        "desc": row["text"],
        "priceFen": int(Decimal(row["price"]) * 100),
        "soldText": row["sales"],
        "shop": {"id": row["seller_id"], "name": row["seller_name"]},
        "shipFrom": row["seller_region"],
        "onSaleAt": int(datetime.fromisoformat(row["posted_at"]).timestamp() * 1000),
    }


def goods_page(row: Row) -> Answer:
    """One item for people."""
    body = (
        f'<main class="goods" data-id="{escape(row["id"])}">\n<h1>{escape(row["title"])}</h1>\n'
        f'<b class="price">{escape(row["price"])} 元</b>\n{paragraphs(row["text"])}\n'
        f'<p class="shop">{escape(row["seller_name"])}</p>\n</main>'
    )
    return html_page(NAME, row["title"], body)
