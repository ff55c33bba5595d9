"""Items of a page found by their links alone, with what the page shows of each.

What is shown is no field of a listing: it is a reason to look at the item's page again when it changes.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from collectors.documents import HtmlDocument
from collectors.fields import absolute
from collectors.html import block_text
from collectors.selectors import find

_PRICE = re.compile(r"[¥￥]\s*\d[\d,.]*|\d[\d,.]*\s*元")
_Element = Any


def cards(page: HtmlDocument, pattern: str) -> dict[str, str]:
    """Addresses that match, in order, each with the words and pictures of its links and the prices beside them."""
    links: list[tuple[str, _Element]] = []
    for element in find("a[href]", page.root):
        address = absolute(page.base, element.get("href", ""))
        if address is not None and re.search(pattern, address):
            links.append((address, element))
    owners = _owners(links)
    shown: dict[str, dict[str, None]] = {}
    for address, element in links:
        parts = shown.setdefault(address, {})
        parts |= dict.fromkeys([block_text(element), element.get("title", "")])
        parts |= dict.fromkeys(urlsplit(picture.get("src", "")).path for picture in find("img", element))
        parts |= dict.fromkeys(_PRICE.findall(block_text(_card(element, owners))))
    return {address: "\n".join(part for part in parts if part) for address, parts in shown.items()}


def _owners(links: list[tuple[str, _Element]]) -> dict[_Element, str | None]:
    """For each element around a link the only item that it leads to; None where it leads to several."""
    owners: dict[_Element, str | None] = {}
    for address, element in links:
        around = element
        while around is not None:
            owners[around] = address if owners.get(around, address) == address else None
            around = around.getparent()
    return owners


def _card(element: _Element, owners: dict[_Element, str | None]) -> _Element:
    """The widest element around a link that leads to no other item."""
    card = element
    while (around := card.getparent()) is not None and owners[around] is not None:
        card = around
    return card
