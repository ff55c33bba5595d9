"""Elasticsearch away for days: patrols go on and say so, nothing is lost, it catches up in full batches and in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adwatch.app import Office, schedule
from adwatch.app.patrol import patrol_platform
from adwatch.search import Query, push, verify
from adwatch.settings import Settings
from adwatch.store import schema as s
from adwatch.store.engine import reading
from tests.app.sites import World, goods, serving
from tests.search.conftest import close
from tests.search.servers import Server, started

if TYPE_CHECKING:
    from adwatch.search.elastic import ElasticIndex

pytestmark = [pytest.mark.slow]

DAYS = [f"2026-11-{day}" for day in (18, 19, 20, 21, 22)]
BATCH = 20


@pytest.fixture(scope="module")
def server() -> Server:
    """One that may be killed."""
    return started("away")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(goods(40, 4)) as site:
        made = World(tmp_path, site)
        made.platform()
        yield made


@pytest.fixture
def elastic(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ElasticIndex]:
    """An index on it, by a client that does not wait long."""
    from adwatch.search.elastic import ElasticIndex
    from adwatch.search.elastic_client import connect

    monkeypatch.setattr("adwatch.search.indexer.BATCH", BATCH)
    client = connect(Settings(home=tmp_path / "home", search_url=server.url))
    index = ElasticIndex(client.options(request_timeout=30, max_retries=0), tmp_path / "home", backoff=0.05)
    yield index
    index.drop()
    close(index)


def waiting(office: Office) -> list[tuple[int, int]]:
    """Rows of the outbox, oldest first."""
    with reading(office.engine) as connection:
        return [(row.seq, row.listing_id) for row in connection.execute(s.outbox.select().order_by(s.outbox.c.seq))]


def test_elasticsearch_away_for_days(world: World, elastic: ElasticIndex, server: Server) -> None:
    with world.office() as office:
        office.__dict__["index"] = elastic
        assert patrol_platform(office, DAYS[0], "shop").index == "ok"
        assert waiting(office) == []
        server.kill()
        rows = []
        for number, day in enumerate(DAYS[1:4]):
            world.site.stock += [
                good for good in goods(70, 0) if good.number in range(50 + 5 * number, 55 + 5 * number)
            ]
            for changed in range(10):
                world.site.change(changed, price=f"{number + 2}.00")
            row = patrol_platform(office, day, "shop").as_dict()
            assert (row["outcome"], row["index"], row["new"]) == ("ok", "cannot be reached", 5)
            assert f"连不上 cannot be reached: {len(waiting(office))} 条变更待补送" in row["notes"][0]
            rows.append(row)
        assert "检索索引 index：连不上 cannot be reached" in schedule.day_summary(office, DAYS[2], ["shop"], rows)
        with reading(office.engine) as connection:
            runs = connection.execute(s.run.select()).all()
        assert len(runs) == 4 and all(run.ended_at for run in runs), (
            "none is taken up again, nothing is fetched twice"
        )
        left = waiting(office)
        assert len(left) > 2 * BATCH and len({listing_id for _, listing_id in left}) < len(left), "some waits twice"

        server.start()
        push(office.engine, elastic, limit=BATCH)
        assert waiting(office) == left[BATCH:], "the oldest goes first"
        batches: list[int] = []
        push(office.engine, elastic, progress=batches.append)
        assert batches[:-1] == [BATCH] * (len(batches) - 1) and sum(batches) == len(left) - BATCH, "in full batches"
        assert waiting(office) == []
        found = verify(office.engine, elastic)
        assert found.equal and found.documents == 44 + 15
        newest = elastic.search(Query("劳保手套 3 号", everything=True)).hits[0].body
        assert (newest["price_fen"], newest["last_seen"]) == (400, DAYS[3])
        assert patrol_platform(office, DAYS[4], "shop").index == "ok"


def test_a_read_only_index_has_its_own_word(world: World, elastic: ElasticIndex) -> None:
    with world.office() as office:
        office.__dict__["index"] = elastic
        patrol_platform(office, DAYS[0], "shop")
        ours = f"{elastic.prefix}-*"
        elastic.client.indices.put_settings(index=ours, settings={"index.blocks.read_only": True})
        world.site.change(1, price="2.00")
        row = patrol_platform(office, DAYS[1], "shop")
        elastic.client.indices.put_settings(index=ours, settings={"index.blocks.read_only": None})
        assert (row.outcome, row.index) == ("ok", "read-only") and "索引只读 read-only" in row.notes[0]
        assert waiting(office) != []
        assert patrol_platform(office, DAYS[2], "shop").index == "ok"
        assert waiting(office) == [] and verify(office.engine, elastic).equal
