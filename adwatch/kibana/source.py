"""Makes the saved objects, and the space and roles, of the files in index_mappings/kibana/."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from adwatch.kibana.lens import panel
from adwatch.kibana.parts import compact, reference, saved, search_source
from adwatch.search.fields import FOLDER

SOURCE = FOLDER / "kibana" / "source.yml"
ACCESS = FOLDER / "kibana" / "access.yml"
FILE = FOLDER / "kibana" / "adwatch.ndjson"

CONSOLE = "https://console.example.org"
"""Stands in the shipped file; export and apply put ADWATCH_CONSOLE_URL in its place."""

Vocabulary = Mapping[str, Mapping[str, str]]
"""By field: every value that can be written into it, with its Chinese name."""

Saved = dict[str, Any]


def load(file: Path = SOURCE) -> dict[str, Any]:
    """The source as it is written."""
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


def build(vocabulary: Vocabulary, console: str = CONSOLE, source: Mapping[str, Any] | None = None) -> list[Saved]:
    """All objects, each after those that it refers to."""
    given = source or load()
    tag = given["tag"]
    made = [saved("tag", tag["id"], {key: tag[key] for key in ("name", "description", "color")}, [])]
    worn = reference("tag", tag["id"], f"tag-ref-{tag['id']}")
    views = given["views"]
    ids = {name: view["id"] for name, view in views.items()}
    made += [_view(view, given, vocabulary, console, worn) for view in views.values()]
    made += [_search(one, ids, worn) for one in given["searches"]]
    made += [panel(one, ids, given["labels"], worn) for one in given["panels"]]
    kinds = {one["id"]: one["type"] for one in made}
    made += [_dashboard(one, ids, kinds, given["labels"], worn) for one in given["dashboards"]]
    return made


def ndjson(objects: Sequence[Saved]) -> bytes:
    """The file that Kibana imports: an object a line, keys sorted, no times: the same objects give the same bytes."""
    return "".join(compact(one) + "\n" for one in objects).encode()


def _view(
    view: Mapping[str, Any], source: Mapping[str, Any], vocabulary: Vocabulary, console: str, worn: Saved
) -> Saved:
    link = source["link"]
    formats: dict[str, Any] = {
        link["field"]: {
            "id": "url",
            "params": {
                "type": "a",
                "urlTemplate": console.rstrip("/") + link["path"],
                "labelTemplate": link["label"],
                "openLinkInCurrentTab": False,
            },
        }
    }
    for field, names in vocabulary.items():
        entries = [{"key": value, "value": name} for value, name in names.items()]
        formats[field] = {"id": "static_lookup", "params": {"lookupEntries": entries}}
    attributes = {
        "title": view["title"],
        "name": view["name"],
        "timeFieldName": view["time"],
        "fields": "[]",
        "sourceFilters": "[]",
        "fieldFormatMap": compact(formats),
        "fieldAttrs": compact({name: {"customLabel": label} for name, label in source["labels"].items()}),
        "runtimeFieldMap": "{}",
        "allowHidden": False,
        "allowNoIndex": True,
    }
    return saved("index-pattern", view["id"], attributes, [worn])


def _search(one: Mapping[str, Any], views: Mapping[str, str], worn: Saved) -> Saved:
    view = views[one["view"]]
    phrase = one.get("filter")
    source, references = search_source(one["query"], view, phrase)
    attributes = {
        "title": one["title"],
        "description": one["about"],
        "columns": one["columns"],
        "sort": one["sort"],
        "grid": {"columns": {"title": {"width": 420}}} if "title" in one["columns"] else {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "timeRestore": True,
        "timeRange": one["time"],
        "refreshInterval": {"pause": True, "value": 60000},
        "kibanaSavedObjectMeta": {"searchSourceJSON": source},
    }
    return saved("search", one["id"], attributes, [*references, worn])


def _dashboard(
    one: Mapping[str, Any],
    views: Mapping[str, str],
    kinds: Mapping[str, str],
    labels: Mapping[str, str],
    worn: Saved,
) -> Saved:
    panels: list[Saved] = []
    references, y = [], 0
    for height, *cells in one["rows"]:
        x = 0
        for shown, width in cells:
            index = f"p{len(panels) + 1}"
            grid = {"x": x, "y": y, "w": width, "h": height, "i": index}
            panels.append(
                {
                    "type": kinds[shown],
                    "panelIndex": index,
                    "gridData": grid,
                    "embeddableConfig": {"enhancements": {}},
                    "panelRefName": f"panel_{index}",
                }
            )
            references.append(reference(kinds[shown], shown, f"{index}:panel_{index}"))
            x += width
        y += height
    if one.get("note"):
        panels.append(_note(one["note"], f"p{len(panels) + 1}", y))
    view = views[one["controls"]["view"]]
    controls = {}
    for order, field in enumerate(one["controls"]["fields"]):
        controls[f"c{order + 1}"] = _control(order, view, field, labels[field])
        references.append(reference("index-pattern", view, f"controlGroup_c{order + 1}:optionsListDataView"))
    ignored = ("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations")
    options = {"useMargins": True, "syncColors": False, "syncCursor": True, "syncTooltips": False}
    source = compact({"query": {"query": "", "language": "kuery"}, "filter": []})
    attributes = {
        "title": one["title"],
        "description": one["about"],
        "panelsJSON": compact(panels),
        "optionsJSON": compact(options | {"hidePanelTitles": False}),
        "controlGroupInput": {
            "controlStyle": "oneLine",
            "chainingSystem": "HIERARCHICAL",
            "showApplySelections": False,
            "ignoreParentSettingsJSON": compact(dict.fromkeys(ignored, False)),
            "panelsJSON": compact(controls),
        },
        "timeRestore": True,
        "timeFrom": one["time"]["from"],
        "timeTo": one["time"]["to"],
        "refreshInterval": {"pause": True, "value": 60000},
        "kibanaSavedObjectMeta": {"searchSourceJSON": source},
    }
    return saved("dashboard", one["id"], attributes, [*references, worn])


def _control(order: int, view: str, field: str, label: str) -> Saved:
    return {
        "order": order,
        "width": "medium",
        "grow": True,
        "type": "optionsListControl",
        "explicitInput": {
            "dataViewId": view,
            "fieldName": field,
            "title": label,
            "searchTechnique": "prefix",
            "selectedOptions": [],
            "sort": {"by": "_count", "direction": "desc"},
        },
    }


def _note(text: str, index: str, y: int) -> Saved:
    """A panel of Markdown, below the others."""
    source = {"query": {"query": "", "language": "kuery"}, "filter": []}
    shown = {
        "type": "markdown",
        "title": "",
        "params": {"markdown": text, "fontSize": 12, "openLinksInNewTab": True},
        "uiState": {},
        "data": {"aggs": [], "searchSource": source},
    }
    return {
        "type": "visualization",
        "panelIndex": index,
        "gridData": {"x": 0, "y": y, "w": 48, "h": 5, "i": index},
        "embeddableConfig": {"savedVis": shown},
    }


def space() -> dict[str, Any]:
    """Body that makes the space."""
    return dict(load(ACCESS)["space"])


def roles(region: tuple[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Bodies of the roles by their names; of a region (id, name) only the regulator's, over its documents alone."""
    given = load(ACCESS)["roles"]
    if region is None:
        return {f"adwatch_{name}": body for name, body in given.items()}
    body = json.loads(json.dumps(given["regulator"]))
    for names in body["elasticsearch"]["indices"]:
        names["query"] = compact({"term": {"seller_region": region[1]}})
    return {f"adwatch_regulator_{region[0]}": body}
