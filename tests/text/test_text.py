"""The search fold, masking and addresses."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwatch.models import Contact
from adwatch.text import clean, clean_or_none, highlight_spans, mask, normal, normal_with_offsets, one_line, url_norm
from adwatch.text.fold import fold_table

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("ＡＢｃ１２", "abc12"),
        ("證書", "证书"),
        ("免-考 包❤過", "免考包过"),
        ("焊\u200b工\u00ad证", "焊工证"),
        ("①②", "12"),
        ("👍🏽…—！", ""),
        ("𠮷野", "𠮷野"),
        ("", ""),
    ],
)
def test_normal(raw: str, folded: str) -> None:
    assert normal(raw) == folded


@pytest.mark.parametrize("pair", [("包过", "包裹"), ("政", "证"), ("bao过", "包过"), ("证", "正")])
def test_the_search_fold_knows_no_disguise(pair: tuple[str, str]) -> None:
    assert normal(pair[0]) != normal(pair[1])


def test_table_is_pinned() -> None:
    """A changed fold means that every index must be rebuilt: change this digest with a line in the changelog."""
    digest = hashlib.sha256(fold_table().tobytes()).hexdigest()
    assert digest == "ec0d06eb526dc115edc5eaad891b85e01f03306adfb383124933f33fbc81043e"


@given(ANY_TEXT)
def test_normal_is_idempotent_and_maps_back(raw: str) -> None:
    folded, offsets = normal_with_offsets(raw)
    assert folded == normal(raw)
    assert normal(folded) == folded
    assert len(folded) == len(offsets)
    assert all(0 <= offset < len(raw) for offset in offsets)
    assert bool(np.all(np.diff(offsets) > 0))
    assert all(normal(raw[offset]) == char for offset, char in zip(offsets, folded, strict=True))


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_highlight_spans_hold_the_query(before: str, query: str, after: str) -> None:
    raw = before + query + after
    spans = highlight_spans(raw, query)
    assert bool(spans) == bool(normal(query))
    assert all(normal(raw[start:end]) == normal(query) for start, end in spans)


def test_clean_keeps_offsets() -> None:
    assert clean("a\ud800b\0c") == "a\ufffdb\ufffdc"
    assert clean("正常😀") == "正常😀"
    assert clean_or_none(" \n ") is None
    assert clean_or_none(None) is None


def contact(start: int, end: int, masked: str) -> Contact:
    return Contact("phone", start, end, "13800001234", masked)


def test_mask_keeps_length_and_hides() -> None:
    raw = "电话13800001234谢谢"
    hidden = mask(raw, [contact(2, 13, "138****1234")])
    assert hidden == "电话138****1234谢谢"
    assert mask(raw, [contact(2, 13, "*")]) == "电话***********谢谢"
    assert mask(raw, []) == raw
    assert mask(raw, [contact(2, 13, "138"), contact(5, 9, "xxxx")]) == "电话138********谢谢"
    assert mask(raw, [contact(2, 8, "138***"), contact(5, 13, "xxxxxxxx")]) == "电话138********谢谢"


def test_one_line_is_safe_for_a_terminal() -> None:
    assert one_line("a\x1b[31mb\u202ec\nd") == "a [31mb c d"
    assert one_line("x" * 100, 10) == "xxxxxxxxx…"


@pytest.mark.parametrize(
    ("url", "norm"),
    [
        ("HTTP://Shop.Example.CN:80/item/5?utm_source=a&id=7&spm=1.2#top", "http://shop.example.cn/item/5?id=7"),
        ("https://a.example/x?b=2&a=1", "https://a.example/x?a=1&b=2"),
        ("https://user:pw@a.example/", "https://a.example/"),
        ("https://例子.cn/焊工", "https://xn--fsqu00a.cn/%E7%84%8A%E5%B7%A5"),
        ("https://a.example:8443/p/", "https://a.example:8443/p"),
        ("http://[::1]/a", "http://[::1]/a"),
    ],
)
def test_url_norm(url: str, norm: str) -> None:
    assert url_norm(url) == norm
    assert url_norm(norm) == norm


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "ftp://a/b", "焊工证", "http://", "http://a:99999/"]
)
def test_url_norm_refuses_what_is_no_web_address(url: str) -> None:
    assert url_norm(url) is None


@given(st.text(max_size=80))
def test_url_norm_never_raises(text: str) -> None:
    norm = url_norm("http://" + text)
    assert norm is None or norm.startswith("http://")
