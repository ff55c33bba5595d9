"""Answers as RSSHub 1.0.0-master.f99e982 was seen to give them, its 503 bodies word for word, on loopback."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

EMPTY = (
    "this route is empty, please check the original site or "
    '<a href="https://github.com/DIYgod/RSSHub/issues/new/choose">create an issue</a>'
)
BODIES = {
    "unreachable": '[POST] "https://tieba.example/c/s/searchpost": <no response> fetch failed (getaddrinfo EAI_AGAIN x)',
    "unreachable_plain": "getaddrinfo ENOTFOUND cn.bing.example",
    "refused": '[GET] "https://m.weibo.example/api?q=%E7%94%B5": 403 Forbidden',
    "throttled": '[GET] "https://api.bilibili.example/x": 412 Precondition Failed',
    "too_many": '[GET] "https://api.bilibili.example/x": 429 Too Many Requests',
    "page_for_data": "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "invalid": "Error: Weibo API returned an invalid response.",
    "captcha": "Test captcha error",
    "changed": "Cannot read properties of undefined (reading 'result')",
    "empty": EMPTY,
    "no_posts": "Weibo returned no posts for the keyword",
    "browser": "browserType.launch: Executable doesn't exist at /srv/x/.cache/ms-playwright/chromium/headless-shell",
    "cooling": "Cooling down before new visitor Cookies are asked for",
    "cookie": "什么值得买排行榜 is disabled due to the lack of SMZDM_COOKIE",
    "other": "Test config not found error",
}
"""Message by case."""
FORBIDDEN = ("srv/x", "m.weibo.example", "SMZDM_COOKIE")
"""What no note may repeat: paths of the server, addresses that name what was searched."""


@dataclass
class RssHub:
    """``says``: the case by search term, or by a piece of the path; what is not named has one item."""

    says: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        """Everything but robots.txt, which RSSHub has not."""
        return Starlette(routes=[Route("/{path:path}", self.answer)])

    async def answer(self, request: Request) -> Response:
        """One feed, or an error as JSON."""
        path = unquote(request.url.path)
        if path == "/robots.txt":
            return PlainTextResponse("", 404)
        self.asked.append(path)
        case = next((case for part, case in self.says.items() if part in path), "items")
        if case == "no_route":
            return self.error(404, "")
        if case in BODIES:
            return self.error(503, BODIES[case])
        rows = [] if case == "allowed_empty" else [self.item(path)]
        return JSONResponse(self.feed(rows), media_type="application/feed+json")

    def error(self, status: int, message: str) -> Response:
        """The error body, which may be cached, RSSHub says."""
        headers = {"Cache-Control": "public, max-age=300"}
        return JSONResponse({"error": {"message": message}}, status, headers, "application/feed+json")

    def feed(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        """JSON Feed 1.1 in its form."""
        head = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "示例",
            "home_page_url": "https://site.example/",
        }
        return head | {"description": "示例 - Powered by RSSHub", "language": "zh-cn", "items": items}

    def item(self, path: str) -> dict[str, Any]:
        """An item that belongs to the path."""
        number = sum(path.encode()) % 10_000
        return {
            "id": f"https://site.example/{number}",
            "url": f"https://site.example/{number}",
            "title": f"帖子 {number}",
            "content_html": f"<p>正文 {number}<br>第二行</p>",
            "date_published": "2026-11-15T02:03:04.000Z",
            "authors": [{"name": "某甲"}],
        }
