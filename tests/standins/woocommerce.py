"""A shop's WooCommerce Store API after its documented protocol.

[M] or unverified, each a switch: ``price_range`` as null or an object (``ranges``), the exact error codes. ``hidden``: unpublished
articles (404); ``locked``: articles under a password (empty descriptions); ``minor``: digits of the minor unit (prices stay whole fen at 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.standins.gateway import Gateway
from tests.standins.goods import CATALOGUE, Good, matching

PRODUCTS = "/wp-json/wc/store/v1/products"


def error(code: str, message: str, status: int) -> JSONResponse:
    """WordPress' form of an error."""
    return JSONResponse({"code": code, "message": message, "data": {"status": status}}, status)


@dataclass
class WooCommerce(Gateway):
    """``refuse``: a status (403, 405, 409, 500) answered to every call."""

    ranges: bool = False
    minor: int = 2
    refuse: int | None = None
    retry_after: int = 3
    hidden: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()

    def app(self) -> Starlette:
        """The list and one article."""
        paths = (PRODUCTS, PRODUCTS + "/{number:int}")
        return Starlette(routes=[Route(path, self.answer, methods=["GET"]) for path in paths])

    async def answer(self, request: Request) -> Response:
        """One call."""
        query = dict(request.query_params)
        self.note(request, query)
        if self.throttled():
            limited = error("rate_limit_exceeded", "Too many requests", 429)
            limited.headers["RateLimit-Retry-After"] = str(self.retry_after)
            return limited
        if self.refuse is not None:
            return error("woocommerce_rest_error", "refused", self.refuse)
        base = str(request.base_url).rstrip("/")
        number = request.path_params.get("number")
        if number is not None:
            if number in self.hidden or not 1 <= number <= len(CATALOGUE):
                return error("woocommerce_rest_product_invalid_id", "Invalid product ID.", 404)
            return await self.spoilt(JSONResponse(self.item(CATALOGUE[number - 1], base)))
        try:
            page, size = int(query.get("page", "1")), int(query.get("per_page", "10"))
        except ValueError:
            page = size = 0
        if page < 1 or not 1 <= size <= 100:
            return error("rest_invalid_param", "Invalid parameter(s): page, per_page", 400)
        return await self.spoilt(self.listed(request, query, page, size))

    def listed(self, request: Request, query: dict[str, str], page: int, size: int) -> Response:
        """A page with its headers; past the last one an empty list."""
        base = str(request.base_url).rstrip("/")
        goods = [good for good in matching(query.get("search", "")) if good.number not in self.hidden]
        pages = -(-len(goods) // size)
        links = [(number, rel) for number, rel in ((page - 1, "prev"), (page + 1, "next")) if 1 <= number <= pages]
        headers = {"X-WP-Total": str(len(goods)), "X-WP-TotalPages": str(pages)}
        if links:
            parts = [f'<{request.url.include_query_params(page=number)}>; rel="{rel}"' for number, rel in links]
            headers["Link"] = ", ".join(parts)
        some = [self.item(good, base) for good in goods[(page - 1) * size : page * size]]
        return JSONResponse(some, headers=headers)

    def item(self, good: Good, base: str) -> dict[str, Any]:
        """One article; prices as text in the minor unit."""
        price, before = (str(fen * 10**self.minor // 100) for fen in (good.price, good.list_price))
        span = {"min_amount": price, "max_amount": before} if self.ranges else None
        money = {"currency_code": "CNY", "currency_symbol": "¥", "currency_minor_unit": self.minor, "price_range": span}
        text = "" if good.number in self.locked else f"<p>{good.description}</p>"
        return {
            "id": good.number,
            "name": good.title,
            "slug": f"product-{good.number}",
            "permalink": f"{base}/product/product-{good.number}",
            "sku": f"SKU-{good.number}",
            "short_description": text,
            "description": text,
            "on_sale": True,
            "prices": money | {"price": price, "regular_price": before, "sale_price": price},
            "images": [{"id": good.number, "src": f"https:{good.picture}", "name": "", "alt": ""}],
            "is_purchasable": True,
            "is_in_stock": True,
        }
