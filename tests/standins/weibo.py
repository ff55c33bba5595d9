"""Weibo's ``search/statuses/limited`` and ``statuses/user_timeline/other`` after the open platform's pages.

[M] or unverified, each a switch: ``count``/``page`` of the search and its largest count (``max_count``), ``error_code`` as text or int
(``code_as_text``), code 21332 of an invalid token, how a token is sent (parameter and header are both taken), the HTTP status of errors (``error_status``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.gateway import Gateway
from tests.standins.goods import CATALOGUE, Good, matching

SEARCH = "/2/search/statuses/limited.json"
TIMELINE = "/2/statuses/user_timeline/other.json"
CHINA = timezone(timedelta(hours=8))
ERRORS = {
    10004: "IP limit",
    10005: "Permission denied, need a high level appkey",
    10006: "Source paramter (appkey) is missing",
    10008: "Param error",
    10014: "Insufficient app permissions",
    10022: "IP requests out of rate limit",
    10023: "User requests out of rate limit",
    10024: "User requests for this api out of rate limit",
    20003: "User does not exists",
    21327: "expired_token",
    21332: "invalid_access_token",
}


class RefusedError(Exception):
    """The platform's error; its argument is the code."""


@dataclass
class Weibo(Gateway):
    """The keys are access tokens; ``expired`` names one that is past its time. ``rate_code``: 10022, 10023 or 10024."""

    expired: str = "expired"
    code_as_text: bool = True
    error_status: int = 403
    rate_code: int = 10023
    forced: int | None = None
    max_count: int = 50
    max_timeline: int = 25

    def app(self) -> Starlette:
        """Both addresses."""
        return Starlette(routes=[Route(path, self.answer, methods=["GET"]) for path in (SEARCH, TIMELINE)])

    async def answer(self, request: Request) -> Response:
        """One call."""
        params = dict(request.query_params)
        self.note(request, params)
        try:
            return await self.spoilt(JSONResponse(self.called(request, params)))
        except RefusedError as refusal:
            code = refusal.args[0]
        self.counts[f"error:{code}"] += 1
        number = str(code) if self.code_as_text and code < 21000 else code
        body = {"request": request.url.path, "error_code": number, "error": ERRORS.get(code, "error")}
        return await self.spoilt(JSONResponse(body, self.error_status))

    def called(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        """The whole answer of a call in order."""
        token = params.get("access_token") or request.headers.get("authorization", "").removeprefix("OAuth2 ")
        if not token:
            raise RefusedError(10006)
        if token == self.expired:
            raise RefusedError(21327)
        if token not in self.keys:
            raise RefusedError(21332)
        if self.away(token, request):
            raise RefusedError(10004)
        if not self.keys[token].permitted:
            raise RefusedError(10014)
        if self.throttled() or self.spent(token):
            raise RefusedError(self.rate_code)
        if self.forced is not None:
            raise RefusedError(self.forced)
        try:
            return self.found(request.url.path, params)
        except ValueError:
            raise RefusedError(10008) from None

    def found(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        """The page asked for, newest first. Raises ValueError where a number is none or out of its limits."""
        page, count = int(params.get("page", "1")), int(params.get("count", "20"))
        if page < 1 or not 1 <= count <= (self.max_count if path == SEARCH else self.max_timeline):
            raise ValueError(count)
        start = int(params.get("starttime" if path == SEARCH else "start_time", "0"))
        end = int(params.get("endtime" if path == SEARCH else "end_time", str(2**40)))
        if path == SEARCH:
            if not params.get("q"):
                raise ValueError("q")
            goods = matching(params["q"])
        else:
            goods = [good for good in CATALOGUE if good.seller_id == int(params.get("uid", "-1"))]
            if not goods:
                raise RefusedError(20003)
            since, most = int(params.get("since_id", "0")), int(params.get("max_id", "0")) or 2**63
            goods = [good for good in goods if since < number(good) <= most]
        goods = [good for good in reversed(goods) if start <= good.created.timestamp() <= end]
        some = [status(good) for good in goods[(page - 1) * count : page * count]]
        return {"statuses": some, "previous_cursor": 0, "next_cursor": 0, "total_number": len(goods)}


def number(good: Good) -> int:
    """The status' id, above what a double holds exactly."""
    return 5_100_000_000_000_000_000 + good.number


def written(moment: datetime) -> str:
    """``moment`` as Weibo writes it, in GMT+8 and English whatever the locale."""
    there = moment.astimezone(CHINA)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[there.weekday()]
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][there.month - 1]
    return f"{day} {month} {there:%d %H:%M:%S +0800 %Y}"


def status(good: Good) -> dict[str, Any]:
    """One status of the seller about the article."""
    picture = f"https:{good.picture}"
    return {
        "created_at": written(good.created),
        "id": number(good),
        "idstr": str(number(good)),
        "mid": str(number(good)),
        "text": f"{good.title} {good.description}",
        "source": '<a href="https://app.example/" rel="nofollow">示例客户端</a>',
        "truncated": False,
        "pic_urls": [{"thumbnail_pic": picture}],
        "thumbnail_pic": picture,
        "geo": None,
        "user": {
            "id": good.seller_id,
            "idstr": str(good.seller_id),
            "screen_name": good.seller,
            "location": "江苏 泰州",
            "description": "",
            "followers_count": 10,
            "statuses_count": 20,
            "verified": False,
            "verified_type": -1,
        },
        "reposts_count": 1,
        "comments_count": 2,
        "attitudes_count": 3,
    }
