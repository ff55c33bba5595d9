"""Checks 1 to 6: lines, types, versions, attributes, references."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from adwatch.kibana.given import Given, Saved, at, inside, layers, where
from adwatch.kibana.shapes import CORE_VERSION, SEARCH_SOURCE, SHAPES

KEYS = {"type", "id", "attributes", "references", "coreMigrationVersion", "typeMigrationVersion", "managed"}


def lines(given: Given) -> Iterator[str]:
    """1: every line is an object with exactly the keys that an import wants; UTF-8, .ndjson."""
    if not given.name.endswith(".ndjson"):
        yield f"{given.name}: the name must end in .ndjson"
    try:
        text = given.data.decode()
    except UnicodeDecodeError as error:
        yield f"{given.name}: no UTF-8 ({error})"
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except ValueError as error:
            yield f"{given.name}:{number}: no JSON ({error})"
            continue
        if not isinstance(one, dict) or not KEYS - {"managed"} <= set(one) <= KEYS:
            yield f"{given.name}:{number}: keys must be {', '.join(sorted(KEYS))}"
        elif not (isinstance(one["attributes"], dict) and isinstance(one["references"], list) and one["id"]):
            yield f"{given.name}:{number}: id, attributes (object) and references (list) are wanted"


def identity(given: Given) -> Iterator[str]:
    """2: known types, each (type, id) once, the bytes that the source gives."""
    for one in given.objects:
        if one["type"] not in SHAPES:
            yield f"{where(one)}: the type is none of {', '.join(SHAPES)}"
    for name, count in Counter(where(one) for one in given.objects).items():
        if count > 1:
            yield f"{name}: stands {count} times in the file; Kibana refuses it whole"
    if given.data != given.expected:
        yield f"{given.name}: is not what index_mappings/kibana/source.yml gives; run make docs"


def versions(given: Given) -> Iterator[str]:
    """3: migration versions are those pinned for 8.19."""
    for one in given.objects:
        if one["coreMigrationVersion"] != CORE_VERSION:
            yield f"{where(one)}: coreMigrationVersion must be {CORE_VERSION}"
        shape = SHAPES.get(one["type"])
        if shape and one["typeMigrationVersion"] != shape.version:
            yield f"{where(one)}: typeMigrationVersion must be {shape.version}"


def attributes(given: Given) -> Iterator[str]:
    """4: attributes are of the closed list, the required there, strings of JSON strings that parse to their kind."""
    for one in given.objects:
        shape = SHAPES.get(one["type"])
        if shape is None:
            continue
        names = set(one["attributes"])
        for name in sorted(names - shape.attributes):
            yield f"{where(one)}: attribute {name} is unknown to Kibana 8.19"
        for name in sorted(shape.required - names):
            yield f"{where(one)}: attribute {name} is missing"
        for path, kind in shape.strings.items():
            text = at(one["attributes"], path)
            if text is not None and not isinstance(text, str):
                yield f"{where(one)}: {path} must be a string that holds JSON"
            elif text is not None and not isinstance(inside(one, path), kind):
                yield f"{where(one)}: {path} does not hold a JSON {kind.__name__}"


def closed(given: Given) -> Iterator[str]:
    """5: every reference leads to an object of the file; Kibana itself does not look at lens and tag."""
    known = {(one["type"], one["id"]) for one in given.objects}
    for one in given.objects:
        names = Counter(str(each.get("name")) for each in one["references"])
        for name, count in names.items():
            if count > 1:
                yield f"{where(one)}: two references are named {name}"
        for each in one["references"]:
            if set(each) != {"name", "type", "id"}:
                yield f"{where(one)}: a reference has name, type and id and no more"
            elif (each["type"], each["id"]) not in known:
                yield f"{where(one)}: {each['name']} leads to {each['type']}:{each['id']}, which is not in the file"


def used(given: Given) -> Iterator[str]:
    """6: every place that wants a reference has it, and none is left over."""
    for one in given.objects:
        names = {str(each.get("name")) for each in one["references"]}
        tags = {name for name in names if name.startswith("tag-ref-")}
        wanted = set(_wanted(one))
        for name in sorted(wanted - names):
            yield f"{where(one)}: {name} has no reference"
        for name in sorted(names - wanted - tags):
            yield f"{where(one)}: the reference {name} is used nowhere"
        for each in one["references"]:
            if each.get("type") == "tag" and each.get("name") != f"tag-ref-{each.get('id')}":
                yield f"{where(one)}: {each.get('name')} must be tag-ref-{each.get('id')}"


def _wanted(one: Saved) -> Iterator[str]:
    source: Any = inside(one, SEARCH_SOURCE) or {}
    if "indexRefName" in source or one["type"] == "search":
        yield source.get("indexRefName", f"{SEARCH_SOURCE}.index")
    for each in source.get("filter", ()):
        yield each["meta"].get("indexRefName", "a filter's meta.index")
    for name in layers(one):
        yield f"indexpattern-datasource-layer-{name}"
    for each in inside(one, "panelsJSON") or ():
        if "panelRefName" in each:
            yield f"{each['panelIndex']}:{each['panelRefName']}"
    for name in inside(one, "controlGroupInput.panelsJSON") or ():
        yield f"controlGroup_{name}:optionsListDataView"
