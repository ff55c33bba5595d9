"""ICP, police and government numbers: each form with one that keeps it and one that does not. Numbers are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwatch.tables.filings import KINDS, filings, provinces


@pytest.mark.parametrize(
    ("text", "kind", "number", "province", "wrong"),
    [
        ("备案号：京ICP备00000001号-2", "icp", "京ICP备00000001号-2", "北京", ""),
        ("晋 ICP 备 2021000001 号", "icp", "晋ICP备2021000001号", "山西", ""),
        ("蜀ＩＣＰ备１２３４５６７８号", "icp", "蜀ICP备12345678号", "四川", ""),
        ("粤icp备123号", "icp", "粤ICP备123号", "广东", "现为3位"),
        ("ICP备12345678号", "icp", "ICP备12345678号", None, "没有省份简称"),
        ("京ICP备", "icp", "京ICP备号", "北京", "没有数字编号"),
        ("京ICP备abcdefgh号", "icp", "京ICP备abcdefgh号", "北京", "没有数字编号"),
        ("京ICP证000001号", "icp_licence", "京ICP证000001号", "北京", ""),
        ("京ICP证0000001号", "icp_licence", "京ICP证0000001号", "北京", "6或8位"),
        ("晋公网安备 14080202000001号", "police", "晋公网安备14080202000001号", "山西", ""),
        ("晋公网安备 11080202000001号", "police", "晋公网安备11080202000001号", "山西", "开头应为14"),
        ("晋公网安备 1408020200001号", "police", "晋公网安备1408020200001号", "山西", "14位数字"),
        ("公网安备", "police", "公网安备号", None, "没有省份简称"),
        ("政府网站标识码：bm00000001", "government", "bm00000001", None, ""),
        ("网站标识码 1408000001", "government", "1408000001", "山西", ""),
        ("网站标识码 9908000001", "government", "9908000001", None, "不是省份代码"),
        ("网站标识码: abc", "government", "abc", None, "应为 bm"),
    ],
)
def test_what_a_page_shows(text: str, kind: str, number: str, province: str | None, wrong: str) -> None:
    (found,) = filings(text)
    assert (found.kind, found.number, found.province) == (kind, number, province)
    assert bool(found.wrong) == bool(wrong) and wrong in "；".join(found.wrong)


def test_a_page_that_shows_none_has_none() -> None:
    assert filings("备案请登录工信部网站。客服电话见下方。") == []


def test_several_stand_in_their_order() -> None:
    found = filings("京ICP备00000001号 晋公网安备14080202000001号 网站标识码1408000001")
    assert [filing.kind for filing in found] == ["icp", "police", "government"]
    assert {filing.kind for filing in found} <= set(KINDS)


def test_the_table_of_provinces_is_whole() -> None:
    assert len({code for code, _ in provinces().values()}) == 31


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    for filing in filings(text):
        assert filing.kind in KINDS
