"""Checks 7, 8, 12 and 14: fields are of the mapping and fit their use; queries parse and ask for what is written."""

from __future__ import annotations

from collections.abc import Iterator

from adwatch.kibana import kql
from adwatch.kibana.given import Given, Saved, inside, layers, queries, where
from adwatch.kibana.shapes import RECORDS
from adwatch.search.fields import FIELDS

NUMBERS = {"double", "float", "long", "integer"}
LISTED = {"keyword", "boolean", "ip"} | NUMBERS
UNSORTED = frozenset(f.name for f in FIELDS if f.mapping.get("doc_values") is False or f.mapping["type"] == "text")
UNSEARCHED = frozenset(f.name for f in FIELDS if f.mapping.get("index") is False)
"""Kept to be shown only."""


def known(given: Given) -> Iterator[str]:
    """7: every field that is named anywhere is in the mapping."""
    for one in given.objects:
        for name in _named(one):
            if name not in given.types:
                yield f"{where(one)}: {name} is no field of the index"
    for one, query in queries(given):
        for term in _terms(query["query"]):
            if term.field not in given.types:
                yield f"{where(one)}: {term.field} in {query['query']!r} is no field of the index"


def _named(one: Saved) -> Iterator[str]:
    attributes = one["attributes"]
    if one["type"] == "index-pattern":
        yield attributes.get("timeFieldName", "")
        yield from inside(one, "fieldFormatMap") or {}
        yield from inside(one, "fieldAttrs") or {}
    if one["type"] == "search":
        yield from attributes.get("columns", ())
        yield from (field for field, _ in attributes.get("sort", ()))
        yield from attributes.get("grid", {}).get("columns", {})
        for each in (inside(one, "kibanaSavedObjectMeta.searchSourceJSON") or {}).get("filter", ()):
            yield each["meta"]["key"]
            yield each["meta"]["field"]
            yield from each["query"]["match_phrase"]
    for layer in layers(one).values():
        for column in layer["columns"].values():
            if column.get("sourceField") not in (None, RECORDS):
                yield column["sourceField"]
    for control in (inside(one, "controlGroupInput.panelsJSON") or {}).values():
        yield control["explicitInput"]["fieldName"]


def _terms(query: str) -> list[kql.Term]:
    try:
        return kql.terms(query)
    except kql.KqlError:
        return []  # said by check 12


def fitting(given: Given) -> Iterator[str]:
    """8: the type of a field fits its use."""
    for one in given.objects:
        for use, name, allowed in _uses(one):
            kind = given.types.get(name, "absent")
            if kind not in allowed or (name in UNSORTED and use != "time field"):
                yield f"{where(one)}: {name} ({kind}) cannot be a {use}"
    for one, query in queries(given):
        for term in _terms(query["query"]):
            kind = given.types.get(term.field, "absent")
            if term.field in UNSEARCHED or (term.operator != ":" and kind not in NUMBERS | {"date"}):
                yield f"{where(one)}: {term.field} ({kind}) cannot be asked by {term.operator}"


def _uses(one: Saved) -> Iterator[tuple[str, str, set[str]]]:
    if one["type"] == "index-pattern" and "timeFieldName" in one["attributes"]:
        yield "time field", one["attributes"]["timeFieldName"], {"date"}
    if one["type"] == "search":
        for field, _ in one["attributes"].get("sort", ()):
            yield "field to sort by", field, LISTED | {"date"}
    for layer in layers(one).values():
        for column in layer["columns"].values():
            field, operation = column.get("sourceField"), column["operationType"]
            allowed = {
                "date_histogram": {"date"},
                "terms": LISTED,
                "unique_count": LISTED | {"date"},
                "min": NUMBERS | {"date"},
                "max": NUMBERS | {"date"},
            }.get(operation, NUMBERS)
            if field not in (None, RECORDS):
                yield operation, field, allowed
    for control in (inside(one, "controlGroupInput.panelsJSON") or {}).values():
        yield "control", control["explicitInput"]["fieldName"], LISTED | {"date"}


def spoken(given: Given) -> Iterator[str]:
    """12: queries are KQL that parses; a value of a closed vocabulary is one that the pipeline can write."""
    for one, query in queries(given):
        if query["language"] != "kuery":
            yield f"{where(one)}: the language must be kuery"
            continue
        try:
            found = kql.terms(query["query"])
        except kql.KqlError as error:
            yield f"{where(one)}: {error}"
            continue
        for term in found:
            yield from _value(given, one, term.field, term.value, term.quoted)
    for one in given.of("search"):
        for each in (inside(one, "kibanaSavedObjectMeta.searchSourceJSON") or {}).get("filter", ()):
            yield from _value(given, one, each["meta"]["key"], each["meta"]["params"]["query"], True)


def _value(given: Given, one: Saved, field: str, value: str, quoted: bool) -> Iterator[str]:
    words = given.vocabulary.get(field)
    if words is not None and value not in words and (quoted or value != "*"):
        yield f"{where(one)}: nothing ever writes {value!r} into {field}; it is one of {', '.join(words)}"
    if given.types.get(field) == "boolean" and value not in ("true", "false"):
        yield f"{where(one)}: {field} is true or false, not {value!r}"


def titled(given: Given) -> Iterator[str]:
    """14: a data view asks an alias that the loader writes (its queries are run by the tests, on a real server)."""
    for one in given.of("index-pattern"):
        if one["attributes"].get("title") not in given.aliases:
            yield f"{where(one)}: title must be one of {', '.join(sorted(given.aliases))}"
