"""Saved searches and Lens panels as the queries that Kibana sends to Elasticsearch for them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from adwatch.kibana import kql
from adwatch.kibana.given import TYPES

Body = dict[str, Any]


def view_of(one: Mapping[str, Any], objects: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Attributes of the data view that a search or panel asks."""
    wanted = next(r["id"] for r in one["references"] if r["type"] == "index-pattern")
    view: Mapping[str, Any] = next(o for o in objects if o["id"] == wanted)["attributes"]
    return view


def search_body(one: Mapping[str, Any], view: Mapping[str, Any], span: Mapping[str, str] | None = None) -> Body:
    """Query and order of a saved search, over its own time range or another."""
    attributes = one["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    filters = [kql.elastic(source["query"]["query"], TYPES)]
    filters += [each["query"] for each in source["filter"] if not each["meta"]["disabled"]]
    filters.append(_within(view["timeFieldName"], span or attributes["timeRange"]))
    return {"query": {"bool": {"filter": filters}}, "sort": [{field: way} for field, way in attributes["sort"]]}


def _within(field: str, span: Mapping[str, str]) -> Body:
    """Between two times, both included; now/d as an end means the end of the day."""
    return {"range": {field: {"gte": span["from"], "lte": span["to"], "format": "strict_date_optional_time"}}}


def lens_body(one: Mapping[str, Any], view: Mapping[str, Any], span: Mapping[str, str] | None = None) -> Body:
    """Query and aggregations of a panel; ``span`` is the dashboard's time range."""
    state = one["attributes"]["state"]
    (layer,) = state["datasourceStates"]["formBased"]["layers"].values()
    filters = [kql.elastic(state["query"]["query"], TYPES)]
    if span is not None:
        filters.append(_within(view["timeFieldName"], span))
    columns = layer["columns"]
    order = layer["columnOrder"]
    inner: Body = {name: _metric(columns[name]) for name in order if not columns[name]["isBucketed"]}
    for name in reversed([name for name in order if columns[name]["isBucketed"]]):
        inner = {name: {**_bucket(columns[name], columns), "aggs": inner}}
    return {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": filters}}, "aggs": inner}


def _metric(column: Mapping[str, Any]) -> Body:
    operation = column["operationType"]
    if operation == "count":
        asked = column.get("filter", {}).get("query", "")
        return {"filter": kql.elastic(asked, TYPES)}
    field = {"field": column["sourceField"]}
    if operation == "median":
        return {"percentiles": {**field, "percents": [50]}}
    return {"cardinality" if operation == "unique_count" else operation: field}


def _bucket(column: Mapping[str, Any], columns: Mapping[str, Any]) -> Body:
    params = column["params"]
    if column["operationType"] == "date_histogram":
        asked = {"field": column["sourceField"], "fixed_interval": params["interval"], "min_doc_count": 1}
        return {"date_histogram": asked}
    if column["operationType"] == "filters":
        parts = {each["label"]: kql.elastic(each["input"]["query"], TYPES) for each in params["filters"]}
        return {"filters": {"filters": parts}}
    by = params["orderBy"]["columnId"]
    key = f"{by}.50" if columns[by]["operationType"] == "median" else by  # of a count: its documents
    return {"terms": {"field": column["sourceField"], "size": params["size"], "order": {key: params["orderDirection"]}}}


def rows(one: Mapping[str, Any], answer: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What a panel shows of the server's answer: a row a combination of buckets, buckets then metrics."""
    state = one["attributes"]["state"]
    (layer,) = state["datasourceStates"]["formBased"]["layers"].values()
    columns = layer["columns"]
    buckets = [name for name in layer["columnOrder"] if columns[name]["isBucketed"]]
    metrics = [name for name in layer["columnOrder"] if not columns[name]["isBucketed"]]

    def walk(found: Mapping[str, Any], left: Sequence[str], path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if not left:
            return [(*path, *(_number(columns[name], found[name]) for name in metrics))]
        below = found[left[0]]["buckets"]
        each = below.items() if isinstance(below, dict) else ((_key(b), b) for b in below)
        return [row for key, bucket in each for row in walk(bucket, left[1:], (*path, key))]

    return walk(answer["aggregations"], buckets, ())


def _key(bucket: Mapping[str, Any]) -> Any:
    return bucket.get("key_as_string", bucket["key"])


def _number(column: Mapping[str, Any], found: Mapping[str, Any]) -> Any:
    if column["operationType"] == "count":
        return found["doc_count"]
    if column["operationType"] == "median":
        return found["values"]["50.0"]
    return found.get("value_as_string", found["value"])
