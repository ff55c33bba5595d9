"""Signatures of open interfaces against the examples of their documents and others computed from the same rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.signing import Scheme, signature, signed_text

TOP = {
    "app_key": "12345678",
    "fields": "num_iid,title,nick,price,num",
    "format": "json",
    "method": "taobao.item.seller.get",
    "num_iid": "11223344",
    "session": "test",
    "timestamp": "2016-01-01 12:00:00",
    "v": "2.0",
}
PDD = {
    "access_token": "asd78172s8ds9a921j9qqwda12312w1w21211",
    "client_id": "1",
    "data_type": "XML",
    "order_status": "1",
    "page": "1",
    "page_size": "10",
    "timestamp": "1480411125",
    "type": "pdd.order.number.list.get",
}
JD = {
    "360buy_param_json": '{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT","page":"1",'
    '"page_size":"200","start_date":null}',
    "access_token": "yourtoken",
    "app_key": "yourappkey",
    "method": "jingdong.pop.order.search",
    "timestamp": "2021-05-07 09:20:39.683+0800",
    "v": "2.0",
}
JD_UNION = {
    "360buy_param_json": '{"goodsReqDTO":{"keyword":"灭火器","pageIndex":1,"pageSize":20}}',
    "app_key": "demo-app-key",
    "format": "json",
    "method": "jd.union.open.goods.query",
    "sign_method": "md5",
    "timestamp": "2026-01-02 03:04:05",
    "v": "1.0",
}
PDD_GOODS = {
    "client_id": "demo-client",
    "data_type": "JSON",
    "keyword": "灭火器",
    "page": "1",
    "page_size": "20",
    "timestamp": "1767294245",
    "type": "pdd.ddk.goods.search",
    "with_coupon": "false",
}
TBK = {
    "adzone_id": "123",
    "app_key": "12345678",
    "format": "json",
    "method": "taobao.tbk.dg.material.optional.upgrade",
    "page_no": "1",
    "page_size": "20",
    "q": "灭火器",
    "timestamp": "2026-01-02 03:04:05",
    "v": "2.0",
}


@pytest.mark.parametrize(
    ("scheme", "secret", "parameters", "expected"),
    [
        ("wrapped_md5", "helloworld", {**TOP, "sign_method": "md5"}, "66987CB115214E59E6EC978214934FB8"),
        ("hmac_md5", "helloworld", {**TOP, "sign_method": "hmac"}, "D56D7858309C31B6251083A874D48273"),
        ("wrapped_md5", "testSecret", PDD, "E4DE3ED21002510DED352819E7AE6775"),
        ("wrapped_md5", "yourappSecret", JD, "D70825340F4084360B9362B60DFD7930"),
        ("wrapped_md5", "demo-secret", JD_UNION, "C9578083DA9C2A0E898836A40D18A852"),
        ("wrapped_md5", "demo-secret", PDD_GOODS, "BD2E38EFE27090D90C39E72AEB4D002B"),
        ("wrapped_md5", "demo-secret", {**TBK, "sign_method": "md5"}, "7CA6BD85EE04ED83FF64F24C50C343B1"),
        ("hmac_md5", "demo-secret", {**TBK, "sign_method": "hmac"}, "518DF10F2B43DCE24E9032CAA1A18472"),
        (
            "hmac_sha256",
            "demo-secret",
            {**TBK, "sign_method": "hmac-sha256"},
            "554D96840BD4E8BA6CDCA8811B6898D5D9979A5A14CB204B8BBADE552128CF75",
        ),
    ],
)
def test_the_examples_of_the_documents(scheme: Scheme, secret: str, parameters: dict[str, str], expected: str) -> None:
    assert signature(scheme, secret, parameters) == expected


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=6))
def test_the_order_in_which_parameters_come_does_not_matter(parameters: dict[str, str]) -> None:
    try:
        names = sorted(parameters, key=lambda name: name.encode())
    except UnicodeEncodeError:
        return
    turned = {name: parameters[name] for name in reversed(names)}
    assert signed_text(turned) == signed_text(parameters) == "".join(name + parameters[name] for name in names)
