"""Each saved search and each Lens panel, as the query that Kibana sends, on a real Elasticsearch: the store's numbers.

Kibana itself is not run: its translation of KQL and Lens into queries is ours here (tests.kibana.translate).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from inspect import signature
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from adwatch.kibana import build, kql
from adwatch.kibana.given import TYPES
from adwatch.search import push
from tests.kibana.translate import lens_body, rows, search_body, view_of
from tests.kibana.world import COUNT, VOCABULARY, WORDS, fill, stored
from tests.search.conftest import close, make_engine, make_index
from tests.search.world import NOW

Row = dict[str, Any]
OBJECTS = {one["id"]: one for one in build(VOCABULARY)}
SEARCHES = [name for name, one in OBJECTS.items() if one["type"] == "search"]
PANELS = [name for name, one in OBJECTS.items() if one["type"] == "lens"]
WAITING = ("registered", "doubtful", "reopened")

pytestmark = pytest.mark.slow


def anchored(value: Any) -> Any:
    """The same query asked at the world's own now, whatever the day is."""
    if isinstance(value, dict):
        return {key: anchored(each) for key, each in value.items()}
    if isinstance(value, list):
        return [anchored(each) for each in value]
    if isinstance(value, str) and (value == "now" or value.startswith(("now-", "now/"))):
        return f"{NOW:%Y-%m-%dT%H:%M:%S.678Z}||{value[3:]}"
    return value


class Office:
    """The world in the store and in the index."""

    def __init__(self, folder: Path) -> None:
        self.engine = make_engine(folder)
        self.index: Any = make_index("elastic", folder)
        fill(self.engine)
        report = push(self.engine, self.index)
        assert (report.kept, dict(report.dropped)) == (COUNT, {})
        self.index.refresh()
        self.rows = stored(self.engine)
        self.hits = [r for r in self.rows if r["band"] == "flagged" or r["first_flagged_at"] or r["state"]]

    def ask(self, view: Any, body: dict[str, Any]) -> Any:
        """The server's answer."""
        name = {"adwatch-hits": "hits", "adwatch-listings": "listings"}[view["title"]]
        return self.index.client.search(index=f"{self.index.prefix}-{name}", **anchored(body)).body


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One for all."""
    made = Office(tmp_path_factory.mktemp("kibana"))
    yield made
    made.index.drop()
    close(made.index)
    made.engine.dispose()


def ago(days: int) -> datetime:
    """A span's beginning."""
    return NOW - timedelta(days=days)


def overdue(r: Row) -> bool:
    """The store's own meaning: sent, past the deadline, not gone."""
    return r["asked"] == "sent" and r["deadline_at"] < NOW and r["word"] != "gone"


def late(r: Row) -> bool:
    """Waiting for five days."""
    return r["state"] in WAITING and r["registered_at"] <= ago(5)


DAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
MONTH = datetime(NOW.year, NOW.month, 1, tzinfo=UTC)

FOUND: dict[str, tuple[str, Callable[[Row], bool]]] = {
    "adwatch-s01": ("all", lambda r: r["url_norm"] is not None),
    "adwatch-s02": ("hits", lambda r: r["band"] == "flagged" and r["scope"] == "safety_production" and r["first_flagged_at"] >= DAY),
    "adwatch-s03": ("hits", late),
    "adwatch-s04": ("all", lambda r: bool(r["contacts"])),
    "adwatch-s05": ("all", lambda r: "包过" in r["title"] and r["day"] >= f"{ago(89):%Y-%m-%d}"),
    "adwatch-s06": ("hits", lambda r: r["decision"] == "confirm"),
    "adwatch-s07": ("hits", overdue),
    "adwatch-s08": ("hits", lambda r: bool(r["relisted_day"] or r["relisted_of"])),
    "adwatch-s09": ("hits", lambda r: bool(r["seller_region"] and r["registered_at"]) and r["state"] not in ("closed", "dismissed", "excluded")),
    "adwatch-s10": ("hits", lambda r: r["decision"] == "confirm" and (r["verified_day"] or "") >= f"{MONTH:%Y-%m-%d}" and r["decided_scope"] == "safety_production"),
    "adwatch-s11": ("hits", lambda r: r["tier"] == "folded" and r["band"] == "flagged" and r["first_flagged_at"] >= ago(90)),
    "adwatch-s12": ("all", lambda r: r["kind"] == "tip"),
}  # fmt: skip


def test_every_search_and_panel_is_asked_here() -> None:
    assert sorted(FOUND) == sorted(SEARCHES)
    assert sorted(SHOWN) == sorted(PANELS)


@pytest.mark.parametrize("name", sorted(FOUND))
def test_a_saved_search_finds_what_the_store_has(office: Office, name: str) -> None:
    one = OBJECTS[name]
    view = view_of(one, list(OBJECTS.values()))
    where, true = FOUND[name]
    assert view["title"] == {"all": "adwatch-listings", "hits": "adwatch-hits"}[where]
    wanted = {r["key"] for r in (office.rows if where == "all" else office.hits) if true(r)}
    answer = office.ask(view, {**search_body(one, view), "size": 2 * COUNT})
    found = [hit["_source"] for hit in answer["hits"]["hits"]]
    assert {body["listing_id"] for body in found} == wanted
    assert 0 < len(wanted) == len(found) < COUNT
    field, way = one["attributes"]["sort"][0]
    keys = [body[field] for body in found if field in body]
    assert keys == sorted(keys, reverse=way == "desc")
    for column in one["attributes"]["columns"]:
        assert any(column in body for body in found) or column in ("uscc", "contact_keys"), f"{column} is empty in every row"


Buckets = Sequence[Callable[[Row], Sequence[Any]]]
Metrics = Sequence[Callable[[list[Row]], Any]]


def table(found: Sequence[Row], buckets: Buckets, metrics: Metrics) -> set[tuple[Any, ...]]:
    """A row a combination of buckets that occurs, then its metrics."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in found:
        paths: list[tuple[Any, ...]] = [()]
        for bucket in buckets:
            paths = [(*path, key) for path in paths for key in bucket(row)]
        for path in paths:
            groups[path].append(row)
    return {(*path, *(metric(group) for metric in metrics)) for path, group in groups.items()}


def by(field: str) -> Callable[[Row], Sequence[Any]]:
    """Values of a field, none where it is absent."""
    return lambda r: r[field] if isinstance(r[field], list) else [r[field]] if r[field] is not None else []


def day(field: str) -> Callable[[Row], Sequence[Any]]:
    """Its day."""
    return lambda r: [] if r[field] is None else [r[field] if isinstance(r[field], str) else f"{r[field]:%Y-%m-%d}"]


def count(true: Callable[[Row], bool] = lambda r: True) -> Callable[[list[Row]], int]:
    """How many are so."""
    return lambda group: sum(1 for r in group if true(r))


def middle(group: list[Row]) -> float | None:
    """Median hours from the sending to the removal."""
    hours = [r["hours"] for r in group if r["hours"] is not None]
    return round(median(hours), 3) if hours else None


def flagged(r: Row) -> bool:
    """By its newest verdict."""
    return bool(r["band"] == "flagged")


def gone(r: Row) -> Sequence[str]:
    """The two parts of the chart."""
    return ["已下架" if r["word"] == "gone" else "未下架"]


SHOWN: dict[str, tuple[str, Callable[[Row], bool], Buckets, Metrics]] = {
    "adwatch-seen": ("all", lambda r: True, (day("day"), by("platform")), (count(),)),
    "adwatch-flagged": ("hits", lambda r: True, (day("first_flagged_at"), by("platform")), (count(),)),
    "adwatch-freshness": ("all", lambda r: True, (by("platform"),), (count(), count(flagged), count(lambda r: r["band"] is None), lambda g: max(r["last_seen_day"] for r in g))),
    "adwatch-total": ("all", lambda r: True, (), (count(),)),
    "adwatch-now-flagged": ("hits", lambda r: True, (), (count(flagged),)),
    "adwatch-states": ("hits", lambda r: True, (by("state"),), (count(),)),
    "adwatch-waiting": ("hits", lambda r: True, (), (count(late),)),
    "adwatch-overdue": ("hits", lambda r: True, (), (count(overdue),)),
    "adwatch-waiting-kinds": ("hits", lambda r: r["state"] in WAITING, (by("owner"),), (count(), lambda g: f"{min(r['registered_at'] for r in g):%Y-%m-%d}")),
    "adwatch-platforms": ("hits", lambda r: True, (by("platform"),), (
        count(lambda r: r["decision"] == "confirm"), count(lambda r: r["asked"] == "sent"), count(lambda r: r["word"] == "gone"),
        count(lambda r: r["word"] in ("up", "changed")), count(lambda r: r["word"] == "moved"), count(lambda r: bool(r["verified_day"])), middle, count(lambda r: bool(r["relisted_day"])), count(overdue))),
    "adwatch-sellers": ("hits", flagged, (by("seller_name"),), (count(), lambda g: len({r["platform"] for r in g}), lambda g: round(median(r["score"] for r in g), 3))),
    "adwatch-due": ("hits", lambda r: r["asked"] == "sent", (day("deadline_at"), gone), (count(),)),
    "adwatch-classes": ("hits", lambda r: True, (day("first_flagged_at"), by("types")), (count(),)),
    "adwatch-families": ("hits", lambda r: True, (by("families"),), (count(),)),
    "adwatch-disguises": ("hits", lambda r: True, (by("disguises"),), (count(),)),
    "adwatch-trend-platforms": ("hits", lambda r: True, (by("platform"),), (count(),)),
    "adwatch-regions": ("hits", lambda r: True, (by("seller_region"),), (count(), lambda g: len({r["seller_name"] for r in g}))),
}  # fmt: skip

SPANS = {None: lambda r, where: True, "now-30d": lambda r, where: (r["day"] >= f"{ago(29):%Y-%m-%d}") if where == "all" else r["first_flagged_at"] >= ago(30)}


def plain(cell: Any) -> Any:
    """Times as days, numbers as the store has them."""
    if isinstance(cell, str) and cell[4:5] == "-" and cell[10:11] == "T":
        return cell[:10]
    return round(cell, 3) if isinstance(cell, float) else cell


@pytest.mark.parametrize("since", SPANS)
@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_panel_shows_the_stores_numbers(office: Office, name: str, since: str | None) -> None:
    one = OBJECTS[name]
    view = view_of(one, list(OBJECTS.values()))
    where, true, buckets, metrics = SHOWN[name]
    found = [r for r in (office.rows if where == "all" else office.hits) if true(r) and SPANS[since](r, where)]
    answer = office.ask(view, lens_body(one, view, {"from": since, "to": "now"} if since else None))
    shown = [tuple(plain(cell) for cell in row) for row in rows(one, answer)]
    if buckets and name == "adwatch-due":
        shown = [row for row in shown if row[-1]]  # a part that is empty is shown as 0
    assert len(set(shown)) == len(shown) > 0
    assert set(shown) == table(found, buckets, metrics)
    assert any(row[-1] for row in shown), "nothing but zeros would show nothing"


def test_the_world_has_every_value_that_a_query_asks_for(office: Office) -> None:
    for field, column in (("state", "state"), ("scope", "scope"), ("tier", "tier"), ("decision", "decision"), ("takedown_word", "word")):
        assert {r[column] for r in office.rows} - {None} == set(VOCABULARY[field])
    assert set(WORDS) - {None} == set(VOCABULARY["takedown_word"])
    assert {t for r in office.rows for t in r["types"]} == set(VOCABULARY["offer_types"])
    assert {f for r in office.rows for f in r["families"]} == set(VOCABULARY["certificate_kinds"])


def test_the_data_views_ask_what_the_loader_writes(office: Office) -> None:
    prefix = signature(type(office.index)).parameters["prefix"].default
    titles = {one["attributes"]["title"] for one in OBJECTS.values() if one["type"] == "index-pattern"}
    assert titles == {f"{prefix}-hits", f"{prefix}-listings"}
    assert (office.index.indices.hits_alias, office.index.indices.listings_alias) == (
        f"{office.index.prefix}-hits",
        f"{office.index.prefix}-listings",
    )


def test_what_a_regulator_types(office: Office) -> None:
    """A pasted link, the end of one, words, words with figures: as docs/kibana.md tells them to type it."""
    view = OBJECTS["adwatch-listings"]["attributes"]
    one = next(r for r in office.rows if r["url_norm"])
    for typed, wanted in (
        (f'url_norm : "{one["url_norm"]}"', {one["key"]}),
        ("url_norm : *item?id=77", {r["key"] for r in office.rows if (r["url_norm"] or "").endswith("id=77")}),
        ('normal : "证包过 1 2"', {r["key"] for r in office.rows if "证包过12" in r["title"]}),
        ('normal : "证包过"', {r["key"] for r in office.rows if "证包过" in r["title"]}),
        ('platform : "forum" and flagged : true', {r["key"] for r in office.rows if r["platform"] == "forum" and flagged(r)}),
    ):
        answer = office.ask(view, {"query": kql.elastic(typed, TYPES), "size": 2 * COUNT})
        assert {hit["_id"] for hit in answer["hits"]["hits"]} == wanted, typed
