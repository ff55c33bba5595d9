"""The views of a page that says little itself: the documents of its frames, and what stands on its picture.

A false look-up may be one frame of another address, or a picture with inputs over it. Frames are asked for like the
page itself (GET, within the same limits); the picture is read where the office can read pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from adwatch.app.page_fetch import PageFetch
from adwatch.errors import FetchError
from adwatch.pictures.opened import PictureRefused
from adwatch.pictures.reading import Reader, missing
from adwatch.ports import Answer, Wanted
from classifiers.sites.page_parts import SHELL, read_page, text_of

FRAMES = 2
"""Frames of one page that are asked for."""
_REFRESH = re.compile(r"url\s*=\s*['\"]?([^'\"\s>]+)", re.IGNORECASE)
_PICTURES = ("img", "canvas", "svg", "object", "embed", "iframe")


@dataclass(slots=True)
class Views:
    """For one run: the reader of pictures is loaded when the first picture is to be read."""

    _readers: list[Reader] = field(default_factory=list)

    def frames(self, first: Answer, documents: Sequence[str], fetch: PageFetch) -> list[Answer]:
        """The frames of a page, and where it sends its reader on to, if it says little itself."""
        found: dict[str, Answer] = {}
        for address in dict.fromkeys(each for html in documents for each in _leads(html, first.url)):
            if len(found) >= FRAMES:
                break
            try:
                found[address] = fetch.ask(Wanted(address, "GET", ()))
            except (FetchError, ValueError):
                continue  # the page itself is judged all the same
        return [each for each in found.values() if each.status == 200]

    def pictured(self, html: str, screenshot: bytes) -> str:
        """What stands on the picture of a page that says little and shows pictures; a line a piece."""
        page = read_page(html) if screenshot and html else None
        if page is None or len(text_of(page)) >= SHELL or missing():
            return ""
        if not any(True for _ in page.iter(*_PICTURES)) and "url(" not in html:
            return ""
        try:
            return self._reader.read(screenshot).text
        except PictureRefused:
            return ""

    @property
    def _reader(self) -> Reader:
        if not self._readers:
            self._readers.append(Reader.load())
        return self._readers[0]


def _leads(html: str, url: str) -> Iterator[str]:
    """Addresses of frames and of a refresh of a page that says little; none of other schemes."""
    page: Any = read_page(html) if html else None
    if page is None or len(text_of(page)) >= SHELL:
        return
    told = [each.get("src") for each in page.iter("iframe", "frame", "embed")]
    told += [each.get("data") for each in page.iter("object")]
    for each in page.iter("meta"):
        if (each.get("http-equiv") or "").lower() == "refresh" and (to := _REFRESH.search(each.get("content") or "")):
            told.append(to[1])
    for address in told:
        try:
            whole = urljoin(url, (address or "").strip())
        except ValueError:
            continue
        if address and whole.startswith(("http://", "https://")) and whole != url:
            yield whole
