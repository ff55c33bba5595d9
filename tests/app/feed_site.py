"""The tests' shop with lists that hold the listings themselves: a feed and a JSON interface, newest first."""

from __future__ import annotations

import json
import socket
from contextlib import AbstractContextManager
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.app.sites import Good, Site, World, _Handler
from tests.threads import on_a_thread

PER_PAGE = 10

HEAD = """\
name: shop
label: 小店
base_url: {url}
allow_hosts: ["{url}"]
access: public_page
basis: 测试
rate: {{per_second: 200, agreed: test}}
paging: {{by: page, max_pages: 100}}
"""
FEED = "kind: feed\nlists:\n  - latest: /feed?page={page}\n"
SEARCHED = FEED + "  - search: /feed?q={term}&page={page}\n"
JSON = """\
kind: json
lists:
  - latest: /api?page={page}
items: {select: items, fields: {native_id: id, title: title, text: text, price: price}}
"""


class FeedSite(Site):
    """The shop; goods with higher numbers are newer."""

    built = ""
    """The feed's lastBuildDate; blank for another each time."""

    modified: str | None = ""
    """Last-Modified of its lists; blank for none, None for the time of the answer."""

    def finish_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Answer by the lists below."""
        _Lists(request, client_address, self)


class _Lists(_Handler):
    server: FeedSite

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path not in ("/feed", "/api") or parts.path in self.server.broken:
            super().do_GET()
            return
        self.server.asked.append(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        page = int(query["page"])
        if self.path in self.server.broken:
            self._answer(*self.server.broken[self.path])
            return
        found = [good for good in self.server.stock if query.get("q", "") in good.text]
        newest = sorted(found, key=lambda good: -good.number)[(page - 1) * PER_PAGE : page * PER_PAGE]
        if parts.path == "/api":
            self._send(200, json.dumps({"items": [_row(good) for good in newest]}, ensure_ascii=False))
        elif newest or page == 1:
            self._send(200, _rss(newest, self.server.built or str(len(self.server.asked))))
        else:
            self._answer(404, "没有")

    def _send(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        if self.server.modified != "":
            self.send_header("Last-Modified", self.server.modified or formatdate(usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _row(good: Good) -> dict[str, str]:
    title = f"劳保手套 {good.number} 号"
    return {"id": f"g{good.number}", "title": title, "text": f"{good.text}，货号{good.number}", "price": good.price}


def _rss(found: list[Good], built: str) -> str:
    items = "".join(
        "<item><guid isPermaLink='false'>{id}</guid><title>{title}</title><description>{text}</description></item>".format(
            **_row(good)
        )
        for good in found
    )
    return (
        f"<rss version='2.0'><channel><title>小店</title><lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"
    )


def serving(stock: list[Good]) -> AbstractContextManager[FeedSite]:
    """The shop, on a thread."""
    return on_a_thread(FeedSite(stock))


def write(world: World, lists: str, more: str = "revisit: {list_days: 2}\n") -> None:
    """The platform file ``shop`` with these lists."""
    path = world.folder / "data" / "platforms" / "shop.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD.format(url=world.site.url) + lists + more, encoding="utf-8")
