"""The stand-in of a WooCommerce shop keeps to the documented protocol."""

from __future__ import annotations

import httpx

from tests.standins.goods import CATALOGUE, matching
from tests.standins.server import running
from tests.standins.woocommerce import PRODUCTS, WooCommerce


def test_pages_prices_and_refusals() -> None:
    stand_in = WooCommerce(hidden=frozenset({2}), locked=frozenset({3}), now=lambda: 0.0)
    with running(stand_in.app()) as url, httpx.Client(base_url=url, trust_env=False) as client:
        address, names = f"{PRODUCTS}?search=免考&per_page=7", []
        while address:
            answer = client.get(address)
            names += [one["name"] for one in answer.json()]
            address = answer.links.get("next", {}).get("url", "")
        assert names == [good.title for good in matching("免考")]
        assert answer.headers["X-WP-Total"] == str(len(names))
        assert client.get(PRODUCTS, params={"page": 99}).json() == []
        assert client.get(PRODUCTS, params={"per_page": 101}).json()["data"] == {"status": 400}
        assert client.get(f"{PRODUCTS}/2").status_code == client.get(f"{PRODUCTS}/9999").status_code == 404
        assert client.get(f"{PRODUCTS}/3").json()["description"] == ""
        assert client.get(f"{PRODUCTS}/1").json()["prices"]["price"] == str(CATALOGUE[0].price)
        stand_in.minor, stand_in.ranges = 3, True
        prices = client.get(f"{PRODUCTS}/1").json()["prices"]
        assert prices["price"] == prices["price_range"]["min_amount"] == str(CATALOGUE[0].price * 10)
        stand_in.refuse = 403
        assert client.get(PRODUCTS).status_code == 403
        stand_in.burst = 0
        assert client.get(PRODUCTS).headers["RateLimit-Retry-After"] == "3"
