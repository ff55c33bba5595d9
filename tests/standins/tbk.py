"""Taobao's ``taobao.tbk.dg.material.optional``, classic and upgrade, after the documented TOP protocol.

[M] or unverified, each a switch: an empty search as an empty list or as error 15 (``empty_as_error``), what ``simplify=true``
flattens (here: the envelope goes, ``result_list`` stays), ``code`` as int or string (``code_as_text``), the sub-code of an empty search.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.gateway import Gateway
from tests.standins.goods import Good, matching, yuan

CLASSIC = "taobao.tbk.dg.material.optional"
UPGRADE = "taobao.tbk.dg.material.optional.upgrade"
CHINA = timezone(timedelta(hours=8))
ERRORS = {
    7: "App Call Limited",
    11: "Insufficient isv permissions",
    15: "Remote service error",
    21: "Missing method",
    22: "Invalid method",
    24: "Missing signature",
    25: "Invalid signature",
    28: "Missing app key",
    29: "Invalid app Key",
    30: "Missing timestamp",
    31: "Invalid timestamp",
    32: "Missing version",
    33: "Unsupported version",
    40: "Missing required arguments",
    41: "Invalid arguments",
}
APP_LIMIT, API_LIMIT = (f"accesscontrol.limited-by-{what}-access-count" for what in ("app", "api"))


class RefusedError(Exception):
    """The gateway's error: code, sub-code, sub-message."""


def sign(params: dict[str, str], secret: str) -> str:
    """Upper-case signature by the parameters' own ``sign_method``: md5, hmac or hmac-sha256."""
    pairs = "".join(key + params[key] for key in sorted(params) if key != "sign")
    method = params.get("sign_method")
    if method == "md5":
        return hashlib.md5(f"{secret}{pairs}{secret}".encode(), usedforsecurity=False).hexdigest().upper()
    digest = {"hmac": "md5", "hmac-sha256": "sha256"}.get(method or "")
    if digest is None:
        raise RefusedError(25)
    return hmac.new(secret.encode(), pairs.encode(), digest).hexdigest().upper()


def moment(text: str) -> float:
    """UNIX seconds of ``yyyy-MM-dd HH:mm:ss`` in GMT+8."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).timestamp()
    except ValueError:
        raise RefusedError(31) from None


def as_xml(name: str, value: Any) -> str:
    """``value`` as TOP's default form; a list repeats its element."""
    if isinstance(value, list):
        return "".join(as_xml(name, one) for one in value)
    inner = "".join(as_xml(key, one) for key, one in value.items()) if isinstance(value, dict) else escape(str(value))
    return f"<{name}>{inner}</{name}>"


@dataclass
class Tbk(Gateway):
    """``ban``: seconds named by the throttle's message; ``forced``: (code, sub-code, sub-message) answered to every good call."""

    empty_as_error: bool = False
    code_as_text: bool = False
    ban: int = 1
    forced: tuple[int, str, str] | None = None
    tolerance: float = 600
    adzones: frozenset[str] | None = None

    def app(self) -> Starlette:
        """The one address."""
        return Starlette(routes=[Route("/router/rest", self.answer, methods=["GET", "POST"])])

    async def answer(self, request: Request) -> Response:
        """One call; XML unless JSON is asked for."""
        params = {key: str(value) for key, value in request.query_params.items()}
        if request.method == "POST":
            params |= {key: str(value) for key, value in (await request.form()).items()}
        self.note(request, params)
        try:
            body = self.called(request, params)
        except RefusedError as refusal:
            code, sub, text = (*refusal.args, "", "")[:3]
            self.counts[f"error:{code}"] += 1
            error = {"code": str(code) if self.code_as_text else code, "msg": ERRORS.get(code, "Error")}
            body = {
                "error_response": error | ({"sub_code": sub, "sub_msg": text} if sub else {}) | {"request_id": "r1"}
            }
        if params.get("format") == "json":
            simple = params.get("simplify") == "true" and "error_response" not in body
            return await self.spoilt(JSONResponse(next(iter(body.values())) if simple else body))
        ((name, inner),) = body.items()
        text = '<?xml version="1.0" encoding="utf-8" ?>' + as_xml(name, inner)
        return await self.spoilt(Response(text, media_type="text/xml"))

    def called(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        """The whole answer of a call in order."""
        wanted = (("method", 21), ("app_key", 28), ("timestamp", 30), ("v", 32), ("sign", 24), ("sign_method", 40))
        for name, code in wanted:
            if not params.get(name):
                raise RefusedError(code)
        name = params["app_key"]
        if name not in self.keys:
            raise RefusedError(29)
        if params["v"] != "2.0":
            raise RefusedError(33)
        if abs(moment(params["timestamp"]) - self.now()) > self.tolerance:
            raise RefusedError(31)
        if sign(params, self.keys[name].secret) != params["sign"]:
            raise RefusedError(25, "isv.sign-invalid", "signature does not match")
        if params["method"] not in {CLASSIC, UPGRADE}:
            raise RefusedError(22)
        if self.away(name, request):
            raise RefusedError(11, "isv.permission-ip-whitelist-limit", "IP address is not on the list")
        if not self.keys[name].permitted:
            raise RefusedError(11, "isv.permission-api-package-limit", "scope ids is 11655")
        if self.throttled():
            raise RefusedError(7, API_LIMIT, f"This ban will last for {self.ban} more seconds")
        if self.spent(name):
            raise RefusedError(7, APP_LIMIT, f"This ban will last for {self.ban} more seconds")
        if self.forced is not None:
            raise RefusedError(*self.forced)
        return self.found(params)

    def found(self, params: dict[str, str]) -> dict[str, Any]:
        """The page asked for, in the form of the method called."""
        if not params.get("adzone_id"):
            raise RefusedError(40, "isv.missing-parameter:adzone_id", "adzone_id is required")
        if self.adzones is not None and params["adzone_id"] not in self.adzones:
            raise RefusedError(15, "isv.adzone-invalid", "adzone_id is not yours")
        try:
            page, size = int(params.get("page_no", "1")), int(params.get("page_size", "20"))
        except ValueError:
            raise RefusedError(41) from None
        if page < 1 or not 1 <= size <= 100:
            raise RefusedError(41)
        goods = matching(params.get("q", ""))
        shape = upgraded if params["method"] == UPGRADE else classic
        some = [shape(good) for good in goods[(page - 1) * size : page * size]]
        if not some and self.empty_as_error:
            raise RefusedError(15, "isv.no-result", "无结果")
        inner = {"result_list": {"map_data": some}, "total_results": len(goods), "request_id": "r1"}
        return {params["method"].removeprefix("taobao.").replace(".", "_") + "_response": inner}


def _basic(good: Good) -> dict[str, Any]:
    return {
        "title": good.title,
        "short_title": good.title[:8],
        "pict_url": good.picture,
        "white_image": "",
        "small_images": {"string": [good.picture]},
        "seller_id": 2_200_000_000 + good.seller_id,
        "shop_title": good.seller,
        "user_type": good.number % 2,
        "provcity": "江苏 泰州",
        "volume": good.sold,
        "tk_total_sales": str(good.sold // 4),
        "level_one_category_id": 1,
        "category_id": 2,
        "category_name": "其他",
    }


def _prices(good: Good) -> dict[str, str]:
    return {"reserve_price": yuan(good.list_price), "zk_final_price": yuan(good.price)}


def classic(good: Good) -> dict[str, Any]:
    """One article, flat; prices in yuan as text, addresses without a scheme."""
    number = f"AbC{good.number}-xyZ"
    links = {"url": f"//s.click.example/{good.number}", "item_url": f"//item.example/{good.number}"}
    return (
        {"item_id": number, "num_iid": number, "item_description": good.description, "nick": good.seller}
        | _basic(good)
        | _prices(good)
        | links
        | {"commission_rate": "150"}
    )


def upgraded(good: Good) -> dict[str, Any]:
    """One article, nested; no ``item_url``."""
    return {
        "item_id": f"AbC{good.number}-xyZ",
        "item_basic_info": _basic(good) | {"sub_title": good.description, "annual_vol": "1000+", "brand_name": "示例"},
        "price_promotion_info": _prices(good) | {"final_promotion_price": yuan(good.price - 100)},
        "publish_info": {"click_url": f"//s.click.example/{good.number}", "income_rate": "1.50"},
    }
