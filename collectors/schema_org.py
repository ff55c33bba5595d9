"""Structured data of a page → plain nodes: JSON-LD, microdata and RDFa (schema.org), OpenGraph, all by extruct.

A node is a mapping of schema.org names without their prefix; ``type`` is a list. Values are strings, numbers, nodes, or
lists of them; ``@id`` references are put in their place.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
from collections.abc import Iterator
from typing import Any

from adwatch.text import clean

Node = dict[str, Any]

_DEPTH = 40
"""Nodes inside nodes that are followed: real ones have under ten."""
_VOCABULARIES = ("http://schema.org/", "https://schema.org/", "http://ogp.me/ns#", "schema:", "//schema.org/")
_RDFA = "//*[@typeof and (@vocab or ancestor-or-self::*[@vocab] or contains(@typeof, ':'))]"


def nodes_of(root: Any, base: str) -> tuple[list[Node], dict[str, list[str]]]:
    """(nodes in the order JSON-LD, microdata, RDFa; OpenGraph values by name) of a page's tree."""
    from extruct.jsonld import JsonLdExtractor  # half a second with rdflib behind it: only where it is needed
    from extruct.opengraph import OpenGraphExtractor
    from extruct.w3cmicrodata import LxmlMicrodataExtractor

    found: list[Any] = []
    rdfa: list[Node] = []
    for script in root.xpath("//script[@type='application/ld+json']"):
        # one broken script costs itself only
        with contextlib.suppress(ValueError, RecursionError):
            found += JsonLdExtractor().extract_items(script, base)
    if root.xpath("boolean(//*[@itemscope])"):
        with contextlib.suppress(ValueError, RecursionError):
            found += LxmlMicrodataExtractor().extract_items(root, base)
    if root.xpath(f"boolean({_RDFA})"):
        rdfa = _in_fixed_order(_joined(_rdfa(root, base)))
    graph = _joined(found) + rdfa
    open_graph: dict[str, list[str]] = {}
    for page in OpenGraphExtractor().extract_items(root):
        for name, value in page["properties"]:
            open_graph.setdefault(str(name), []).append(clean(str(value)))
    return graph, open_graph


def _joined(found: list[Any]) -> list[Node]:
    """The nodes of one syntax, with what they refer to in its place."""
    graph = [node for one in found for node in _top(_plain(one, 0))]
    known = {str(node["id"]): node for node in _walk(graph, 0) if "id" in node and len(node) > 1}
    return [node for one in graph if isinstance(node := _named(_resolved(one, known, ())), dict)]


def _rdfa(root: Any, base: str) -> list[Any]:
    from extruct.rdfa import RDFaExtractor
    from lxml import etree

    for name in ("rdflib.term", "rdflib"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # every odd address of a page is a warning to it
    text = etree.tostring(root, encoding="unicode", method="html")
    try:
        found: list[Any] = RDFaExtractor().extract(text, base)
    except Exception:  # noqa: BLE001 - pyRdfa names no exceptions; a page must not end the run by its markup
        return []
    return found


def _top(node: Any) -> Iterator[Node]:
    """A node, or those of its @graph."""
    if isinstance(node, list):
        for one in node:
            yield from _top(one)
    elif isinstance(node, dict):
        graph = node.pop("graph", None)
        yield from _top(graph)
        if len(node) > 1 or (node and graph is None):
            yield node


def _plain(value: Any, depth: int) -> Any:
    """A value with short names: of expanded JSON-LD, of microdata ({type, properties}), of RDFa."""
    if depth > _DEPTH:
        return None
    if isinstance(value, list):
        parts = [plain for one in value if (plain := _plain(one, depth + 1)) not in (None, "")]
        return parts[0] if len(parts) == 1 else parts or None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, dict):
        return clean(value).strip() if isinstance(value, str) else value
    if "@value" in value:
        return _plain(value["@value"], depth + 1)
    if isinstance(value.get("properties"), dict):  # microdata
        own = {name: value[name] for name in ("id", "type") if name in value}
        value = {**value["properties"], **own}
    out: Node = {}
    for name, one in value.items():
        short = _short(str(name)).removeprefix("@")
        plain = _plain(one, depth + 1)
        if plain in (None, "", []) or short == "context":
            continue
        if short == "type":
            plain = [_short(str(kind)) for kind in (plain if isinstance(plain, list) else [plain])]
        out.setdefault(short, plain)
    return out or None


def _short(name: str) -> str:
    for vocabulary in _VOCABULARIES:
        if name.startswith(vocabulary):
            return name[len(vocabulary) :]
    return name


def _walk(value: Any, depth: int) -> Iterator[Node]:
    """All nodes, inner ones too."""
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _walk(one, depth + 1)


def _resolved(value: Any, known: dict[str, Node], above: tuple[str, ...]) -> Any:
    """The value with references replaced by what they mean; a circle is left as a reference."""
    if len(above) > 8:
        return value
    if isinstance(value, list):
        return [_resolved(one, known, above) for one in value]
    if not isinstance(value, dict):
        return value
    name = str(value.get("id", ""))
    if name in known and name not in above:
        value = {**known[name], **value}
        above = (*above, name)
    elif name in above:
        return {"id": name}
    return {key: one if key in ("id", "type") else _resolved(one, known, above) for key, one in value.items()}


def _named(value: Any) -> Any:
    """The value without the names of nameless nodes, which are drawn anew at each reading."""
    if isinstance(value, list):
        return [_named(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: _named(one) for key, one in value.items() if key != "id" or not str(one).startswith("_:")}


def _in_fixed_order(value: Any) -> Any:
    """RDF knows no order; the same page must give the same nodes each time."""
    if isinstance(value, list):
        return sorted((_in_fixed_order(one) for one in value), key=as_json)
    return {key: _in_fixed_order(one) for key, one in value.items()} if isinstance(value, dict) else value


def scalar(value: Any) -> str | None:
    """A value as a string: of several the first, of a node its name."""
    if isinstance(value, list):
        return next((text for one in value if (text := scalar(one)) is not None), None)
    if isinstance(value, dict):
        return scalar(value.get("name") or value.get("value") or value.get("url") or value.get("id"))
    if value is None or isinstance(value, bool):
        return None
    return clean(str(value)).strip() or None


def many(value: Any) -> list[Any]:
    """A value as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def node_or_empty(value: Any) -> Node:
    """The first node of a value; a bare string is a name."""
    for one in many(value):
        if isinstance(one, dict):
            return one
        if isinstance(one, str) and one:
            return {"name": one}
    return {}


def as_json(node: Any) -> str:
    """A value in a fixed form, to tell two apart."""
    return json.dumps(node, sort_keys=True, ensure_ascii=False)
