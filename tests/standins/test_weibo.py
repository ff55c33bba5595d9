"""The stand-in of Weibo keeps to the documented protocol."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.standins.goods import CATALOGUE, FIRST_SEEN, matching
from tests.standins.server import running
from tests.standins.weibo import SEARCH, TIMELINE, Weibo, number, written


def call(url: str, path: str = SEARCH, **params: str) -> Any:
    sent = {"access_token": "good", "q": "电工证"} | params
    return httpx.get(url + path, params={key: value for key, value in sent.items() if value}, trust_env=False).json()


def test_a_time_is_written_as_documented() -> None:
    assert written(FIRST_SEEN) == "Fri Jan 02 11:04:05 +0800 2026"


def test_pages_end() -> None:
    ids: list[int] = []
    with running(Weibo().app()) as url:
        for page in range(1, 50):
            some = call(url, page=str(page), count="7")["statuses"]
            if not some:
                break
            ids += [one["id"] for one in some]
        seller = call(url, TIMELINE, uid="1001", count="25")["statuses"]
    assert ids == [number(good) for good in reversed(matching("电工证"))]
    assert [one["id"] for one in seller] == [number(good) for good in reversed(CATALOGUE) if good.seller_id == 1001]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"access_token": ""}, "10006"),
        ({"access_token": "unknown"}, 21332),
        ({"access_token": "expired"}, 21327),
        ({"access_token": "no-permission"}, "10014"),
        ({"access_token": "elsewhere"}, "10004"),
        ({"path": TIMELINE, "uid": "7"}, "20003"),
        ({"path": TIMELINE, "uid": "1001", "count": "26"}, "10008"),
        ({"q": ""}, "10008"),
    ],
)
def test_refusals(params: dict[str, str], code: str | int) -> None:
    with running(Weibo().app()) as url:
        assert call(url, **params)["error_code"] == code


def test_quota_and_codes_as_numbers() -> None:
    stand_in = Weibo(code_as_text=False, rate_code=10024)
    with running(stand_in.app()) as url:
        codes = [call(url, access_token="spent").get("error_code") for _ in range(3)]
    assert codes == [None, None, 10024]
    assert stand_in.counts["error:10024"] == 1
