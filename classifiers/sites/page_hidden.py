"""What a page shows that does not stand in its body: frames of its own, texts that scripts and styles put there.

A plain look runs no script. What one would write is mostly there to read: a template, markup in a string, the texts of
an app's labels. They are taken for the page's own words only where it has hardly any itself.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

MOST = 400_000
"""Characters of scripts and styles that are read."""
STRINGS = 400
"""Strings of scripts that are kept."""
FRAME = 200_000
"""Characters of a frame that stands in the page."""
_STRING = re.compile(r'"((?:[^"\\\n]|\\.){2,20000})"|\'((?:[^\'\\\n]|\\.){2,20000})\'|`((?:[^`\\]|\\.){2,20000})`')
_ESCAPE = re.compile(r"\\(?:u\{?([0-9a-fA-F]{4,6})\}?|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\n", "b": "", "f": ""}
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{24,}={0,2}")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_MARKUP = re.compile(r"<\s*(?:input|form|table|div|h[1-4]|p|span|ul|dl|section|body|button|label)\b", re.IGNORECASE)
_CONTENT = re.compile(r"content\s*:\s*(?:\"([^\"]{1,200})\"|'([^']{1,200})')", re.IGNORECASE)
_CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{4,6})\s?")
_DATA = re.compile(r"\s*data:text/html[^,]{0,80},", re.IGNORECASE)


def scripted(page: Any) -> tuple[list[str], list[str]]:
    """(markup, labels) that the page's scripts and templates hold; nothing is run."""
    markup: list[str] = []
    labels: dict[str, None] = {}
    left = MOST
    for each in page.iter("script"):
        said = (each.text or "")[:left]
        left -= len(said)
        if "template" in (each.get("type") or "").lower() or "html" in (each.get("type") or "").lower():
            markup.append(said)
            continue
        for found in _STRING.finditer(said):
            text = _plain(next(filter(None, found.groups())))
            if _MARKUP.search(text):
                markup.append(text)
            elif _HAN.search(text) and len(text) <= 200 and len(labels) < STRINGS:
                labels.setdefault(text.strip())
    return markup, list(labels)


def written_by_styles(page: Any) -> Iterator[str]:
    """Texts that style sheets put before and after elements."""
    for each in page.iter("style"):
        for found in _CONTENT.finditer((each.text or "")[:MOST]):
            text = _CSS_ESCAPE.sub(lambda code: _character(code[1]), found[1] or found[2])
            if _HAN.search(text):
                yield text


def framed(page: Any) -> Iterator[tuple[Any, str]]:
    """(element, document) of frames whose document stands in the page itself."""
    for each in page.iter("iframe", "frame", "object", "embed"):
        if each.get("srcdoc"):
            yield each, each.get("srcdoc")[:FRAME]
            continue
        address = each.get("src") or each.get("data") or ""
        if head := _DATA.match(address[:120]):
            body = unquote(address[head.end() : head.end() + FRAME])
            yield each, (_decoded(body) or "") if "base64" in head[0].lower() else body


def _plain(text: str) -> str:
    """A script's string as it reads: escapes undone, percent signs and base64 decoded where they hide markup or Han."""
    text = _ESCAPE.sub(_escaped, text) if "\\" in text else text
    if "%" in text and not _HAN.search(text):
        undone = re.sub(r"%u([0-9a-fA-F]{4})", lambda code: _character(code[1]), text)
        undone = unquote(undone, errors="replace")
        text = undone if _MARKUP.search(undone) or _HAN.search(undone) else text
    if _BASE64.fullmatch(text):
        return _decoded(text) or text
    return text


def _decoded(text: str) -> str | None:
    """What base64 hides, if it is text that tells something."""
    try:
        body = base64.b64decode(re.sub(r"\s+", "", text), validate=True)
    except (binascii.Error, ValueError):
        return None
    for encoding in ("utf-8", "gb18030"):
        try:
            found = unquote(body.decode(encoding))
        except UnicodeDecodeError:
            continue
        if _MARKUP.search(found) or _HAN.search(found):
            return found
    return None


def _escaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return _character(code) if code else _CONTROLS.get(found[3], found[3])


def _character(code: str) -> str:
    number = int(code, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
