"""Items found by their links alone: a change of what the list shows of one is noticed, a counter's is not."""

from __future__ import annotations

from collectors.cards import cards
from collectors.documents import HtmlDocument

ITEM = (
    '<li><a href="/i/{n}"><img src="/p/{n}.png?sig={sig}"></a><div><a href="/i/{n}#top" title="全名 {n}">{title}</a>'
    "<b>{price}</b><i>已售{sold}件</i></div></li>"
)


def shown(*changes: dict[str, object]) -> dict[str, str]:
    first = {"n": 1, "sig": "a", "title": "货 1", "price": "¥9.90", "sold": 3}
    items = [ITEM.format(**{**first, "n": n, **change}) for n, change in enumerate(changes, 1)]
    text = f"<ul>{''.join(items)}</ul><a href='/about'>¥1</a><a href='javascript:x'>/i/3</a>"
    return cards(HtmlDocument(text, "http://shop.test/list"), r"/i/\d+$")


def test_each_item_once_with_what_is_its_own() -> None:
    assert shown({}, {"price": "¥12"}) == {
        "http://shop.test/i/1": "/p/1.png\n¥9.90\n货 1\n全名 1",
        "http://shop.test/i/2": "/p/2.png\n¥12\n货 1\n全名 2",
    }


def test_title_price_and_picture_count_and_counters_do_not() -> None:
    before = shown({}, {})
    for change in ({"title": "货 1 降价"}, {"price": "¥8.90"}):
        after = shown(change, {})
        assert after["http://shop.test/i/1"] != before["http://shop.test/i/1"]
        assert after["http://shop.test/i/2"] == before["http://shop.test/i/2"]
    assert shown({"sold": 4, "sig": "b"}, {}) == before


def test_a_page_without_items_has_none() -> None:
    assert cards(HtmlDocument("<p>没有找到</p>", "http://shop.test/"), "/i/") == {}
