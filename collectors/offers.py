"""Offers of schema.org → one price as text, and what each offer says: a forbidden promise often stands in a variant."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from collectors.html import fragment_text
from collectors.schema_org import Node, many, node_or_empty, scalar

_YUAN = ("", "CNY", "RMB", "¥", "￥", "元")


def price_text(offers: list[Node]) -> str | None:
    """The price as shown: 120, 120起 for the lowest of several, USD 12 for foreign money."""
    found: dict[tuple[str, Decimal], str] = {}
    several = False
    for offer in offers:
        several |= offer.get("lowPrice") is not None and offer.get("lowPrice") != offer.get("highPrice")
        for text, currency in _prices(offer):
            try:
                amount = Decimal(text.replace(",", "").lstrip("¥￥ "))
            except InvalidOperation:
                continue
            if amount.is_finite():
                found.setdefault(("" if currency.upper() in _YUAN else currency.upper(), amount), text)
    if not found:
        return None
    currency = min(name for name, _ in found)
    lowest = min(amount for name, amount in found if name == currency)
    text = found[currency, lowest]
    if currency:
        return f"{currency} {text}"
    return f"{text}起" if several or len({amount for name, amount in found if name == currency}) > 1 else text


def _prices(offer: Node) -> list[tuple[str, str]]:
    """(amount, currency) of one offer: its own price, the lowest of several, or by its price specifications."""
    currency = scalar(offer.get("priceCurrency")) or ""
    own = scalar(offer.get("price") if offer.get("price") is not None else offer.get("lowPrice"))
    if own is not None:
        return [(own, currency)]
    out = []
    for one in many(offer.get("priceSpecification")):
        node = node_or_empty(one)
        text = scalar(node.get("price") if node.get("price") is not None else node.get("minPrice"))
        if text is not None:
            out.append((text, scalar(node.get("priceCurrency")) or currency))
    return out


def offer_lines(offers: list[Node], name: str | None) -> list[str]:
    """Names and descriptions of the offers that say more than the thing's own name, each once."""
    lines: dict[str, None] = {}
    for offer in offers:
        sold: Any = offer.get("itemOffered")
        for node in (offer, node_or_empty(sold)):
            for key in ("name", "description"):
                text = scalar(node.get(key))
                if text and text != name:
                    lines[fragment_text(text)] = None
    return list(lines)
