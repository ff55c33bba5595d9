"""Checks 9 and 10: Lens panels hang together; dashboards lie within their grid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adwatch.kibana.given import Given, Saved, inside, layers, where
from adwatch.kibana.shapes import RECORDS, VISUALIZATIONS

WIDTH = 48


def lens(given: Given) -> Iterator[str]:
    """9: order, accessors and columns of a panel are the same set; buckets first; a terms is ordered by a metric."""
    for one in given.of("lens"):
        kind = one["attributes"]["visualizationType"]
        if kind not in VISUALIZATIONS:
            yield f"{where(one)}: {kind} is none of {', '.join(VISUALIZATIONS)}"
        shown = one["attributes"]["state"]["visualization"]
        parts = shown.get("layers", [shown])
        for part in parts:
            if part.get("layerId") not in layers(one):
                yield f"{where(one)}: layerId {part.get('layerId')} is no layer"
        for name, layer in layers(one).items():
            yield from _layer(one, layer, [p for p in parts if p.get("layerId") == name])


def _layer(one: Saved, layer: dict[str, Any], parts: list[dict[str, Any]]) -> Iterator[str]:
    columns, order = layer["columns"], layer["columnOrder"]
    if sorted(order) != sorted(columns):
        yield f"{where(one)}: columnOrder must name every column once"
        return
    buckets = [columns[name]["isBucketed"] for name in order]
    if buckets != sorted(buckets, reverse=True):
        yield f"{where(one)}: buckets come first in columnOrder"
    shown = [name for part in parts for name in _accessors(part)]
    for name in sorted(set(shown) - set(columns)):
        yield f"{where(one)}: {name} is shown and no column"
    for name in sorted(set(columns) - set(shown)):
        yield f"{where(one)}: column {name} is not shown"
    for name, column in columns.items():
        by = column["params"].get("orderBy", {})
        if by.get("type") == "column" and (by["columnId"] not in columns or columns[by["columnId"]]["isBucketed"]):
            yield f"{where(one)}: {name} is ordered by {by['columnId']}, which is no metric"
        if column["operationType"] == "count" and column.get("sourceField") != RECORDS:
            yield f"{where(one)}: a count's sourceField is {RECORDS}"


def _accessors(part: dict[str, Any]) -> Iterator[str]:
    for key in ("xAccessor", "splitAccessor", "metricAccessor"):
        if key in part:
            yield part[key]
    for key in ("accessors", "primaryGroups", "metrics"):
        yield from part.get(key, ())
    yield from (column["columnId"] for column in part.get("columns", ()))


def dashboards(given: Given) -> Iterator[str]:
    """10: panels lie in the grid and do not overlap; controls are counted from 0; times are there."""
    for one in given.of("dashboard"):
        taken: dict[tuple[int, int], str] = {}
        seen: set[str] = set()
        kinds = {each["name"]: each["type"] for each in one["references"]}
        for panel in inside(one, "panelsJSON") or ():
            name, grid = panel["panelIndex"], panel["gridData"]
            if grid["i"] != name or name in seen:
                yield f"{where(one)}: panel {name}: gridData.i must be panelIndex, each once"
            seen.add(name)
            if not (grid["x"] >= 0 and grid["x"] + grid["w"] <= WIDTH and grid["w"] >= 1 and grid["h"] >= 1):
                yield f"{where(one)}: panel {name} lies outside the {WIDTH} columns"
            cells = [
                (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
            ]
            over = {taken[cell] for cell in cells if cell in taken}
            for other in sorted(over):
                yield f"{where(one)}: panel {name} overlaps {other}"
            taken.update(dict.fromkeys(cells, name))
            ref = f"{name}:{panel.get('panelRefName')}"
            if "panelRefName" in panel and kinds.get(ref, panel["type"]) != panel["type"]:
                yield f"{where(one)}: panel {name} is a {panel['type']}, its reference a {kinds[ref]}"
        yield from _frame(one)


def _frame(one: Saved) -> Iterator[str]:
    attributes = one["attributes"]
    controls = inside(one, "controlGroupInput.panelsJSON") or {}
    if sorted(each["order"] for each in controls.values()) != list(range(len(controls))):
        yield f"{where(one)}: the order of the controls must be 0 to {len(controls) - 1}"
    if attributes.get("timeRestore") and not (attributes.get("timeFrom") and attributes.get("timeTo")):
        yield f"{where(one)}: timeRestore wants timeFrom and timeTo"
    if not {"pause", "value"} <= set(attributes.get("refreshInterval", {"pause": 0, "value": 0})):
        yield f"{where(one)}: refreshInterval has pause and value"
