"""Makes a Lens panel out of its row in the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adwatch.errors import SpecError
from adwatch.kibana.parts import reference, saved
from adwatch.kibana.shapes import RECORDS

LAYER = "layer-a"

METRICS = {"unique": "unique_count", "median": "median", "max": "max", "min": "min"}
"""Words of the source, and Lens's operations."""

DATES = ("first_seen", "last_seen", "registered_at")
"""Fields whose least or greatest is a date."""


def panel(
    row: Mapping[str, Any], views: Mapping[str, str], labels: Mapping[str, str], worn: Mapping[str, str]
) -> dict[str, Any]:
    """The object; buckets come first in a row's columns."""
    columns = {f"c{at}": _column(row["id"], column, labels) for at, column in enumerate(row["columns"])}
    buckets = [name for name, column in columns.items() if column["isBucketed"]]
    metrics = [name for name in columns if name not in buckets]
    for column in columns.values():
        if column["operationType"] == "terms":
            column["params"]["orderBy"] = {"type": "column", "columnId": metrics[0]}
    layer = {
        "columns": columns,
        "columnOrder": [*buckets, *metrics],
        "incompleteColumns": {},
        "sampling": 1,
        "ignoreGlobalFilters": False,
    }
    kind, visualization = _shown(row["shape"], buckets, metrics)
    state = {
        "visualization": visualization,
        "query": {"query": row.get("query", ""), "language": "kuery"},
        "filters": [],
        "datasourceStates": {"formBased": {"layers": {LAYER: layer}}},
        "internalReferences": [],
        "adHocDataViews": {},
    }
    attributes = {"title": row["title"], "description": "", "visualizationType": kind, "state": state}
    view = reference("index-pattern", views[row["view"]], f"indexpattern-datasource-layer-{LAYER}")
    return saved("lens", row["id"], attributes, [view, worn])


def _column(panel_id: str, row: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    if "count" in row:
        made = _made(row["label"], "count", "number", False, RECORDS, {"emptyAsNull": False})
        if row["count"]:
            made["filter"] = {"query": row["count"], "language": "kuery"}
        return made
    if "day" in row:
        params: dict[str, Any] = {"interval": "1d", "includeEmptyRows": True, "dropPartials": False}
        return _made(labels[row["day"]], "date_histogram", "date", True, row["day"], params)
    if "terms" in row:
        params = {
            "size": row["size"],
            "orderDirection": "desc",
            "otherBucket": False,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
            "include": [],
            "exclude": [],
            "includeIsRegex": False,
            "excludeIsRegex": False,
        }
        return _made(labels[row["terms"]], "terms", "string", True, row["terms"], params)
    if "filters" in row:
        parts = [{"label": label, "input": {"query": query, "language": "kuery"}} for label, query in row["filters"]]
        return _made("分项", "filters", "string", True, None, {"filters": parts})
    for word, operation in METRICS.items():
        if word in row:
            kind = "date" if row[word] in DATES else "number"
            return _made(row["label"], operation, kind, False, row[word], {"emptyAsNull": True})
    raise SpecError("source.yml", None, panel_id, f"a column is day, terms, filters, count, {', '.join(METRICS)}")


def _made(
    label: str, operation: str, kind: str, bucketed: bool, field: str | None, params: dict[str, Any]
) -> dict[str, Any]:
    scale = {"date_histogram": "interval", "terms": "ordinal", "filters": "ordinal"}.get(operation, "ratio")
    made: dict[str, Any] = {
        "label": label,
        "customLabel": True,
        "dataType": kind,
        "operationType": operation,
        "isBucketed": bucketed,
        "scale": scale,
        "params": params,
    }
    if field is not None:
        made["sourceField"] = field
    return made


def _shown(shape: str, buckets: Sequence[str], metrics: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Kind of visualization, and its state: every column is shown."""
    layer: dict[str, Any] = {"layerId": LAYER, "layerType": "data"}
    if shape == "metric":
        return "lnsMetric", {**layer, "metricAccessor": metrics[0]}
    if shape == "table":
        columns = [{"columnId": name} for name in (*buckets, *metrics)]
        sorting = {"columnId": metrics[0], "direction": "desc"}
        return "lnsDatatable", {
            **layer,
            "columns": columns,
            "sorting": sorting,
            "paging": {"enabled": True, "size": 20},
        }
    if shape in ("donut", "pie"):
        shown = {
            "primaryGroups": list(buckets),
            "metrics": list(metrics),
            "numberDisplay": "percent",
            "categoryDisplay": "default",
            "legendDisplay": "show",
            "nestedLegend": False,
        }
        return "lnsPie", {"shape": shape, "layers": [{**layer, **shown}]}
    series = {**layer, "seriesType": shape, "xAccessor": buckets[0], "accessors": list(metrics)}
    if len(buckets) > 1:
        series["splitAccessor"] = buckets[1]
    return "lnsXY", {
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "preferredSeriesType": shape,
        "layers": [series],
    }
