"""便民集市, an HTML shop: lists and a search lead to a page for each item.

``/market?page=N`` (newest first), ``/search?q=TERM&page=N``, ``/item/ID``; 20 goods a page.
"""

from __future__ import annotations

from datetime import date, datetime
from html import escape
from urllib.parse import quote

from adwatch_demo.serving import Answer, Asked, html_page, matches, paragraphs, plain
from adwatch_demo.world import FIRST_DATE, Row, standing

NAME = "便民集市"
PER_PAGE = 20
ROBOTS = "User-agent: *\nDisallow: /admin/\n"


class Shop:
    """The shop on a simulated day."""

    def __init__(self, day: int, first: date = FIRST_DATE) -> None:
        self.goods = standing("shop", day, first)

    def answer(self, asked: Asked) -> Answer:
        """Route one request."""
        if asked.path == "/robots.txt":
            return plain(ROBOTS)
        if asked.path in ("/", "/market"):
            return list_page(self.goods, "/market", "", asked.number("page"))
        if asked.path == "/search":
            term = asked.query.get("q", "")
            found = [row for row in self.goods if matches(row, term)]
            return list_page(found, "/search", f"q={quote(term)}&", asked.number("page"))
        if asked.path.startswith("/item/"):
            wanted = asked.path.removeprefix("/item/")
            row = next((row for row in self.goods if row["id"] == wanted), None)
            return item_page(row) if row else html_page(NAME, NAME, '<p class="gone">该宝贝已下架</p>', 404)
        return html_page(NAME, NAME, '<p class="missing">没有这个页面</p>', 404)


def list_page(goods: list[Row], path: str, query: str, number: int) -> Answer:
    """Twenty goods and a link to the next page."""
    if not goods:
        return html_page(NAME, NAME, '<p class="none">没有找到相关宝贝</p>')
    items = "\n".join(
        f'<li class="good" data-id="{escape(row["id"])}"><a class="good-link" href="/item/{quote(row["id"])}">'
        f"{escape(row['title'])}</a>{price(row)}</li>"
        for row in goods[(number - 1) * PER_PAGE : number * PER_PAGE]
    )
    following = ""
    if number * PER_PAGE < len(goods):
        address = f"{path}?{query}page={number + 1}"
        following = f'\n<a class="next" rel="next" href="{escape(address)}">下一页</a>'
    body = f'<p class="count">共 {len(goods)} 件</p>\n<ul class="goods">\n{items}\n</ul>{following}'
    return html_page(NAME, NAME, body)


def price(row: Row) -> str:
    """The price tag, or none."""
    return f'<span class="price">¥{escape(row["price"])}</span>' if row["price"] else ""


def item_page(row: Row) -> Answer:
    """One item."""
    posted = datetime.fromisoformat(row["posted_at"])
    region = f'<span class="region">{escape(row["seller_region"])}</span>' if row["seller_region"] else ""
    sales = f'<span class="sales">{escape(row["sales"])}</span>' if row["sales"] else ""
    body = (
        f'<article class="item" data-id="{escape(row["id"])}">\n<h1 class="item-title">{escape(row["title"])}</h1>\n'
        f'{price(row)}\n<div class="item-text">\n{paragraphs(row["text"])}\n</div>\n'
        f'<a class="shop" href="/shop/{quote(row["seller_id"])}" data-shop-id="{escape(row["seller_id"])}">'
        f"{escape(row['seller_name'])}</a>\n{region}\n"
        f'<time datetime="{escape(row["posted_at"])}">{posted:%Y-%m-%d %H:%M}</time>\n{sales}\n</article>'
    )
    return html_page(NAME, row["title"], body)
