"""What Kibana 8.19 accepts of each type of saved object: versions, attributes, strings that hold JSON."""

from __future__ import annotations

from dataclasses import dataclass

CORE_VERSION = "8.8.0"
"""Every export of 8.8 and later carries it; a higher one is refused by the server."""

RECORDS = "___records___"
"""The source field of a count."""

VISUALIZATIONS = ("lnsXY", "lnsDatatable", "lnsMetric", "lnsPie")

SEARCH_SOURCE = "kibanaSavedObjectMeta.searchSourceJSON"


def _names(*lines: str) -> frozenset[str]:
    return frozenset(name for line in lines for name in line.split())


@dataclass(frozen=True, slots=True)
class Shape:
    """One type of saved object."""

    version: str
    """Its typeMigrationVersion: old enough for 8.19, as a newer one fails the whole import."""
    attributes: frozenset[str]
    """The closed list; another name is refused by Kibana or by the strict mapping behind it."""
    required: frozenset[str]
    strings: dict[str, type]
    """Attributes (dotted where nested) that are strings holding JSON, with the kind they hold."""


SHAPES = {
    "tag": Shape("8.0.0", frozenset({"name", "description", "color"}), frozenset({"name", "description", "color"}), {}),
    "index-pattern": Shape(
        "8.0.0",
        _names(
            "title name timeFieldName fields sourceFilters fieldFormatMap fieldAttrs runtimeFieldMap typeMeta type ",
            "allowNoIndex allowHidden",
        ),
        frozenset({"title"}),
        {
            "fields": list,
            "sourceFilters": list,
            "fieldFormatMap": dict,
            "fieldAttrs": dict,
            "runtimeFieldMap": dict,
        },
    ),
    "search": Shape(
        "10.5.0",
        _names(
            "title description columns sort grid rowHeight headerRowHeight rowsPerPage sampleSize density hideChart ",
            "breakdownField visContext kibanaSavedObjectMeta isTextBasedQuery usesAdHocDataView timeRestore timeRange ",
            "refreshInterval viewMode hideAggregatedPreview hits version",
        ),
        frozenset({"title", "kibanaSavedObjectMeta"}),
        {SEARCH_SOURCE: dict},
    ),
    "lens": Shape(
        "8.9.0",
        frozenset({"title", "description", "visualizationType", "state"}),
        frozenset({"title", "visualizationType", "state"}),
        {},
    ),
    "dashboard": Shape(
        "10.2.0",
        _names(
            "title description panelsJSON optionsJSON controlGroupInput kibanaSavedObjectMeta timeRestore timeFrom ",
            "timeTo refreshInterval",
        ),
        frozenset({"title", "panelsJSON"}),
        {
            "panelsJSON": list,
            "optionsJSON": dict,
            "controlGroupInput.panelsJSON": dict,
            "controlGroupInput.ignoreParentSettingsJSON": dict,
            SEARCH_SOURCE: dict,
        },
    ),
}
