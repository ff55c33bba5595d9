"""The saved searches on the embedded index: the store's numbers, as on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from adwatch.app import saved_search
from adwatch.app.office import Office
from adwatch.app.words import STATES
from adwatch.errors import UsageError
from adwatch.kibana import kql
from adwatch.kibana.matching import Asked, fits, moment, needed
from adwatch.search import push
from adwatch.settings import load_settings
from tests.conftest import FixedClock
from tests.kibana.test_queries import FOUND
from tests.kibana.world import COUNT, fill, stored
from tests.search.world import NOW


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The world that the searches are tried on with a cluster, without one."""
    settings = load_settings(home=tmp_path_factory.mktemp("saved"), timezone="UTC")
    with Office(settings, FixedClock(NOW)) as office:
        fill(office.engine)
        office.index.prepare()
        assert push(office.engine, office.index).kept == COUNT
        yield office


@pytest.mark.parametrize("name", sorted(FOUND))
def test_a_saved_search_finds_what_the_store_has(office: Office, name: str) -> None:
    where, true = FOUND[name]
    rows = stored(office.engine)
    hits = [r for r in rows if r["band"] == "flagged" or r["first_flagged_at"] or r["state"]]
    wanted = {r["key"] for r in (rows if where == "all" else hits) if true(r)}
    one, found = saved_search.run(office, name, limit=2 * COUNT)
    assert {row["listing_id"] for row in found} == wanted
    assert 0 < len(wanted) == len(found) == one["found"] < COUNT
    field, way = one["sort"][0]
    keys = [row[field] for row in found if row.get(field)]
    assert keys == sorted(keys, reverse=way == "desc")
    assert len(one["heads"]) == len(one["columns"])


def test_a_name_a_word_and_a_platform_narrow_it(office: Office) -> None:
    assert saved_search.named("03") == saved_search.named("待甄别超过五日") == saved_search.named("adwatch-s03")
    with pytest.raises(UsageError, match="没有这个检索；可用：01 链接是否已知"):
        saved_search.named("99")
    with pytest.raises(UsageError, match="platform"):
        saved_search.run(office, "03", platform="nowhere")
    rows = stored(office.engine)
    link = next(r for r in rows if r["url_norm"])
    _, found = saved_search.run(office, "01", link["url_norm"], limit=COUNT)
    assert link["key"] in {row["listing_id"] for row in found}
    assert len(found) < sum(r["url_norm"] is not None for r in rows)
    _, every = saved_search.run(office, "06", limit=COUNT)
    platform = every[0]["platform"]
    _, some = saved_search.run(office, "06", platform=platform, limit=COUNT)
    assert some == [row for row in every if row["platform"] == platform]
    assert 0 < len(some) < len(every)
    _, none = saved_search.run(office, "05", "没有人用的新词", limit=COUNT)
    assert none == [], "in a search with a word of its own the word takes its place"
    assert saved_search.words("state", "registered") == STATES["registered"]
    assert saved_search.words("relisted", True) == "是"


def test_moments_go_by_the_office_s_zone_and_what_is_rounded_by_its_end() -> None:
    asked = Asked(
        {"day": "date"}, datetime(2026, 11, 30, 18, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"), lambda _: set()
    )

    def at(text: str, up: bool = False) -> str:
        return moment(text, asked, up).astimezone(UTC).isoformat(timespec="milliseconds")

    assert at("now/d") == "2026-11-30T16:00:00.000+00:00"
    assert at("now/d", up=True) == "2026-12-01T15:59:59.999+00:00"
    assert at("now/M") == "2026-11-30T16:00:00.000+00:00"
    assert at("now-1y") == "2025-11-30T18:30:00.000+00:00"
    assert at("now-9M/d") == "2026-02-28T16:00:00.000+00:00"
    with pytest.raises(kql.KqlError):
        moment("now+1d", asked, up=False)
    body = {"listing_id": "1", "day": "2026-12-01", "state": "registered", "flagged": True, "kinds": ["a", "b"], "n": 3}
    for text, true in {
        "day >= now/M": True,
        "day < now/M": False,
        'state : ("closed" or "registered")': True,
        'not state : "registered"': False,
        "flagged : true and kinds : b": True,
        "kinds : c or absent : *": False,
        'not absent : "x"': True,
        "n > 2 and n <= 3": True,
        "state : reg*": True,
        'state : "reg*"': False,
        "": True,
    }.items():
        assert fits(kql.parse(text), body, asked) is true, text
    assert needed(kql.parse('a : "1" and (b : * or b : "2") and not c : "3"')) == {"a", "b"}
