"""JD Union's ``jd.union.open.goods.query`` after its documented protocol.

[M] or weakly attested, each a switch: inner 403 for a missing approval (``inner_refusal``; else outer code 24), the clock's tolerance
(``tolerance``: 360 s, another source says 300), the largest page (``max_page_size``: 30, the sibling API says 50), the texts of errors other than 12.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.gateway import Gateway
from tests.standins.goods import Good, matching

METHOD = "jd.union.open.goods.query"
CHINA = timezone(timedelta(hours=8))
ERRORS = {
    "2": ("调用次数超限", "Call Limited"),
    "7": ("缺少时间戳参数", "Missing Timestamp"),
    "8": ("非法的时间戳参数", "Invalid Timestamp"),
    "11": ("缺少签名参数", "Missing Signature"),
    "12": ("无效签名", "Invalid Signature"),
    "14": ("缺少方法名参数", "Missing Method"),
    "15": ("不存在的方法名", "Invalid Method"),
    "4": ("缺少版本参数", "Missing Version"),
    "5": ("非法的版本参数", "Invalid Version"),
    "20": ("缺少app_key参数", "Missing App Key"),
    "21": ("无效app_key", "Invalid App Key"),
    "24": ("无权调用此API", "Insufficient Permissions"),
}


class RefusedError(Exception):
    """The gateway's outer error; its argument is the code."""


def sign(params: dict[str, str], secret: str) -> str:
    """Upper-case MD5 of secret, sorted pairs of everything but ``sign``, secret."""
    pairs = "".join(key + params[key] for key in sorted(params) if key != "sign")
    return hashlib.md5(f"{secret}{pairs}{secret}".encode(), usedforsecurity=False).hexdigest().upper()


def moment(text: str) -> float:
    """UNIX seconds of ``yyyy-MM-dd HH:mm:ss`` (GMT+8) or of the form with milliseconds and offset."""
    for form in ("%Y-%m-%d %H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S"):
        try:
            read = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is set below
        except ValueError:
            continue
        return (read if read.tzinfo else read.replace(tzinfo=CHINA)).timestamp()
    raise RefusedError("8")


@dataclass
class JdUnion(Gateway):
    """``old``: the older envelope (``_response``, ``result``); ``code_as_int``; ``payload_as_object``: not a JSON string.

    ``inner_code``: a business failure answered to every good call, such as 411.
    """

    old: bool = False
    code_as_int: bool = False
    payload_as_object: bool = False
    inner_refusal: bool = False
    inner_code: int | None = None
    tolerance: float = 360
    max_page_size: int = 30

    def app(self) -> Starlette:
        """Both generations' addresses."""
        methods = ["GET", "POST"]
        return Starlette(routes=[Route(path, self.answer, methods=methods) for path in ("/routerjson", "/api")])

    async def answer(self, request: Request) -> Response:
        """One call."""
        params = {key: str(value) for key, value in request.query_params.items()}
        if request.method == "POST":
            params |= {key: str(value) for key, value in (await request.form()).items()}
        self.note(request, params)
        try:
            body = self.called(request, params)
        except RefusedError as refusal:
            code = refusal.args[0]
            self.counts[f"error:{code}"] += 1
            chinese, english = ERRORS[code]
            number = int(code) if self.code_as_int else code
            body = {"error_response": {"code": number, "zh_desc": chinese, "en_desc": english}}
        return await self.spoilt(JSONResponse(body))

    def called(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        """The whole answer of a call in order."""
        for name, code in (("method", "14"), ("app_key", "20"), ("timestamp", "7"), ("v", "4"), ("sign", "11")):
            if not params.get(name):
                raise RefusedError(code)
        if params["app_key"] not in self.keys:
            raise RefusedError("21")
        if params["v"] not in {"1.0", "2.0"}:
            raise RefusedError("5")
        if abs(moment(params["timestamp"]) - self.now()) > self.tolerance:
            raise RefusedError("8")
        name = params["app_key"]
        if sign(params, self.keys[name].secret) != params["sign"]:
            raise RefusedError("12")
        if params["method"] != METHOD:
            raise RefusedError("15")
        if self.throttled() or self.spent(name):
            raise RefusedError("2")
        if not self.keys[name].permitted or self.away(name, request):
            if self.inner_refusal:
                return self.wrapped({"code": 403, "message": "无访问权限", "requestId": "r1"})
            raise RefusedError("24")
        if self.inner_code is not None:
            return self.wrapped({"code": self.inner_code, "message": "业务异常", "requestId": "r1"})
        return self.wrapped(self.found(params.get("360buy_param_json") or params.get("param_json") or ""))

    def found(self, text: str) -> dict[str, Any]:
        """The inner answer to the business JSON."""
        try:
            wanted = json.loads(text)["goodsReqDTO"]
            page, size = int(wanted.get("pageIndex", 1)), int(wanted.get("pageSize", 20))
            keyword = str(wanted["keyword"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"code": 400, "message": "参数错误", "requestId": "r1"}
        if page < 1 or not 1 <= size <= self.max_page_size:
            return {"code": 400, "message": "分页参数错误", "requestId": "r1"}
        goods = matching(keyword)
        some = [item(good) for good in goods[(page - 1) * size : page * size]]
        return {"code": 200, "message": "success", "requestId": "r1", "totalCount": len(goods), "data": some}

    def wrapped(self, inner: dict[str, Any]) -> dict[str, Any]:
        """``inner`` in the old or the new envelope."""
        payload = inner if self.payload_as_object else json.dumps(inner, ensure_ascii=False)
        base = METHOD.replace(".", "_")
        code = 0 if self.code_as_int else "0"
        if self.old:
            return {f"{base}_response": {"code": code, "result": payload}}
        return {f"{base}_responce": {"code": code, "queryResult": payload}}


def item(good: Good) -> dict[str, Any]:
    """One article; prices in yuan as floats, the link without a scheme."""
    return {
        "skuId": 100_000_000 + good.number,
        "itemId": f"jdItem_{good.number}x",
        "spuid": 200_000_000 + good.number,
        "skuName": good.title,
        "brandCode": "9",
        "brandName": "示例",
        "owner": "p",
        "materialUrl": f"item.jd.com/{100_000_000 + good.number}.html",
        "priceInfo": {"price": good.list_price / 100, "lowestPrice": good.price / 100, "lowestPriceType": 1},
        "shopInfo": {"shopId": good.seller_id, "shopName": good.seller, "shopLevel": 4.2},
        "imageInfo": {"imageList": [{"url": f"https:{good.picture}"}], "whiteImage": ""},
        "categoryInfo": {"cid1": 1, "cid1Name": "家居", "cid2": 2, "cid2Name": "安防", "cid3": 3, "cid3Name": "其他"},
        "comments": good.sold * 2,
        "goodCommentsShare": 98.0,
        "inOrderCount30Days": good.sold,
        "inOrderComm30Days": 12.5,
        "couponInfo": {"couponList": []},
        "commissionInfo": {"commission": 1.2, "commissionShare": 2.0},
        "documentInfo": {"document": good.description, "discount": ""},
        "deliveryType": 0,
        "isHot": 0,
    }
