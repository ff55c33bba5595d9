"""Bytes of pages become the text that was meant, whatever they declare."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.charset import decode_text, known_charset

TEXT = "<title>特种作业操作证</title>电工证 免考 包过，三天拿证。"


@pytest.mark.parametrize(
    ("encoding", "content_type", "head"),
    [
        ("gbk", "text/html; charset=utf-8", ""),
        ("gbk", "text/html; charset=utf-8", '<meta charset="utf-8">'),
        ("gbk", "text/html; charset=ISO-8859-1", ""),
        ("gbk", None, ""),
        ("gbk", "text/html; charset=x-gbk", ""),
        ("utf-8", "text/html; charset=gbk", ""),
        ("utf-8", "text/html; charset=gb2312", '<meta charset="gb2312">'),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-8", "text/html; charset=big5", ""),
        ("utf-8", None, '<meta charset="none">'),
        ("utf-8-sig", "text/html; charset=gbk", ""),
        ("utf-16", "text/html; charset=utf-8", ""),
        ("gb18030", None, '<?xml version="1.0" encoding="gb2312"?>'),
    ],
)
def test_a_wrong_declaration_does_no_harm(encoding: str, content_type: str | None, head: str) -> None:
    assert decode_text((head + TEXT).encode(encoding), content_type) == head + TEXT


def test_a_declaration_far_down_in_the_body_counts() -> None:
    text = "<body>" + "證書 " * 3000 + '<meta http-equiv="Content-Type" content="text/html; charset=big5">'
    assert decode_text(text.encode("big5"), "text/html") == text


def test_a_true_declaration_stands() -> None:
    assert decode_text("證件".encode("big5"), "text/html; charset=big5") == "證件"
    assert decode_text("Größe".encode("latin-1"), "text/html; charset=iso-8859-1") == "Größe"
    assert decode_text("αβγ".encode(), "text/html; charset=utf-8") == "αβγ"


def test_a_broken_byte_does_not_make_a_page_chinese_nonsense() -> None:
    body = TEXT.encode()[:-1] + b"</p>" + TEXT.encode()
    found = decode_text(body, "text/html; charset=utf-8")
    assert found.startswith(TEXT[:-1])
    assert found.endswith(TEXT)
    assert found.count("\ufffd") <= 2


@pytest.mark.parametrize(
    "name",
    ["unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf-7", "hex", "rot13", "undefined", "mbcs", ""],
)
def test_codecs_that_are_no_charsets_are_not_used(name: str) -> None:
    assert known_charset(name) is None
    assert decode_text(b"a\\u0041 \\x41", f"text/html; charset={name}") == "a\\u0041 \\x41"


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([None, "text/html; charset=gbk", "text/html; charset=utf-16", "x/y"]))
def test_any_bytes_are_some_text(body: bytes, content_type: str | None) -> None:
    assert isinstance(decode_text(body, content_type), str)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=20, max_size=60))
def test_chinese_in_utf8_is_read_under_any_chinese_declaration(text: str) -> None:
    assert decode_text(text.encode(), "text/html; charset=gbk") == text
