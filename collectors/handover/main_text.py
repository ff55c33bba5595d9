"""A web page → its title, main text, pictures and time of publication, without selectors."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html

from adwatch.text import clean
from collectors.handover.encoding import decode_piece
from collectors.handover.values import ValueRefused, to_text, to_time

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})", re.IGNORECASE)
_DROPPED = ["script", "style", "noscript", "template", "svg", "iframe", "nav"]
_DROPPED += ["header", "footer", "aside", "form", "button", "select"]
_MAIN = "//article | //main | //*[@role='main'] | //*[@id='content'] | //*[@itemprop='articleBody']"
_BLOCKS = {"p", "div", "section", "article", "main", "li", "ul", "ol", "tr", "table", "td", "th", "br", "hr"}
_BLOCKS |= {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dl", "dt", "dd", "figcaption"}
_POSTED = "//meta[@property='article:published_time' or @name='pubdate' or @itemprop='datePublished']/@content"


def read_page(
    body: bytes, content_type: str, url: str, zone: tzinfo
) -> tuple[str | None, str | None, tuple[str, ...], datetime | None]:
    """(title, main text, pictures in it, time of publication) of a page."""
    text = clean(_decoded(body, content_type))
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    if not text.strip():
        return None, None, (), None
    try:
        parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
        root: Any = html.document_fromstring(text, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise ValueRefused("not_html", f"不是 HTML no HTML: {error}") from error
    titles = [*root.xpath("//meta[@property='og:title']/@content"), *root.xpath("//title//text()"), *root.xpath("//h1")]
    title = next((found for t in titles if (found := to_text(_joined_text(t)))), None)
    posted = next((moment for p in root.xpath(_POSTED) if (moment := to_time(str(p), zone))), None)
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    body_element = root.find("body")
    whole = body_element if body_element is not None else root
    parts = [(element, _text_of(element)) for element in root.xpath(_MAIN)[:50]]
    main, main_text = max(parts, key=lambda part: len(part[1]), default=(whole, ""))
    if len(main_text) < 80:
        all_text = _text_of(whole)
        main, main_text = (main, main_text) if len(main_text) * 2 > len(all_text) else (whole, all_text)
    sources = [str(src) for src in main.xpath(".//img/@src | .//img/@data-src")[:200]]
    images = dict.fromkeys(found for src in sources if (found := _joined(url, src)))
    return title, to_text(main_text), tuple(images), posted


def _decoded(body: bytes, content_type: str) -> str:
    declared = re.search(r"charset\s*=\s*[\"']?([\w-]+)", content_type, re.IGNORECASE)
    meta = _CHARSET.search(body[:4096])
    names = [declared[1]] if declared else []
    names += [meta[1].decode("ascii")] if meta else []
    for name in names:
        wide = {"gb2312": "gb18030", "gbk": "gb18030"}.get(name.lower(), name)
        try:
            return body.decode(wide)
        except (LookupError, UnicodeError):
            continue  # pages often declare what they are not
    return decode_piece(body.removeprefix(b"\xef\xbb\xbf"))


def _text_of(element: Any) -> str:
    """Text as shown: blocks on lines of their own, blanks joined."""
    pieces: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        block = node.tag in _BLOCKS
        if event == "start":
            if block:
                pieces.append("\n")
            pieces.append(node.text.replace("\n", " ") if node.text else "")
        else:
            if block:
                pieces.append("\n")
            if node is not element and node.tail:
                pieces.append(node.tail.replace("\n", " "))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _joined_text(title: Any) -> str:
    return " ".join((title if isinstance(title, str) else title.text_content()).split())


def _joined(base: str, source: str) -> str | None:
    try:
        address = urljoin(base, source.strip())
    except ValueError:
        return None
    return address if address.startswith(("http://", "https://")) else None
