"""Pieces that several types of saved objects have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from adwatch.kibana.shapes import CORE_VERSION, SEARCH_SOURCE, SHAPES


def compact(value: Any) -> str:
    """JSON with sorted keys and no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def saved(
    kind: str, name: str, attributes: Mapping[str, Any], references: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """One line of the file."""
    return {
        "type": kind,
        "id": name,
        "attributes": dict(attributes),
        "references": list(references),
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": SHAPES[kind].version,
        "managed": False,
    }


def reference(kind: str, target: str, name: str) -> dict[str, str]:
    """One reference."""
    return {"type": kind, "id": target, "name": name}


def search_source(query: str, view: str, phrase: Mapping[str, str] | None) -> tuple[str, list[dict[str, str]]]:
    """The string of a search's source, and the references that it names."""
    index = f"{SEARCH_SOURCE}.index"
    references = [reference("index-pattern", view, index)]
    filters = []
    if phrase is not None:
        name = f"{SEARCH_SOURCE}.filter[0].meta.index"
        references.append(reference("index-pattern", view, name))
        field, value = phrase["field"], phrase["value"]
        meta = {
            "alias": None,
            "disabled": False,
            "negate": False,
            "key": field,
            "field": field,
            "type": "phrase",
            "params": {"query": value},
            "indexRefName": name,
        }
        filters.append({"$state": {"store": "appState"}, "meta": meta, "query": {"match_phrase": {field: value}}})
    source = {"query": {"query": query, "language": "kuery"}, "filter": filters, "indexRefName": index}
    return compact(source), references
