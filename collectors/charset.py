"""Bytes of a page → text, whatever it declares: half of the wrong pages say UTF-8 and are GBK, the rest say nothing.

A charset is believed if the bytes fit it. UTF-8 is so strict that fitting it tells more than any declaration, and
single-byte charsets fit everything, so that declaring one tells nothing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from adwatch.text import clean

_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "hz": "gb18030", "big5": "big5hkscs", "iso8859-1": "cp1252"}
_SPOKEN = {"x-gbk": "gb18030", "cp936": "gb18030", "utf8mb4": "utf-8", "unicode": "utf-8", "gb_2312-80": "gb18030"}
_KNOWN = re.compile(
    r"utf-8|utf-16(-[lb]e)?|gb18030|big5hkscs|cp125\d|cp949|cp932|iso8859-\d+|shift_jis|euc_(jp|kr)|koi8-[ru]|ascii"
)
_SINGLE = re.compile(r"cp125\d|iso8859-\d+|koi8-[ru]|ascii")
_NEAR, _FAR = 4096, 1 << 20
_SAMPLE = 1 << 16
_FOREIGN = re.compile("[^\x00-\x7f]")
_WIDE = re.compile("[\u0800-\ufffc\U00010000-\U0010ffff]")
_HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]{2,}")
"""Han characters stand together; the accented letters of other languages, read as GB18030, give single ones."""


def decode_text(body: bytes, content_type: str | None) -> str:
    """The body as text; what fits no charset is read by the likeliest, U+FFFD in the place of what does not fit."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return clean(body[len(mark) :].decode(encoding, "replace"))
    utf8 = _strict(body, "utf-8")
    declared = list(_declared(body, content_type, far=utf8 is None))
    if utf8 is not None and not _rather_declared(utf8, declared):
        return clean(utf8)
    for name in [*(name for name in declared if not _SINGLE.fullmatch(name)), *_undeclared(body), *declared]:
        text = _strict(body, name)
        if text is not None:
            return clean(text)
    return clean(body.decode(_likeliest(body, declared), "replace"))


def _strict(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except UnicodeError:
        return None


def _declared(body: bytes, content_type: str | None, far: bool) -> Iterator[str]:
    """Charsets that the header, the XML declaration or a meta tag names, as far as they are charsets of pages."""
    names = []
    if found := _HEADER.search(content_type or ""):
        names.append(found[1])
    if mark := _XML.match(body[:400]) or _META.search(body[:_NEAR]) or (_META.search(body[:_FAR]) if far else None):
        names.append(mark[1].decode("ascii", "replace"))
    for name in names:
        known = known_charset(name)
        if known is not None:
            yield known


def known_charset(name: str) -> str | None:
    """Python's name of a charset in which pages are written; None for others, such as the codec ``unicode_escape``."""
    name = _SPOKEN.get(name.lower(), name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    found = _WIDER.get(found, found)
    return found if _KNOWN.fullmatch(found) else None


def _rather_declared(utf8: str, declared: list[str]) -> bool:
    """Whether text that fits UTF-8 is another charset: a few GBK pairs look like two-byte letters, such as Greek."""
    if not declared or declared[0] in ("utf-8", "ascii") or _SINGLE.fullmatch(declared[0]):
        return False
    foreign = len(_FOREIGN.findall(utf8[:_SAMPLE]))
    return declared[0].startswith("utf-16") or 2 * len(_WIDE.findall(utf8[:_SAMPLE])) < foreign


def _undeclared(body: bytes) -> Iterator[str]:
    """GB18030, where it makes Chinese of the bytes: a UTF-8 page with a broken byte often fits it too, as nonsense."""
    utf8 = body[:_SAMPLE].decode("utf-8", "replace")
    if utf8.count("\ufffd") * 4 < len(_WIDE.findall(utf8)):
        return
    chinese = body[:_SAMPLE].decode("gb18030", "replace")
    if 2 * sum(map(len, _HAN.findall(chinese))) >= len(_FOREIGN.findall(chinese)):
        yield "gb18030"


def _likeliest(body: bytes, declared: list[str]) -> str:
    """The charset under which the fewest characters are lost."""
    names = dict.fromkeys(["utf-8", *declared, "gb18030"])
    sample = body[:_SAMPLE]
    return min(names, key=lambda name: sample.decode(name, "replace").count("\ufffd"))
