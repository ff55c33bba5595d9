"""Each check of the saved objects is green on the file that ships, and red when the file is broken its way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adwatch.app import kibana as work
from adwatch.kibana import FILE, ndjson
from adwatch.kibana.checks import CHECKS, given, run
from adwatch.kibana.given import Given, inside, parsed
from adwatch.kibana.parts import compact

VOCABULARY = work.vocabulary()
Objects = dict[str, Any]
"""By id."""


def shipped() -> Given:
    return given(FILE.read_bytes(), VOCABULARY)


def broken(change: Callable[[Objects], object]) -> Given:
    """The shipped file after a change to one of its objects."""
    good = shipped()
    change({one["id"]: one for one in good.objects})
    data = ndjson(good.objects)
    return replace(good, data=data, objects=parsed(data))


def within(one: Any, path: str, change: Callable[[Any], object]) -> None:
    """Change the JSON in a string."""
    value = inside(one, path)
    change(value)
    *parents, last = path.split(".")
    holder = one["attributes"]
    for name in parents:
        holder = holder[name]
    holder[last] = compact(value)


SOURCE = "kibanaSavedObjectMeta.searchSourceJSON"


def query(objects: Objects, name: str, text: str) -> None:
    within(objects[name], SOURCE, lambda s: s["query"].update(query=text))


def layer(one: Any) -> Any:
    return one["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["layer-a"]


def column(one: Any, name: str) -> Any:
    return layer(one)["columns"][name]


def panels(objects: Objects, change: Callable[[Any], object]) -> None:
    within(objects["adwatch-d-casework"], "panelsJSON", change)


def controls(objects: Objects, change: Callable[[Any], object]) -> None:
    within(objects["adwatch-d-casework"], "controlGroupInput.panelsJSON", change)


def link(objects: Objects, **changes: Any) -> None:
    within(objects["adwatch-hits"], "fieldFormatMap", lambda f: f["case_id"]["params"].update(changes))


def test_the_shipped_file_passes_every_check() -> None:
    assert run(shipped()) == []
    assert len(shipped().objects) > 30


MUTATIONS: list[tuple[int, str, Callable[[Objects], object]]] = [
    (1, "keys must be", lambda o: o["adwatch"].pop("references")),
    (1, "keys must be", lambda o: o["adwatch"].update(updated_at="2026-11-28T00:00:00Z")),
    (1, "keys must be", lambda o: o["adwatch"].update(version="WzFd")),
    (1, "are wanted", lambda o: o["adwatch"].update(attributes=[])),
    (2, "none of", lambda o: o["adwatch"].update(type="map")),
    (2, "stands 2 times", lambda o: o["adwatch-s01"].update(id="adwatch-s02")),
    (2, "run make docs", lambda o: o["adwatch-s01"]["attributes"].update(title="01 别的")),
    (3, "coreMigrationVersion", lambda o: o["adwatch"].update(coreMigrationVersion="9.0.0")),
    (3, "must be 10.5.0", lambda o: o["adwatch-s01"].update(typeMigrationVersion="10.6.0")),
    (3, "must be 8.9.0", lambda o: o["adwatch-seen"].update(typeMigrationVersion="10.1.0")),
    (3, "must be 10.2.0", lambda o: o["adwatch-d-patrol"].update(typeMigrationVersion="10.3.0")),
    (4, "version is unknown", lambda o: o["adwatch-seen"]["attributes"].update(version=1)),
    (4, "tabs is unknown", lambda o: o["adwatch-s01"]["attributes"].update(tabs=[])),
    (4, "title is missing", lambda o: o["adwatch-d-trends"]["attributes"].pop("title")),
    (4, "must be a string", lambda o: o["adwatch-d-trends"]["attributes"].update(panelsJSON=[])),
    (4, "JSON list", lambda o: o["adwatch-d-trends"]["attributes"].update(panelsJSON="{}")),
    (4, "JSON dict", lambda o: o["adwatch-hits"]["attributes"].update(fieldAttrs="{")),
    (5, "not in the file", lambda o: o["adwatch-seen"]["references"][0].update(id="adwatch-other")),
    (5, "not in the file", lambda o: o["adwatch-d-trends"]["references"][0].update(id="adwatch-gone")),
    (5, "not in the file", lambda o: o["adwatch-s01"]["references"][-1].update(id="other")),
    (5, "two references", lambda o: o["adwatch-s01"]["references"].append(dict(o["adwatch-s01"]["references"][0]))),
    (5, "no more", lambda o: o["adwatch-s01"]["references"][0].update(space="x")),
    (6, "has no reference", lambda o: o["adwatch-s01"]["references"].pop(0)),
    (6, "has no reference", lambda o: o["adwatch-s11"]["references"].pop(1)),
    (6, "has no reference", lambda o: o["adwatch-seen"]["references"].pop(0)),
    (6, "has no reference", lambda o: o["adwatch-d-casework"]["references"].pop(0)),
    (6, "used nowhere", lambda o: controls(o, lambda c: c.pop("c5"))),
    (6, "used nowhere", lambda o: panels(o, lambda p: p.pop())),
    (6, "must be tag-ref-adwatch", lambda o: o["adwatch-s01"]["references"][-1].update(name="tag-ref-other")),
    (7, "nonsense is no field", lambda o: o["adwatch-hits"]["attributes"].update(timeFieldName="nonsense")),
    (7, "nonsense is no field", lambda o: within(o["adwatch-hits"], "fieldFormatMap", lambda f: f.update(nonsense={"id": "x"}))),
    (7, "nonsense is no field", lambda o: within(o["adwatch-hits"], "fieldAttrs", lambda f: f.update(nonsense={}))),
    (7, "nonsense is no field", lambda o: o["adwatch-s01"]["attributes"]["columns"].append("nonsense")),
    (7, "nonsense is no field", lambda o: o["adwatch-s01"]["attributes"].update(sort=[["nonsense", "asc"]])),
    (7, "nonsense is no field", lambda o: o["adwatch-s01"]["attributes"]["grid"]["columns"].update(nonsense={})),
    (7, "nonsense is no field", lambda o: within(o["adwatch-s11"], SOURCE, lambda s: s["filter"][0]["meta"].update(key="nonsense"))),
    (7, "nonsense is no field", lambda o: column(o["adwatch-seen"], "c1").update(sourceField="nonsense")),
    (7, "nonsense is no field", lambda o: controls(o, lambda c: c["c1"]["explicitInput"].update(fieldName="nonsense"))),
    (7, "nonsense in", lambda o: query(o, "adwatch-s01", "flagged : true and nonsense >= 3")),
    (7, "nonsense in", lambda o: column(o["adwatch-platforms"], "c1")["filter"].update(query='nonsense : "x"')),
    (8, "cannot be a time field", lambda o: o["adwatch-hits"]["attributes"].update(timeFieldName="platform")),
    (8, "cannot be a field to sort by", lambda o: o["adwatch-s01"]["attributes"].update(sort=[["title", "asc"]])),
    (8, "cannot be a date_histogram", lambda o: column(o["adwatch-seen"], "c0").update(sourceField="platform")),
    (8, "cannot be a terms", lambda o: column(o["adwatch-seen"], "c1").update(sourceField="normal")),
    (8, "cannot be a terms", lambda o: column(o["adwatch-seen"], "c1").update(sourceField="title")),
    (8, "cannot be a median", lambda o: column(o["adwatch-sellers"], "c3").update(sourceField="platform")),
    (8, "cannot be a max", lambda o: column(o["adwatch-freshness"], "c4").update(sourceField="platform")),
    (8, "cannot be a control", lambda o: controls(o, lambda c: c["c1"]["explicitInput"].update(fieldName="normal"))),
    (8, "cannot be asked by :", lambda o: query(o, "adwatch-s01", 'title : "包过"')),
    (8, "cannot be asked by >", lambda o: query(o, "adwatch-s01", "platform > 3")),
    (9, "none of", lambda o: o["adwatch-seen"]["attributes"].update(visualizationType="lnsGauge")),
    (9, "is no layer", lambda o: o["adwatch-total"]["attributes"]["state"]["visualization"].update(layerId="layer-b")),
    (9, "every column once", lambda o: layer(o["adwatch-seen"])["columnOrder"].pop()),
    (9, "buckets come first", lambda o: layer(o["adwatch-seen"])["columnOrder"].reverse()),
    (9, "no column", lambda o: o["adwatch-total"]["attributes"]["state"]["visualization"].update(metricAccessor="c9")),
    (9, "c4 is not shown", lambda o: o["adwatch-freshness"]["attributes"]["state"]["visualization"]["columns"].pop()),
    (9, "no metric", lambda o: column(o["adwatch-seen"], "c1")["params"]["orderBy"].update(columnId="c0")),
    (9, "___records___", lambda o: column(o["adwatch-total"], "c0").update(sourceField="Records")),
    (10, "must be panelIndex", lambda o: panels(o, lambda p: p[0]["gridData"].update(i="p9"))),
    (10, "outside", lambda o: panels(o, lambda p: p[-1]["gridData"].update(w=49))),
    (10, "overlaps p1", lambda o: panels(o, lambda p: p[1]["gridData"].update(x=0))),
    (10, "its reference a search", lambda o: panels(o, lambda p: p[-1].update(type="lens"))),
    (10, "order of the controls", lambda o: controls(o, lambda c: c["c1"].update(order=7))),
    (10, "wants timeFrom", lambda o: o["adwatch-d-trends"]["attributes"].pop("timeTo")),
    (10, "pause and value", lambda o: o["adwatch-d-trends"]["attributes"].update(refreshInterval={"pause": True})),
    (11, "no field links", lambda o: within(o["adwatch-hits"], "fieldFormatMap", lambda f: f.pop("case_id"))),
    (11, "img and audio", lambda o: link(o, type="img")),
    (11, "must begin with", lambda o: link(o, urlTemplate="https://elsewhere.example/cases/{{value}}")),
    (11, "must begin with", lambda o: link(o, urlTemplate="/cases/{{value}}")),
    (11, "which is encoded", lambda o: link(o, urlTemplate="https://console.example.org/cases/{{rawValue}}")),
    (11, "no runtime fields", lambda o: o["adwatch-hits"]["attributes"].update(runtimeFieldMap='{"a":{"type":"keyword"}}')),
    (11, "'localhost' has no place", lambda o: o["adwatch"]["attributes"].update(description="localhost")),
    (12, "must be kuery", lambda o: within(o["adwatch-s01"], SOURCE, lambda s: s["query"].update(language="lucene"))),
    (12, ") is missing", lambda o: query(o, "adwatch-s01", 'state : ("closed"')),
    (12, "not closed", lambda o: query(o, "adwatch-s01", 'state : "closed')),
    (12, "is no value", lambda o: query(o, "adwatch-s01", "state : and flagged : true")),
    (12, "nothing ever writes 'open'", lambda o: query(o, "adwatch-s01", 'state : "open"')),
    (12, "nothing ever writes 'confirmed'", lambda o: query(o, "adwatch-s06", 'decision : "confirmed"')),
    (12, "nothing ever writes 'tips'", lambda o: within(o["adwatch-s12"], SOURCE, lambda s: s["filter"][0]["meta"]["params"].update(query="tips"))),
    (12, "true or false", lambda o: query(o, "adwatch-s01", "flagged : 1")),
    (13, "2 to 50", lambda o: o["adwatch"]["attributes"].update(name="证")),
    (13, "at most 100", lambda o: o["adwatch"]["attributes"].update(description="巡" * 101)),
    (13, "#RRGGBB", lambda o: o["adwatch"]["attributes"].update(color="blue")),
    (14, "title must be", lambda o: o["adwatch-hits"]["attributes"].update(title="adwatch-hit")),
]  # fmt: skip


@pytest.mark.parametrize(("number", "words", "change"), MUTATIONS, ids=lambda value: value if isinstance(value, (int, str)) else "")
def test_a_broken_file_turns_its_check_red(number: int, words: str, change: Callable[[Objects], object]) -> None:
    found = list(CHECKS[number](broken(change)))
    assert any(words in said for said in found), found


def test_every_check_has_a_mutation() -> None:
    assert {number for number, _, _ in MUTATIONS} == set(CHECKS)


def test_what_is_no_file_of_objects_is_said_first() -> None:
    for data, words in ((b"{", "no JSON"), (b"[]", "keys must be"), (b"\xff", "no UTF-8")):
        found = run(given(data, VOCABULARY))
        assert {number for number, _ in found} == {1}
        assert words in found[0][1]
    assert run(given(FILE.read_bytes(), VOCABULARY, name="objects.json"))[0] == (1, "objects.json: the name must end in .ndjson")


ROLES: list[tuple[str, Callable[[Any], object]]] = [
    ("no right on the cluster", lambda r: r["elasticsearch"]["cluster"].append("monitor")),
    ("only read", lambda r: r["elasticsearch"]["indices"][0]["privileges"].append("write")),
    ("its indices are", lambda r: r["elasticsearch"]["indices"][0].update(names=["adwatch-*"])),
    ("base is empty", lambda r: r["kibana"][0].update(base=["read"])),
    ("the space is", lambda r: r["kibana"][0].update(spaces=["*"])),
    ("looks only", lambda r: r["kibana"][0]["feature"].update(dashboard_v2=["all"])),
    ("looks only", lambda r: r["kibana"][0]["feature"].update(discover=["read"])),
]


@pytest.mark.parametrize(("words", "change"), ROLES)
def test_a_role_that_may_more_turns_the_check_red(words: str, change: Callable[[Any], object]) -> None:
    good = shipped()
    roles = json.loads(json.dumps(good.roles))
    change(roles["adwatch_regulator"])
    assert any(words in said for said in CHECKS[13](replace(good, roles=roles)))
    assert list(CHECKS[13](replace(good, space={"id": "Ad Watch"}))) != []
