"""The saved searches (index_mappings/kibana/source.yml) on the embedded index, for an office that has no cluster.

They read every document that has the fields asked for, so that one costs seconds where there are a million. With words,
a link or a contact beside, only what that finds; in a search that names a word of its own (新词) it takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from adwatch.app.kibana import vocabulary
from adwatch.app.office import Office
from adwatch.app.rows import known_platform
from adwatch.errors import UsageError
from adwatch.kibana import kql, source
from adwatch.kibana.matching import FOLDED, Asked, fits, needed
from adwatch.search import Query
from adwatch.search.embedded import EmbeddedIndex
from adwatch.search.fields import FIELDS
from adwatch.search.scanning import scan
from adwatch.text import normal

Row = dict[str, Any]
TIMES = {"hits": "first_flagged_at", "listings": "first_seen"}
"""By which field the period of a search goes."""


def searches() -> list[Row]:
    """Each with ``name`` (01), ``title``, ``about``, and the source's own keys."""
    return [{**each, "name": each["title"].split()[0]} for each in source.load()["searches"]]


def named(name: str) -> Row:
    """One by its number, its title with or without the number, or its id."""
    for each in searches():
        if name.strip() in (each["name"], each["id"], each["title"], each["title"].partition(" ")[2]):
            return each
    known = "；".join(each["title"] for each in searches())
    raise UsageError(f"--saved {name[:40]}: 没有这个检索；可用：{known}")


def run(
    office: Office, name: str, query: str = "", platform: str | None = None, limit: int = 50
) -> tuple[Row, list[Row]]:
    """(the search with ``heads``, its rows in its order: what its columns hold, and ``listing_id``)."""
    one = named(name)
    known_platform(office, platform)
    index = office.index
    if not isinstance(index, EmbeddedIndex):
        raise UsageError("--saved: 检索集群上的这些检索在 Kibana 中使用（adwatch kibana apply）")
    index.prepare()
    tree, only = kql.parse(one["query"]), None
    if query.strip():
        if any(term.field == FOLDED for term in kql.terms(one["query"])):
            tree = _with_word(tree, query)
        else:
            found = index.search(Query(query, everything=True, limit=None))
            only = {hit.body["listing_id"] for hit in found.hits}

    @cache
    def holding(phrase: str) -> set[str]:
        return set(index.holding([normal(phrase)]))

    types = {each.name: each.mapping["type"] for each in FIELDS}
    asked = Asked(types, office.clock.now(), office.settings.zone, holding)
    bodies = scan(index, needed(tree) | {TIMES[one["view"]]})
    kept = [
        body
        for body in bodies
        if (only is None or body["listing_id"] in only)
        and (platform is None or body["platform"] == platform)
        and _within(one, body, asked)
        and fits(tree, body, asked)
    ]
    for field, way in reversed(one["sort"]):
        there = [body for body in kept if body.get(field) not in (None, [])]
        there.sort(key=lambda body, by=field, last=way == "desc": _key(body[by], last), reverse=way == "desc")  # type: ignore[misc]
        kept = [*there, *(body for body in kept if body.get(field) in (None, []))]
    labels = source.load()["labels"]
    heads = [labels.get(column, column) for column in one["columns"]]
    rows = [{name: body.get(name) for name in ("listing_id", *one["columns"])} for body in kept[:limit]]
    return {**one, "heads": heads, "found": len(kept)}, rows


def words(field: str, value: Any) -> str:
    """A value as people read it."""
    known = vocabulary().get(field, {})
    if isinstance(value, list):
        return "、".join(words(field, each) for each in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else known.get(value, str(value))


def _key(value: Any, last: bool) -> Any:
    values = value if isinstance(value, list) else [value]
    return max(values) if last else min(values)


def _within(one: Mapping[str, Any], body: Mapping[str, Any], asked: Asked) -> bool:
    """Whether it lies in the view and the period of a search, and fits its filter."""
    chosen = one.get("filter")
    if chosen and body.get(chosen["field"]) != chosen["value"]:
        return False
    at = kql.Term(TIMES[one["view"]], ">=", one["time"]["from"], False)
    first = fits(at, body, asked)
    return first and fits(replace(at, operator="<=", value=one["time"]["to"]), body, asked)


def _with_word(node: kql.Node | None, word: str) -> kql.Node | None:
    if isinstance(node, kql.Term):
        return replace(node, value=word) if node.field == FOLDED else node
    if node is None:
        return None
    return kql.Group(node.word, tuple(each for part in node.parts if (each := _with_word(part, word)) is not None))
