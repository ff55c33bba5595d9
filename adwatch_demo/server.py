"""The demo shop 便民集市: a small HTML shop on loopback that stands still for a simulated day.

Serves ``/market?page=N`` (newest first), ``/search?q=TERM&page=N``, ``/item/ID``, ``/robots.txt``; 20 goods a page.
It knows nothing of the patrol; the truth about its goods lies in truth.jsonl, which it does not serve.

Run: ``python -m adwatch_demo.server --port 8790 --day 1``; port 0 takes a free one. Prints its address first.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

HERE = Path(__file__).parent
PER_PAGE = 20
ROBOTS = "User-agent: *\nDisallow: /admin/\n"


def load_rows(name: str) -> list[dict[str, Any]]:
    """Rows of one of the demo's JSON lines files."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def goods_on(day: int) -> list[dict[str, Any]]:
    """Goods that stand in the shop on a simulated day, newest first."""
    rows = [
        row
        for row in load_rows("listings.jsonl")
        if row["day"] <= day and (row["vanishes_on_day"] is None or row["vanishes_on_day"] > day)
    ]
    return sorted(rows, key=lambda row: (row["posted_at"], row["id"]), reverse=True)


def page(title: str, body: str) -> str:
    """A page of the shop."""
    return (
        f'<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8"><title>{escape(title)}</title></head>\n'
        f'<body><header><a href="/market">便民集市</a></header>\n{body}\n'
        "<footer>便民集市 · 演示站点，全部内容均为虚构</footer></body></html>\n"
    )


def list_page(goods: list[dict[str, Any]], path: str, query: str, number: int) -> str:
    """Twenty goods and a link to the next page."""
    shown = goods[(number - 1) * PER_PAGE : number * PER_PAGE]
    if not goods:
        return page("便民集市", '<p class="none">没有找到相关宝贝</p>')
    items = "\n".join(
        f'<li class="good" data-id="{escape(row["id"])}"><a class="good-link" href="/item/{quote(row["id"])}">'
        f"{escape(row['title'])}</a>{price(row)}</li>"
        for row in shown
    )
    following = ""
    if number * PER_PAGE < len(goods):
        address = f"{path}?{query}page={number + 1}"
        following = f'\n<a class="next" rel="next" href="{escape(address)}">下一页</a>'
    return page("便民集市", f'<p class="count">共 {len(goods)} 件</p>\n<ul class="goods">\n{items}\n</ul>{following}')


def price(row: dict[str, Any]) -> str:
    """The price tag, or none."""
    return f'<span class="price">¥{escape(row["price"])}</span>' if row["price"] else ""


def item_page(row: dict[str, Any]) -> str:
    """One item."""
    lines = "\n".join(f"<p>{escape(line)}</p>" for line in row["text"].split("\n"))
    posted = datetime.fromisoformat(row["posted_at"])
    region = f'<span class="region">{escape(row["seller_region"])}</span>' if row["seller_region"] else ""
    sales = f'<span class="sales">{escape(row["sales"])}</span>' if row.get("sales") else ""
    return page(
        row["title"],
        f'<article class="item" data-id="{escape(row["id"])}">\n<h1 class="item-title">{escape(row["title"])}</h1>\n'
        f'{price(row)}\n<div class="item-text">\n{lines}\n</div>\n'
        f'<a class="shop" href="/shop/{quote(row["seller_id"])}" data-shop-id="{escape(row["seller_id"])}">'
        f"{escape(row['seller_name'])}</a>\n{region}\n"
        f'<time datetime="{escape(row["posted_at"])}">{posted:%Y-%m-%d %H:%M}</time>\n{sales}\n</article>',
    )


class Shop(BaseHTTPRequestHandler):
    """Answers for the goods of the server's day."""

    server: ShopServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer goes out in one piece: two pieces cost a delayed acknowledgement of 40 ms

    def do_GET(self) -> None:
        """Route one request."""
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        number = max(1, int(query["page"][0])) if query.get("page", ["1"])[0].isdecimal() and "page" in query else 1
        goods = self.server.goods
        if parts.path == "/robots.txt":
            self._answer(200, ROBOTS, "text/plain")
        elif parts.path in ("/", "/market"):
            self._answer(200, list_page(goods, "/market", "", number))
        elif parts.path == "/search":
            term = query.get("q", [""])[0]
            found = [row for row in goods if term and term.lower() in f"{row['title']}\n{row['text']}".lower()]
            self._answer(200, list_page(found, "/search", f"q={quote(term)}&", number))
        elif parts.path.startswith("/item/"):
            wanted = unquote(parts.path.removeprefix("/item/"))
            row = next((row for row in goods if row["id"] == wanted), None)
            if row:
                self._answer(200, item_page(row))
            else:
                self._answer(404, page("便民集市", '<p class="gone">该宝贝已下架</p>'))
        else:
            self._answer(404, page("便民集市", '<p class="missing">没有这个页面</p>'))

    def _answer(self, status: int, text: str, kind: str = "text/html") -> None:
        body = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are logged on standard error only when asked for."""
        if self.server.verbose:
            sys.stderr.write(f"{self.log_date_time_string()} {format % args}\n")


class ShopServer(ThreadingHTTPServer):
    """The shop on loopback."""

    daemon_threads = True

    def __init__(self, port: int, day: int, verbose: bool = False) -> None:
        self.goods = goods_on(day)
        self.verbose = verbose
        super().__init__(("127.0.0.1", port), Shop)

    @property
    def url(self) -> str:
        """Address of the shop."""
        return f"http://127.0.0.1:{self.server_address[1]}"


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--day", type=int, default=1)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    with ShopServer(given.port, given.day, given.verbose) as server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
