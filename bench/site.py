"""A site for the benches: ``python -m bench.site ITEMS`` prints its port and serves until killed.

The same goods as HTML (``/list?page=1``, ``/item/1``: some 30 KB with the furniture of a shop's page) and as JSON
(``/api/list?page=1``, fifty goods a page, and ``/api/item/1``), on every loopback address. ``/log`` gives the
times of all requests by host and kind, ``/count`` their number.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import defaultdict
from functools import cache
from urllib.parse import parse_qs, urlsplit

from bench.goods import goods

PER_PAGE = 50
LENGTH = 200
KINDS = {"/list": "list", "/item": "detail", "/api/list": "json list", "/api/item": "json detail"}

HEAD = "".join(
    [
        "<head><meta charset=utf-8><title>旧物集市</title>",
        '<link rel=stylesheet href="/s.css">' * 6,
        "<script>var cfg={" + ",".join(f'"k{n}":"v{n}"' for n in range(250)) + "}</script>" * 2,
        "<style>" + "".join(f".c{n} .d{n}{{margin:{n}px;color:#{n:03x}}}" for n in range(120)) + "</style></head>",
    ]
)
MENU = (
    "<nav><ul>" + "".join(f'<li class="m m{n}"><a href="/c/{n}">分类 {n}</a></li>' for n in range(80)) + "</ul></nav>"
)
BESIDE = "".join(
    f'<div class="card"><a href="/rec/{n}"><img src="/p/{n}.jpg" alt="好物 {n}"><span class="t">看了又看 {n}</span>'
    f'</a><em class="p">¥{n}.00</em></div>'
    for n in range(60)
)
FOOT = (
    "<footer>"
    + "".join(f'<p class="f">关于我们 {n} <a href="/about/{n}">帮助</a></p>' for n in range(30))
    + "</footer>"
)


@cache
def texts() -> list[str]:
    """A thousand texts, the same each time."""
    chooser = random.Random(20261122)
    return [goods(chooser, LENGTH) for _ in range(1000)]


def row(number: int) -> dict[str, object]:
    """One good."""
    text = texts()[number % 1000]
    return {
        "id": f"g{number}",
        "number": number,
        "title": f"{text[:24]} {number}",
        "text": f"{text}货号 {number}",
        "price": f"{number % 900 + 1}.50",
        "seller": f"店铺{number % 500}",
        "posted": "2026-11-20T08:00:00+08:00",
        "images": [f"/p/{number}-{n}.jpg" for n in range(3)],
    }


def item_page(number: int) -> str:
    """A good's own page."""
    good = row(number)
    facts = "".join(f"<tr><th>参数 {n}</th><td>值 {n}</td></tr>" for n in range(20))
    images = "".join(f'<img class="pic" src="/p/{number}-{n}.jpg">' for n in range(3))
    return (
        f'<!DOCTYPE html><html>{HEAD}<body>{MENU}<main><article data-id="{good["id"]}"><h1>{good["title"]}</h1>'
        f'<b class=price>¥{good["price"]}</b><a class=seller href="/s/{number % 500}">{good["seller"]}</a>'
        f'<time datetime="{good["posted"]}">前天</time>{images}<table>{facts}</table>'
        f"<div class=text><p>{good['text']}</p></div></article></main><aside>{BESIDE}</aside>{FOOT}</body></html>"
    )


def list_page(page: int, items: int) -> str:
    """Fifty goods and the way to the next page."""
    numbers = range((page - 1) * PER_PAGE, min(page * PER_PAGE, items))
    rows = "".join(f'<li class=good><a href="/item/{n}">{row(n)["title"]}</a></li>' for n in numbers)
    more = f'<a rel=next href="/list?page={page + 1}">下页</a>' if page * PER_PAGE < items else ""
    return f"<!DOCTYPE html><html>{HEAD}<body>{MENU}<ul>{rows}</ul>{more}{FOOT}</body></html>"


def answer(path: str, items: int) -> tuple[int, str, str]:
    """Status, type and text."""
    parts = urlsplit(path)
    page = int(parse_qs(parts.query).get("page", ["1"])[0])
    if parts.path == "/list":
        return 200, "text/html; charset=utf-8", list_page(page, items)
    if parts.path.startswith("/item/"):
        return 200, "text/html; charset=utf-8", item_page(int(parts.path[6:]))
    if parts.path == "/api/list":
        numbers = range((page - 1) * PER_PAGE, min(page * PER_PAGE, items))
        return 200, "application/json", json.dumps({"data": [row(n) for n in numbers]}, ensure_ascii=False)
    if parts.path.startswith("/api/item/"):
        return 200, "application/json", json.dumps({"data": row(int(parts.path[10:]))}, ensure_ascii=False)
    return 404, "text/plain", ""


class Site:
    """Answers, and remembers when it was asked."""

    def __init__(self, items: int) -> None:
        self.items = items
        self.log: dict[str, list[float]] = defaultdict(list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                path = first.split(" ")[1]
                host = next((line[6:] for line in lines if line.lower().startswith("host: ")), "")
                if path == "/log":
                    status, kind, text = 200, "application/json", json.dumps(self.log)
                elif path == "/count":
                    status, kind, text = 200, "application/json", str(sum(map(len, self.log.values())))
                else:
                    status, kind, text = answer(path, self.items)
                    word = next((word for start, word in KINDS.items() if path.startswith(start)), "other")
                    self.log[f"{host} {word}"].append(time.time())
                body = text.encode()
                head_out = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head_out.encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main() -> None:
    """Serve on a free port of every loopback address."""
    site = Site(int(sys.argv[1]))
    texts()
    server = await asyncio.start_server(site.serve, "0.0.0.0", 0, backlog=512)  # noqa: S104 - 127.0.0.x, all of them
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
