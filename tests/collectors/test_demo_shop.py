"""The demo's shop patrolled over HTTP with the shipped platform file: every listing found, each as it stands there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwatch.archive import Archive, captures_from_archive, read_body
from adwatch.evidence import verify
from adwatch.http import Tools
from adwatch.models import Capture, Listing
from adwatch.settings import load_settings
from adwatch_demo.server import ShopServer, goods_on
from collectors.registry import load_platforms
from collectors.source import make_refetch, make_source
from tests.http.conftest import FakeClock, FakeLimiter

DAY = "2026-11-16"


@pytest.fixture
def shop() -> Iterator[ShopServer]:
    """The shop on its first day."""
    with ShopServer(0, 1) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def test_patrol_of_the_demo_shop(shop: ShopServer, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, demo=True, demo_url=shop.url, _env_file=None)
    spec = load_platforms(settings)["demo_shop"]
    limiter = FakeLimiter()
    source = make_source(spec, Tools(limiter, FakeClock(), sleep=lambda _: None))
    with Archive(tmp_path, "r1") as archive:
        told = list(source.collect(DAY, ["电工", "没有这种东西"], archive.keep))
        assert [one for one in told if not isinstance(one, Capture)] == []
        listings: dict[str, Listing] = {}
        for capture in captures_from_archive(tmp_path, DAY):
            for found in source.extract(capture, read_body(tmp_path, capture)):
                assert isinstance(found, Listing), found
                listings[found.native_id] = found
        refetch = make_refetch(spec, Tools(limiter, FakeClock(), sleep=lambda _: None))
        first = next(iter(listings.values()))
        assert refetch(first, DAY, archive.keep).word == "up"
        shop.goods = [row for row in shop.goods if row["id"] != first.native_id]
        assert refetch(first, DAY, archive.keep).word == "gone"
        refetch.client.close()
    source.close()
    truth = {row["id"]: row for row in goods_on(1)}
    assert set(listings) == set(truth)
    for native_id, row in truth.items():
        found = listings[native_id]
        assert (found.title, found.seller_id, found.seller_name) == (row["title"], row["seller_id"], row["seller_name"])
        assert (found.text or "").split() == row["text"].split()
        assert found.seller_region == row["seller_region"]
        assert found.posted_at is not None
    assert {host for host, _ in limiter.waits} == {shop.url.removeprefix("http://")}
    assert verify(tmp_path, captures_from_archive(tmp_path, DAY)).ok
