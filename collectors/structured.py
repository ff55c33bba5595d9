"""Pages read without selectors: what their schema.org and OpenGraph data say, as a tree of values.

The root has the names that ``kinds.STRUCTURED_FIELDS`` selects, for the page's main item; ``items`` (the same for every
item of a list); and, for mappings of one's own, ``item`` (the main schema.org node), ``graph`` (all nodes) and ``og``
(OpenGraph).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html

from adwatch.text import url_norm
from collectors.documents import HtmlDocument, TreeDocument
from collectors.html import fragment_text, title_text
from collectors.offers import offer_lines, price_text
from collectors.schema_org import Node, as_json, many, node_or_empty, nodes_of, scalar

_WANTED = (
    *("Product", "ProductGroup", "IndividualProduct", "Course", "EducationalOccupationalProgram", "Service", "Offer"),
    *("DiscussionForumPosting", "SocialMediaPosting", "Question", "JobPosting", "VideoObject", "Event"),
    *("NewsArticle", "BlogPosting", "Report", "TechArticle", "Article"),
)
"""Types that are items, the likeliest first."""
_RANK = {name: at for at, name in enumerate(_WANTED)}
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_SAYING = frozenset(("name", "headline", "title", "text", "articleBody", "description"))
"""A node without any of these says nothing."""
_POSTED = ("datePublished", "uploadDate", "datePosted", "dateCreated")


class StructuredDocument(TreeDocument):
    """A page by its structured data."""

    def __init__(self, text: str, url: str) -> None:
        parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
        try:
            tree: Any = html.document_fromstring(text.encode("utf-8"), parser=parser)
        except (etree.LxmlError, ValueError):
            tree = html.Element("html")
        self.page = HtmlDocument.of_tree(tree, url)
        super().__init__(_root(tree, self.page, url), self.page.base)

    def shown(self) -> str:
        """Title and visible text of the page."""
        return self.page.shown()

    def next_link(self, select: str | None) -> str | None:
        """The link that says rel=next, or what the expression finds."""
        return self.page.next_link(None) if select is None else super().next_link(select)


def _root(tree: Any, page: HtmlDocument, url: str) -> Node:
    graph, open_graph = nodes_of(tree, page.base)
    listed = _listed(graph)
    inside = {as_json(node) for node in listed}
    candidates = [node for node in _candidates(graph) if as_json(node) not in inside or len(listed) == 1]
    main = _main(candidates, page.base)
    items = listed or candidates
    root = _item(main) if main is not None else {}
    root = _from_open_graph(open_graph, root)
    return {
        **_identified(root, url),
        "items": [{**_identified(_item(node), _address(node)), "url": _address(node), "item": node} for node in items],
        "item": main or {},
        "graph": graph,
        "og": {name.replace(":", "_"): values[0] for name, values in open_graph.items()},
        "url": url,
    }


def _identified(item: Node, address: str | None) -> Node:
    """The item with its address for an id, where it brings none."""
    return {"id": address, **item} if item and address is not None else item


def _candidates(graph: list[Node]) -> list[Node]:
    """Nodes that can be the page's item: those at the top, and what a page or thing at the top is about."""
    found = []
    for node in graph:
        found += [node, *(one for one in many(node.get("mainEntity")) if isinstance(one, dict))]
    ranked = [node for node in found if _rank(node) is not None and (_SAYING & node.keys())]
    return [node for node in ranked if "Offer" not in node["type"]] or ranked


def _listed(graph: list[Node]) -> list[Node]:
    """Items of the lists on the page (ItemList, OfferCatalog), wrapped in ListItem or not."""
    found = []
    for node in graph:
        about = [one for one in many(node.get("mainEntity")) if isinstance(one, dict)]
        for one in [node, *about]:
            if {"ItemList", "OfferCatalog", "CollectionPage"} & set(one.get("type", ())):
                for element in many(one.get("itemListElement")):
                    inner = element.get("item", element) if isinstance(element, dict) else {"url": element}
                    inner = inner if isinstance(inner, dict) else {"url": inner}
                    around = element if isinstance(element, dict) and element is not inner else {}
                    found.append({**{k: around[k] for k in ("url", "name") if k in around}, **inner})
    return found


def _rank(node: Node) -> int | None:
    ranks = [_RANK[kind] for kind in node.get("type", ()) if kind in _RANK]
    return min(ranks) if ranks else None


def _main(candidates: list[Node], url: str) -> Node | None:
    """The page's own item: the one whose address is the page's, else the likeliest type, else the first."""
    here = url_norm(url)
    own = [node for node in candidates if (address := _address(node)) and url_norm(urljoin(url, address)) == here]
    return min(own or candidates, key=lambda node: _rank(node) or 0, default=None)


def _address(node: Node) -> str | None:
    for name in ("url", "mainEntityOfPage"):
        value = node.get(name)
        found = value.get("id") or value.get("url") if isinstance(value, dict) else scalar(value)
        if isinstance(found, str):
            return found
    own = node.get("id")
    return own if isinstance(own, str) and own.startswith(("http://", "https://")) else None


def _item(node: Node) -> Node:
    """One schema.org node as a listing's values, absent ones left out."""
    offers = [one for one in many(node.get("offers")) if isinstance(one, dict)]
    offers += [inner for one in offers for inner in many(one.get("offers")) if isinstance(inner, dict)]
    offer = node if "Offer" in node.get("type", ()) else next(iter(offers), {})
    seller = node_or_empty(offer.get("seller") or offer.get("offeredBy") or node.get("seller") or node.get("author"))
    seller = seller or node_or_empty(node.get("provider") or node.get("creator") or node.get("hiringOrganization"))
    rating = node_or_empty(node.get("aggregateRating"))
    pictures = [_picture(one) for one in many(node.get("image"))]
    description = scalar(node.get("articleBody") or node.get("text") or node.get("description"))
    lines = [fragment_text(description) if description else "", *offer_lines(offers, scalar(node.get("name")))]
    found = {
        "id": _identifier(node),
        "title": _plain(node.get("name") or node.get("headline") or node.get("title")),
        "text": "\n".join(line for line in lines if line),
        "price": price_text([*offers, offer] if offer is node else offers),
        "seller_id": scalar(seller.get("identifier") or seller.get("url") or seller.get("id")),
        "seller_name": scalar(seller.get("name")),
        "seller_region": _region(seller.get("address") or node.get("areaServed")),
        "operator_name": scalar(seller.get("legalName")),
        "uscc": _uscc(seller),
        "reviews": scalar(rating.get("reviewCount") or rating.get("ratingCount") or node.get("commentCount")),
        "images": [address for address in pictures if address],
        "posted": next((text for name in _POSTED if (text := scalar(node.get(name)))), None),
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _picture(value: Any) -> str | None:
    return scalar(value.get("url") or value.get("contentUrl")) if isinstance(value, dict) else scalar(value)


def _plain(value: Any) -> str | None:
    text = scalar(value)
    return title_text(text) or None if text else None


def _identifier(node: Node) -> str | None:
    """The seller's or platform's own number; a variant's number is not the group's."""
    for name in ("productID", "productGroupID", "sku", "courseCode", "identifier"):
        value = node.get(name)
        if isinstance(value, dict):
            value = value.get("value")
        if found := scalar(value):
            return found
    return None


def _region(address: Any) -> str | None:
    node = node_or_empty(address)
    parts = [text for name in ("addressRegion", "addressLocality") if (text := scalar(node.get(name)))]
    return "".join(dict.fromkeys(parts)) or scalar(node.get("name"))


def _uscc(seller: Node) -> str | None:
    """A 统一社会信用代码 among the seller's numbers (GB 32100-2015: 18 characters)."""
    for name in ("taxID", "vatID", "identifier", "iso6523Code"):
        for value in many(seller.get(name)):
            text = (scalar(value.get("value") if isinstance(value, dict) else value) or "").upper()
            if _USCC.fullmatch(text):
                return text
    return None


def _from_open_graph(values: dict[str, list[str]], item: Node) -> Node:
    """What schema.org leaves open, by OpenGraph; by itself it makes an item only of a page that says it is one."""
    kind = (values.get("og:type") or [""])[0]
    if not item and not kind.startswith(("product", "article", "video", "profile", "og:product")):
        return {}
    first = {name: found[0] for name, found in values.items() if found[0].strip()}
    amount = first.get("product:price:amount") or first.get("og:price:amount")
    currency = first.get("product:price:currency") or first.get("og:price:currency")
    more = {
        "id": first.get("product:retailer_item_id"),
        "title": first.get("og:title"),
        "text": first.get("og:description"),
        "price": price_text([{"price": amount, "priceCurrency": currency}]) if amount else None,
        "posted": first.get("article:published_time"),
        "images": values.get("og:image"),
        "seller_name": first.get("article:author"),
    }
    return {name: value for name, value in more.items() if value} | item
