"""What the checks look at: the file, its objects, and what the code can write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adwatch.kibana.source import CONSOLE, Vocabulary
from adwatch.search.fields import FIELDS

Saved = dict[str, Any]

TYPES = {item.name: str(item.mapping["type"]) for item in FIELDS}
"""The mapping's types by field."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file of saved objects under test."""

    data: bytes
    objects: list[Saved]
    """Its lines, parsed; empty where a line cannot be parsed (check 1 says so)."""
    vocabulary: Vocabulary
    expected: bytes
    """What the source gives."""
    space: Mapping[str, Any]
    roles: Mapping[str, Mapping[str, Any]]
    name: str = "adwatch.ndjson"
    console: str = CONSOLE
    aliases: frozenset[str] = frozenset({"adwatch-hits", "adwatch-listings"})
    """What the loader writes."""
    types: Mapping[str, str] = field(default_factory=lambda: TYPES)
    """Types of the mapping."""

    def of(self, kind: str) -> Iterator[Saved]:
        """Objects of a type."""
        return (one for one in self.objects if one.get("type") == kind)


def parsed(data: bytes) -> list[Saved]:
    """The lines as objects; none where one is not."""
    try:
        found = [json.loads(line) for line in data.decode().split("\n") if line.strip()]
    except ValueError:
        return []
    return found if all(isinstance(one, dict) for one in found) else []


def at(value: Any, path: str) -> Any:
    """The value at a dotted path; None where there is none."""
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def inside(one: Saved, path: str) -> Any:
    """The JSON in a string attribute; None where it is absent or none (check 4 says so)."""
    text = at(one["attributes"], path)
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def where(one: Saved) -> str:
    """How an object is named in a message."""
    return f"{one.get('type')}:{one.get('id')}"


def layers(one: Saved) -> dict[str, Any]:
    """Layers of a Lens panel."""
    found: dict[str, Any] = at(one["attributes"], "state.datasourceStates.formBased.layers") or {}
    return found


def queries(given: Given) -> Iterator[tuple[Saved, dict[str, str]]]:
    """Every query in the file, with the object that it stands in."""
    for one in given.objects:
        source = inside(one, "kibanaSavedObjectMeta.searchSourceJSON")
        if source:
            yield one, source["query"]
        if one["type"] == "lens":
            yield one, one["attributes"]["state"]["query"]
            for layer in layers(one).values():
                for column in layer["columns"].values():
                    if "filter" in column:
                        yield one, column["filter"]
                    for each in column["params"].get("filters", ()):
                        yield one, each["input"]
