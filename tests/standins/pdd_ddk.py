"""Pinduoduo's ``pdd.ddk.goods.search`` after its documented protocol.

[M] or unverified, each a switch: the texts of errors, whether another client's or an unknown ``list_id`` is refused (``strict_list``),
the smallest page (``min_page_size``: 10), whether ``error_code`` is a string (``code_as_text``), whether a shop is named by ``mall_sn``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.gateway import Gateway
from tests.standins.goods import Good, matching

TYPE = "pdd.ddk.goods.search"
ERRORS = {
    10000: "参数错误",
    10001: "公共参数错误",
    10016: "client_id无效",
    10017: "type无效",
    20004: "签名sign校验失败",
    20005: "IP不在白名单内",
    20031: "用户没有授权访问此接口的权限包",
    21001: "参数不合法",
    50001: "业务服务错误",
    52101: "当前接口被限流,请稍后重试",
    70031: "调用过于频繁,请调整调用频率",
}
OTHER = "服务不可用"


class RefusedError(Exception):
    """The gateway's error: the code and, where it differs, the sub-code."""


def sign(params: dict[str, str], secret: str) -> str:
    """Upper-case MD5 of secret, sorted pairs of everything but ``sign``, secret."""
    pairs = "".join(key + params[key] for key in sorted(params) if key != "sign")
    return hashlib.md5(f"{secret}{pairs}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def as_text(value: Any) -> str:
    """A value of a JSON body as it enters the signature: text as it is, the rest as compact JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass
class PddDdk(Gateway):
    """``forced``: an error code answered to every good call (52102, 70033, ...); ``throttle_code``: 52101 or 70031.

    ``registered``: the ``pid`` values on file; another one is refused by 50001 / 60001. ``needs_pid``: whether one must be sent.
    """

    strict_list: bool = True
    min_page_size: int = 10
    code_as_text: bool = False
    mall_sn: bool = False
    throttle_code: int = 52101
    forced: int | None = None
    needs_pid: bool = False
    registered: frozenset[str] = frozenset({"1_2"})
    tolerance: float = 600
    lists: dict[str, str] = field(default_factory=dict)

    def app(self) -> Starlette:
        """The one address."""
        return Starlette(routes=[Route("/api/router", self.answer, methods=["POST"])])

    async def answer(self, request: Request) -> Response:
        """One call, a form or a JSON body."""
        params = {key: str(value) for key, value in request.query_params.items()}
        if request.headers.get("content-type", "").startswith("application/json"):
            try:
                params |= {key: as_text(value) for key, value in json.loads(await request.body()).items()}
            except (ValueError, AttributeError):
                params = {}
        else:
            params |= {key: str(value) for key, value in (await request.form()).items()}
        self.note(request, params)
        try:
            body = self.called(request, params)
        except RefusedError as refusal:
            code, sub = refusal.args[0], str(refusal.args[-1])
            self.counts[f"error:{code}"] += 1
            text = ERRORS.get(code, OTHER)
            number = str(code) if self.code_as_text else code
            error = {"error_code": number, "error_msg": text, "sub_code": sub, "sub_msg": text, "request_id": "r1"}
            body = {"error_response": error}
        return await self.spoilt(JSONResponse(body))

    def called(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        """The whole answer of a call in order."""
        if any(not params.get(name) for name in ("type", "client_id", "timestamp", "sign")):
            raise RefusedError(10001)
        name = params["client_id"]
        if name not in self.keys:
            raise RefusedError(10016)
        if not params["timestamp"].isdecimal() or abs(int(params["timestamp"]) - self.now()) > self.tolerance:
            raise RefusedError(10001)
        if params.get("data_type", "JSON") not in {"JSON", "XML"}:
            raise RefusedError(10001)
        if sign(params, self.keys[name].secret) != params["sign"]:
            raise RefusedError(20004)
        if params["type"] != TYPE:
            raise RefusedError(10017)
        if self.away(name, request):
            raise RefusedError(20005)
        if not self.keys[name].permitted:
            raise RefusedError(20031)
        if self.throttled() or self.spent(name):
            raise RefusedError(self.throttle_code)
        if self.forced is not None:
            raise RefusedError(self.forced)
        pid = params.get("pid")
        if (self.needs_pid and not pid) or (pid and pid not in self.registered):
            raise RefusedError(50001, 60001)
        return self.found(params)

    def found(self, params: dict[str, str]) -> dict[str, Any]:
        """The page asked for; from the second on the ``list_id`` of the answer before must be sent."""
        try:
            page, size = int(params.get("page", "1")), int(params.get("page_size", "100"))
        except ValueError:
            raise RefusedError(21001) from None
        if page < 1 or not self.min_page_size <= size <= 100:
            raise RefusedError(21001)
        keyword = params.get("keyword", "")
        sent = params.get("list_id")
        if self.strict_list and (page > 1 or sent) and (not sent or self.lists.get(sent) != keyword):
            raise RefusedError(21001)
        following = f"l{len(self.lists) + 1}"
        self.lists[following] = keyword
        goods = matching(keyword)
        some = [self.item(good) for good in goods[(page - 1) * size : page * size]]
        answer = {"goods_list": some, "list_id": following, "search_id": "s1", "total_count": len(goods)}
        return {"goods_search_response": answer | {"request_id": "r1"}}

    def item(self, good: Good) -> dict[str, Any]:
        """One article; prices in fen, no address of a page."""
        shop = {"mall_sn": f"sn{good.seller_id}"} if self.mall_sn else {"mall_id": good.seller_id}
        return shop | {
            "goods_sign": f"c9r2omogKFF_{good.number}",
            "goods_name": good.title,
            "goods_desc": good.description,
            "min_group_price": good.price,
            "min_normal_price": good.list_price,
            "has_coupon": good.number % 3 == 0,
            "coupon_discount": 500 if good.number % 3 == 0 else 0,
            "mall_name": good.seller,
            "merchant_type": 3,
            "goods_thumbnail_url": f"https:{good.picture}",
            "goods_image_url": f"https:{good.picture}",
            "cat_ids": [1, 2, 3],
            "opt_id": 1,
            "opt_name": "家居",
            "sales_tip": "10万+" if good.number % 50 == 0 else str(good.sold),
            "brand_name": "示例",
            "promotion_rate": 20,
            "search_id": "s1",
        }
