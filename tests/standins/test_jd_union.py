"""The stand-in of JD Union keeps to the documented protocol."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.standins.goods import matching
from tests.standins.jd_union import JdUnion, moment, sign
from tests.standins.server import running

WHEN = "2026-01-02 03:04:05"


def params(keyword: str = "电工证", page: int = 1, size: int = 20, **changed: str) -> dict[str, str]:
    business = {"goodsReqDTO": {"keyword": keyword, "pageIndex": page, "pageSize": size}}
    sent = {
        "method": "jd.union.open.goods.query",
        "app_key": "good",
        "timestamp": WHEN,
        "v": "1.0",
        "360buy_param_json": json.dumps(business, ensure_ascii=False),
    } | changed
    sent = {key: value for key, value in sent.items() if value}
    return {"sign": sign(sent, "demo-secret")} | sent


def call(url: str, sent: dict[str, str]) -> Any:
    return httpx.post(f"{url}/routerjson", data=sent, trust_env=False).json()


def test_official_and_invented_vectors() -> None:
    official = {
        "360buy_param_json": '{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT","page":"1","page_size":"200","start_date":null}',
        "access_token": "yourtoken",
        "app_key": "yourappkey",
        "method": "jingdong.pop.order.search",
        "timestamp": "2021-05-07 09:20:39.683+0800",
        "v": "2.0",
    }
    assert sign(official, "yourappSecret") == "D70825340F4084360B9362B60DFD7930"
    invented = {
        "360buy_param_json": '{"goodsReqDTO":{"keyword":"灭火器","pageIndex":1,"pageSize":20}}',
        "app_key": "demo-app-key",
        "format": "json",
        "method": "jd.union.open.goods.query",
        "sign_method": "md5",
        "timestamp": WHEN,
        "v": "1.0",
    }
    assert sign(invented, "demo-secret") == "C9578083DA9C2A0E898836A40D18A852"


def test_pages_end() -> None:
    stand_in = JdUnion(now=lambda: moment(WHEN))
    with running(stand_in.app()) as url:
        names: list[str] = []
        for page in range(1, 100):
            inner = json.loads(
                call(url, params(page=page, size=7))["jd_union_open_goods_query_responce"]["queryResult"]
            )
            if not inner["data"]:
                break
            names += [one["skuName"] for one in inner["data"]]
    assert names == [good.title for good in matching("电工证")]
    assert inner["totalCount"] == len(names)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sign": "0" * 32}, "12"),
        ({"method": ""}, "14"),
        ({"method": "jd.nothing"}, "15"),
        ({"app_key": ""}, "20"),
        ({"app_key": "unknown"}, "21"),
        ({"app_key": "no-permission"}, "24"),
        ({"app_key": "elsewhere"}, "24"),
        ({"timestamp": ""}, "7"),
        ({"timestamp": "2026-01-02 03:11:05"}, "8"),
        ({"timestamp": "yesterday"}, "8"),
        ({"v": ""}, "4"),
        ({"v": "9"}, "5"),
        ({"sign": ""}, "11"),
    ],
)
def test_refusals(changed: dict[str, str], code: str) -> None:
    with running(JdUnion(now=lambda: moment(WHEN)).app()) as url:
        sent = params(**{key: value for key, value in changed.items() if key != "sign"})
        sent |= {key: value for key, value in changed.items() if key == "sign"}
        assert call(url, sent)["error_response"]["code"] == code


def test_quota_burst_and_envelopes() -> None:
    stand_in = JdUnion(now=lambda: moment(WHEN))
    with running(stand_in.app()) as url:
        answers = [call(url, params(app_key="spent")) for _ in range(3)]
        assert [answer.get("error_response", {}).get("code") for answer in answers] == [None, None, "2"]
        stand_in.old, stand_in.payload_as_object = True, True
        assert call(url, params())["jd_union_open_goods_query_response"]["result"]["code"] == 200
        stand_in.inner_refusal = True
        assert call(url, params(app_key="no-permission"))["jd_union_open_goods_query_response"]["result"]["code"] == 403
        stand_in.burst = 1
        call(url, params())
        assert call(url, params())["error_response"]["code"] == "2"
    assert len(stand_in.log) == 7


def test_broken_answers() -> None:
    stand_in = JdUnion(now=lambda: moment(WHEN), broken="500", broken_times=1)
    with running(stand_in.app()) as url:
        assert httpx.get(f"{url}/api", params=params(), trust_env=False).status_code == 500
        stand_in.broken_times = None
        for stand_in.broken in ("garbage", "half"):
            with pytest.raises(ValueError):
                call(url, params())
        stand_in.broken = "timeout"
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{url}/api", params=params(), trust_env=False, timeout=0.2)
