from __future__ import annotations

import pytest

from adwatch.casework.citations import apart, full_title, joined, number
from adwatch.tables import Law


def test_articles_stand_by_law_and_in_order() -> None:
    cites = ["《广告法》第三十七条", "《电子商务法》第十三条", "《广告法》第九条第（二）项", "《广告法》第三十七条"]
    assert joined(cites) == (
        "《中华人民共和国广告法》第九条第（二）项、第三十七条，《中华人民共和国电子商务法》第十三条"
    )
    assert joined(["《刑法》第二百八十七条之二", "《刑法》第二百八十七条之一", "《刑法》第二百八十条"]).endswith(
        "第二百八十条、第二百八十七条之一、第二百八十七条之二"
    )
    assert joined([]) == ""
    assert joined(["《某某法》附则"]) == "《中华人民共和国某某法》附则"


@pytest.mark.parametrize(
    ("law", "title"),
    [
        ("广告法", "中华人民共和国广告法"),
        ("中华人民共和国广告法", "中华人民共和国广告法"),
        ("网络交易监督管理办法", "网络交易监督管理办法"),
        ("市场监督管理行政处罚程序规定", "市场监督管理行政处罚程序规定"),
    ],
)
def test_only_a_law_bears_the_name_of_the_state(law: str, title: str) -> None:
    assert full_title(law) == title


@pytest.mark.parametrize(
    ("numeral", "value"),
    [("零", 0), ("九", 9), ("十", 10), ("十八", 18), ("二十", 20), ("二百八十四", 284), ("一百零三", 103)],
)
def test_numerals(numeral: str, value: int) -> None:
    assert number(numeral) == value


def test_crimes_stand_apart() -> None:
    assert apart(["《刑法》第二百八十条", "《广告法》第二十八条"]) == (
        ["《广告法》第二十八条"],
        ["《刑法》第二百八十条"],
    )
    assert apart(["《中华人民共和国刑法》第一条"]) == ([], ["《中华人民共和国刑法》第一条"])


def test_every_shipped_article_has_a_place() -> None:
    from adwatch.casework.citations import place

    assert all(place(row.article)[0] < 1000 for row in Law().articles)
