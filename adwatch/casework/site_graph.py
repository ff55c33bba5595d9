"""The network round a site: listings that lead to it, other sites that show the same, as data, JSON and GraphML.

A node is a site, a listing or a shared value (contact, template, certificate, address, icon, filing); contacts are
masked, values are digests: the graph goes with a transfer and tells nobody's number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson
from sqlalchemy import Connection

from adwatch.casework.shown import printable
from adwatch.store import sites as store
from adwatch.tables.site_rules import HOW

Row = dict[str, Any]
SCHEMA = "adwatch.site-graph/1"
LABELS = {
    "contact": "联系方式",
    "template": "页面模板",
    "certificate": "TLS证书",
    "address": "服务器地址",
    "icon": "网站图标",
    "filing": "备案号",
}
STEPS = 3
"""Rounds by which the network is widened from the sites it begins with."""
MOST = 500
"""Sites of a network; what lies beyond is counted."""


def network(connection: Connection, site_ids: Iterable[int], most_together: int) -> Row:
    """Nodes and edges of the network that sites belong to; a value that too many sites show joins nobody."""
    found = set(site_ids)
    for _ in range(STEPS):
        marks = store.marks_of(connection, found)
        wider = found | store.sites_with(connection, marks, most_together)
        if wider == found or len(wider) > MOST:
            break
        found = wider
    rows = sorted(store.sites(connection, ids=found), key=lambda row: row["id"])
    nodes: list[Row] = [_site(row) for row in rows]
    edges: list[Row] = []
    holders: dict[tuple[str, str], list[Row]] = {}
    for mark in store.marks_of(connection, found):
        holders.setdefault((mark["kind"], mark["value"]), []).append(mark)
    for number, ((kind, value), held) in enumerate(sorted(holders.items())):
        if 1 < len(held) <= most_together:
            label = f"{LABELS[kind]} {printable(held[0]['shown'])}"
            nodes.append({"id": f"v{number}", "kind": kind, "label": label, "value": value[:16]})
            edges += [{"from": f"s{mark['site_id']}", "to": f"v{number}", "how": LABELS[kind]} for mark in held]
    listed: set[int] = set()
    for seen in store.sightings_of(connection, found):
        if seen["listing_id"] is None:
            continue
        if seen["listing_id"] not in listed:
            listed.add(seen["listing_id"])
            key, about = seen["listing_key"].hex(), {"platform": seen["platform"], "case_id": seen["case_id"]}
            nodes.append({"id": f"l{seen['listing_id']}", "kind": "listing", "label": key[:12], "key": key, **about})
        edges.append({"from": f"l{seen['listing_id']}", "to": f"s{seen['site_id']}", "how": HOW[seen["how"]]})
    return {"schema": SCHEMA, "nodes": nodes, "edges": sorted(edges, key=lambda each: tuple(each.values()))}


def _site(row: Row) -> Row:
    return {
        "id": f"s{row['id']}",
        "kind": row["kind"],
        "label": printable(row["name"]),
        "word": row["word"] or "",
        "case_id": row["case_id"],
        "lead_number": row["lead_number"] or "",
    }


def as_json(graph: Row) -> bytes:
    """The graph as JSON."""
    return orjson.dumps(graph, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


_FIELDS = ("kind", "label", "word", "case_id", "lead_number", "platform", "key", "value")


def as_graphml(graph: Row) -> bytes:
    """The graph as GraphML 1.0, as Gephi, yEd and NetworkX read it."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *(f'<key id="{name}" for="node" attr.name="{name}" attr.type="string"/>' for name in _FIELDS),
        '<key id="how" for="edge" attr.name="how" attr.type="string"/>',
        '<graph edgedefault="directed">',
    ]
    for node in graph["nodes"]:
        data = "".join(_data(name, node[name]) for name in _FIELDS if node.get(name) not in (None, ""))
        lines.append(f"<node id={quoteattr(node['id'])}>{data}</node>")
    for number, edge in enumerate(graph["edges"]):
        ends = f"source={quoteattr(edge['from'])} target={quoteattr(edge['to'])}"
        lines.append(f'<edge id="e{number}" {ends}>{_data("how", edge["how"])}</edge>')
    return "\n".join([*lines, "</graph>", "</graphml>", ""]).encode()


def _data(name: str, value: object) -> str:
    return f'<data key="{name}">{escape(str(value))}</data>'
