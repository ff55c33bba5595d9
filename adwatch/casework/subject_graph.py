"""The graph of a subject: accounts on the left, what they share on the right; as data and as SVG.

The SVG has no script, no style and no address in it: it is a picture of its own, and every text is escaped.
"""

from __future__ import annotations

from html import escape
from typing import Any

Row = dict[str, Any]
LINE, LEFT, RIGHT, WIDTH, TOP = 26, 250, 560, 900, 30
"""Height of a line, ends of the two columns, width, first line; in pixels."""
LETTERS = 18
"""Characters of a label, at most."""
NODES = 120
"""Nodes of a column, at most: more cannot be read."""


def graph(subject: Row) -> Row:
    """Nodes (accounts, shared values) and edges of what ``show_subject`` gives; those beyond NODES are counted."""
    shared = subject["shared"][:NODES]
    linked = {account for each in shared for account in each["accounts"]}
    order = {account: at for at, each in enumerate(shared) for account in reversed(each["accounts"])}
    accounts = sorted(subject["accounts"], key=lambda each: (each["account_id"] not in linked, _first(order, each)))
    kept = accounts[:NODES]
    numbers = {each["account_id"] for each in kept}
    nodes: list[Row] = [
        {"id": f"a{each['account_id']}", "kind": "account", "label": each["seller_name"] or "未显示店铺"}
        | {"platform": each["platform"]}
        for each in kept
    ]
    edges: list[Row] = []
    for at, each in enumerate(shared):
        nodes.append({"id": f"v{at}", "kind": each["kind"], "label": each["label"], "shown": each["shown"]})
        edges += [
            {"account": f"a{account}", "value": f"v{at}", "links": each["links"], "weight": each["weight"]}
            for account in each["accounts"]
            if account in numbers
        ]
    left_out = len(accounts) - len(kept) + len(subject["shared"]) - len(shared)
    return {"nodes": nodes, "edges": edges, "left_out": left_out}


def _first(order: dict[int, int], account: Row) -> tuple[int, int]:
    return order.get(account["account_id"], len(order)), account["account_id"]


def svg(drawn: Row) -> str:
    """The graph as one SVG element; lines that are enough alone are whole, others dashed."""
    places: dict[str, int] = {}
    texts: list[str] = []
    rows = {"account": 0, "value": 0}
    for node in drawn["nodes"]:
        side = "account" if node["kind"] == "account" else "value"
        y = places[node["id"]] = TOP + LINE * rows[side]
        rows[side] += 1
        texts.append(_account(node, y) if side == "account" else _value(node, y))
    lines = [
        f'<line stroke="#64748b" x1="{LEFT}" y1="{places[edge["account"]]}" x2="{RIGHT}" y2="{places[edge["value"]]}"'
        f"{'' if edge['links'] else _DASHED}/>"
        for edge in drawn["edges"]
    ]
    height = TOP + LINE * max(rows.values())
    label = f"{rows['account']} 个账号，{rows['value']} 项共同内容"
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return (
        f'<svg class="graph" xmlns="http://www.w3.org/2000/svg" {size} font-size="14" font-family="sans-serif"'
        f' role="img" aria-label="{escape(label)}"><title>{escape(label)}</title>{"".join(lines)}{"".join(texts)}</svg>'
    )


_DASHED = ' stroke-dasharray="4 4"'


def _account(node: Row, y: int) -> str:
    said = escape(f"{_short(node['label'])} · {_short(node.get('platform_label') or node['platform'])}")
    return (
        f'<circle class="account" fill="#1d4ed8" cx="{LEFT}" cy="{y}" r="6"/>'
        f'<text x="{LEFT - 12}" y="{y + 5}" text-anchor="end">{said}</text>'
    )


def _value(node: Row, y: int) -> str:
    said = escape(f"{node['label']} {_short(node['shown'] or '')}".strip())
    classes = escape(f"value {node['kind'].partition('+')[0]}")
    return (
        f'<rect class="{classes}" fill="#b45309" x="{RIGHT - 6}" y="{y - 6}" width="12" height="12"/>'
        f'<text x="{RIGHT + 12}" y="{y + 5}">{said}</text>'
    )


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else text[: LETTERS - 1] + "…"
