"""Our indexer's rate beside a bare ``helpers.parallel_bulk`` of the same documents, and searches meanwhile, in one run.

    python -m bench elastic [--url http://127.0.0.1:9200] [--documents 40000] [--rounds 3]

Without --url the server is started by ``make elasticsearch`` and ended afterwards. The two ways take turns, each on
empty indices; each writes the same documents to the same places. A search has highlight and facets, as in Kibana.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from elasticsearch import helpers

from adwatch.search.base import Query, wanted
from adwatch.search.document import Document, documents
from adwatch.search.elastic import ElasticIndex, question
from adwatch.search.elastic_bulk import actions
from adwatch.search.elastic_client import connect
from adwatch.settings import Settings
from bench.search import BATCH, TERMS, rows, texts

ROOT = Path(__file__).parents[1]
FACETS = ("platform", "scope", "offer_types", "state", "band")


def made(count: int, secret: bytes) -> list[Document]:
    """The documents, made beforehand: writing alone is compared."""
    pairs = texts(count, None)
    return [
        document
        for start in range(0, count, BATCH)
        for document in documents(rows(pairs, start, min(BATCH, count - start)), start + 1, secret)
    ]


def ours(index: ElasticIndex, ready: list[Document]) -> float:
    """Seconds that our indexer takes."""
    begun = time.perf_counter()
    for start in range(0, len(ready), BATCH):
        put = index.put(ready[start : start + BATCH])
        assert not put.refused
    return time.perf_counter() - begun


def bare(index: ElasticIndex, ready: list[Document]) -> float:
    """Seconds that the client library's own parallel bulk takes for the same documents into the same indices."""
    index.indices.make_months(document.month for document in ready)
    begun = time.perf_counter()
    for start in range(0, len(ready), BATCH):
        wanted_actions = actions(index.indices, ready[start : start + BATCH])
        for taken, _ in helpers.parallel_bulk(index.client, wanted_actions):
            assert taken
    return time.perf_counter() - begun


def asked(index: ElasticIndex, stop: threading.Event) -> Iterator[float]:
    """Milliseconds of one search after the other until told to stop, over all listings."""
    client = index.client.options(request_timeout=30)
    facets: dict[str, Any] = {name: {"terms": {"field": name, "size": 20}} for name in FACETS}
    facets["days"] = {"date_histogram": {"field": "first_seen", "calendar_interval": "day"}}
    number = 0
    while not stop.is_set():
        query = Query(TERMS[number % len(TERMS)], everything=True)
        number += 1
        begun = time.perf_counter()
        client.search(
            index=index.indices.whole,
            query=question(wanted(query, index.secret), query),
            aggs=facets,
            size=20,
            highlight={"fields": {"normal": {"number_of_fragments": 1}}},
        )
        yield (time.perf_counter() - begun) * 1000


def searched(index: ElasticIndex, ready: list[Document]) -> list[float]:
    """Times of searches over the whole while all of it is written again."""
    ours(index, ready)
    index.refresh()
    stop, taken = threading.Event(), []
    thread = threading.Thread(target=lambda: taken.extend(asked(index, stop)))
    thread.start()
    ours(index, ready)
    stop.set()
    thread.join()
    return taken


def run(url: str, count: int, rounds: int) -> None:
    """All of it, with a line a round."""
    with tempfile.TemporaryDirectory() as name:
        index = ElasticIndex(connect(Settings(home=Path(name), search_url=url)), Path(name), prefix="adwatch-bench")
        ready = made(count, index.secret)
        print(f"{count:,} documents of 200 characters, {sum(d.hit for d in ready):,} of them hits as well")
        ratios = []
        for number in range(rounds):
            seconds = {}
            for way in (ours, bare) if number % 2 else (bare, ours):
                index.drop()
                index.prepare()
                seconds[way.__name__] = way(index, ready)
            ratios.append(seconds["bare"] / seconds["ours"])
            rates = ", ".join(f"{way} {count / taken:,.0f}/s" for way, taken in sorted(seconds.items()))
            print(f"  {rates}: ratio {ratios[-1]:.2f}", flush=True)
        print(f"  ratio {statistics.median(ratios):.2f} (median of {rounds})")
        index.drop()
        index.prepare()
        taken = searched(index, ready)
        cuts = statistics.quantiles(taken, n=20)
        print(
            f"search with highlight and {len(FACETS) + 1} facets while all are written again: {len(taken)} searches,"
            f" p50 {statistics.median(taken):.0f} ms, p95 {cuts[18]:.0f} ms"
        )
        index.drop()
        index.client.close()


def main() -> None:
    """Run against the server that is named, or one of our own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="", help="an Elasticsearch; its indices adwatch-bench-* are replaced")
    parser.add_argument("--documents", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.url:
        run(chosen.url, chosen.documents, chosen.rounds)
        return
    make = ["make", "-s", "-C", str(ROOT)]
    begun = subprocess.run([*make, "elasticsearch"], check=True, capture_output=True, text=True)
    try:
        run(begun.stdout.splitlines()[-1], chosen.documents, chosen.rounds)
    finally:
        subprocess.run([*make, "elasticsearch-stop"], check=True)


if __name__ == "__main__":
    main()
