"""The stand-in of Taobao's TOP keeps to the documented protocol."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from tests.standins.goods import matching
from tests.standins.server import running
from tests.standins.tbk import CLASSIC, UPGRADE, Tbk, moment, sign

WHEN = "2026-01-02 03:04:05"


def params(**changed: str) -> dict[str, str]:
    sent = {
        "method": UPGRADE,
        "app_key": "good",
        "timestamp": WHEN,
        "v": "2.0",
        "sign_method": "md5",
        "format": "json",
        "adzone_id": "123",
        "q": "电工证",
    } | changed
    sent = {key: value for key, value in sent.items() if value}
    return {"sign": sign(sent, "demo-secret")} | sent


def call(url: str, sent: dict[str, str]) -> Any:
    return httpx.post(f"{url}/router/rest", data=sent, trust_env=False).json()


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("md5", "7CA6BD85EE04ED83FF64F24C50C343B1"),
        ("hmac", "518DF10F2B43DCE24E9032CAA1A18472"),
        ("hmac-sha256", "554D96840BD4E8BA6CDCA8811B6898D5D9979A5A14CB204B8BBADE552128CF75"),
    ],
)
def test_invented_vectors(method: str, expected: str) -> None:
    sent = params(app_key="12345678", q="灭火器", page_no="1", page_size="20", sign_method=method)
    assert sent["sign"] == expected


@pytest.mark.parametrize(
    ("method", "expected"),
    [("md5", "66987CB115214E59E6EC978214934FB8"), ("hmac", "D56D7858309C31B6251083A874D48273")],
)
def test_official_vectors(method: str, expected: str) -> None:
    sent = {"app_key": "12345678", "fields": "num_iid,title,nick,price,num", "format": "json", "num_iid": "11223344"}
    sent |= {"method": "taobao.item.seller.get", "session": "test", "timestamp": "2016-01-01 12:00:00", "v": "2.0"}
    assert sign(sent | {"sign_method": method}, "helloworld") == expected


@pytest.mark.parametrize("empty_as_error", [False, True])
@pytest.mark.parametrize("method", [CLASSIC, UPGRADE])
def test_pages_end(method: str, empty_as_error: bool) -> None:
    numbers: list[str] = []
    with running(Tbk(now=lambda: moment(WHEN), empty_as_error=empty_as_error).app()) as url:
        for page in range(1, 50):
            answer = call(url, params(method=method, page_no=str(page), page_size="7"))
            if "error_response" in answer:
                assert empty_as_error and answer["error_response"]["code"] == 15
                break
            some = answer[method.removeprefix("taobao.").replace(".", "_") + "_response"]["result_list"]["map_data"]
            if not some:
                assert not empty_as_error
                break
            numbers += [one["item_id"] for one in some]
    assert numbers == [f"AbC{good.number}-xyZ" for good in matching("电工证")]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sign": "0" * 32}, 25),
        ({"sign": ""}, 24),
        ({"method": ""}, 21),
        ({"method": "taobao.nothing"}, 22),
        ({"app_key": ""}, 28),
        ({"app_key": "unknown"}, 29),
        ({"app_key": "no-permission"}, 11),
        ({"app_key": "elsewhere"}, 11),
        ({"timestamp": ""}, 30),
        ({"timestamp": "2026-01-02 03:14:06"}, 31),
        ({"v": ""}, 32),
        ({"v": "9"}, 33),
        ({"adzone_id": ""}, 40),
        ({"page_size": "101"}, 41),
    ],
)
def test_refusals(changed: dict[str, str], code: int) -> None:
    with running(Tbk(now=lambda: moment(WHEN)).app()) as url:
        sent = params(**{key: value for key, value in changed.items() if key != "sign"})
        sent |= {key: value for key, value in changed.items() if key == "sign"}
        assert call(url, sent)["error_response"]["code"] == code


def test_throttle_names_the_ban_and_xml_is_the_default() -> None:
    with running(Tbk(now=lambda: moment(WHEN), burst=1, ban=9).app()) as url:
        first = httpx.get(f"{url}/router/rest", params=params(format=""), trust_env=False)
        titles = [one.text for one in ElementTree.fromstring(first.text).iter("title")]  # noqa: S314 - our own answer
        assert titles == [good.title for good in matching("电工证")[:20]]
        error = call(url, params())["error_response"]
    assert (error["code"], error["sub_msg"]) == (7, "This ban will last for 9 more seconds")
