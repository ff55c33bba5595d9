"""The stand-in of Pinduoduo keeps to the documented protocol."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.standins.goods import matching
from tests.standins.pdd_ddk import PddDdk, as_text, sign
from tests.standins.server import running

WHEN = 1767294245


def params(**changed: Any) -> dict[str, Any]:
    sent = {"type": "pdd.ddk.goods.search", "client_id": "good", "timestamp": str(WHEN), "keyword": "免考"} | changed
    sent = {key: value for key, value in sent.items() if value != ""}
    return {"sign": sign({key: as_text(value) for key, value in sent.items()}, "demo-secret")} | sent


def call(url: str, sent: dict[str, Any]) -> Any:
    return httpx.post(f"{url}/api/router", data=sent, trust_env=False).json()


def test_official_and_invented_vectors() -> None:
    official = {
        "access_token": "asd78172s8ds9a921j9qqwda12312w1w21211",
        "client_id": "1",
        "data_type": "XML",
        "order_status": "1",
        "page": "1",
        "page_size": "10",
        "timestamp": "1480411125",
        "type": "pdd.order.number.list.get",
    }
    assert sign(official, "testSecret") == "E4DE3ED21002510DED352819E7AE6775"
    invented = {
        "client_id": "demo-client",
        "data_type": "JSON",
        "keyword": "灭火器",
        "page": "1",
        "page_size": "20",
        "timestamp": str(WHEN),
        "type": "pdd.ddk.goods.search",
        "with_coupon": "false",
    }
    assert sign(invented, "demo-secret") == "BD2E38EFE27090D90C39E72AEB4D002B"


def test_pages_end_and_need_the_list() -> None:
    with running(PddDdk(now=lambda: WHEN).app()) as url:
        names: list[str] = []
        following: dict[str, str] = {}
        for page in range(1, 50):
            answer = call(url, params(page=str(page), page_size="10", **following))["goods_search_response"]
            following = {"list_id": answer["list_id"]}
            if not answer["goods_list"]:
                break
            names += [one["goods_name"] for one in answer["goods_list"]]
        assert call(url, params(page="2"))["error_response"]["error_code"] == 21001
    assert names == [good.title for good in matching("免考")]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sign": "0" * 32}, 20004),
        ({"type": ""}, 10001),
        ({"type": "pdd.nothing"}, 10017),
        ({"client_id": "unknown"}, 10016),
        ({"client_id": "no-permission"}, 20031),
        ({"client_id": "elsewhere"}, 20005),
        ({"timestamp": str(WHEN + 601)}, 10001),
        ({"page_size": "101"}, 21001),
        ({"pid": "9_9"}, 50001),
    ],
)
def test_refusals(changed: dict[str, str], code: int) -> None:
    with running(PddDdk(now=lambda: WHEN).app()) as url:
        sent = params(**{key: value for key, value in changed.items() if key != "sign"})
        sent |= {key: value for key, value in changed.items() if key == "sign"}
        assert call(url, sent)["error_response"]["error_code"] == code


def test_json_body_quota_and_forced_errors() -> None:
    stand_in = PddDdk(now=lambda: WHEN)
    with running(stand_in.app()) as url:
        sent = params(with_coupon=False, cat_id=3)
        answer = httpx.post(f"{url}/api/router", json=sent, trust_env=False).json()
        assert answer["goods_search_response"]["total_count"] == len(matching("免考"))
        codes = [call(url, params(client_id="spent")).get("error_response", {}).get("error_code") for _ in range(3)]
        assert codes == [None, None, 52101]
        stand_in.forced, stand_in.code_as_text = 70033, True
        assert call(url, params())["error_response"]["error_code"] == "70033"
