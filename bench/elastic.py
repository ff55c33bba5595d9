"""1,000,000 hits in Elasticsearch: our indexer beside a bare ``helpers.parallel_bulk``, then searches while it writes.

    python -m bench elastic [--url http://127.0.0.1:9200] [--hits 1000000] [--slice 50000] [--searches 1000]

Without --url the server is started by ``make elasticsearch`` and ended afterwards. The two ways take turns, a slice
each of the same documents, each into an index of its own, so that both meet the same size and the same other work. Then
one search after the other, by the product's own query and order, 20 hits with our highlights, and in the same request
what Kibana adds to it: a highlight of every field, and facets. First alone; then while another process writes what is
there anew, through our indexer, one bulk after the other without a pause.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from elasticsearch import helpers

from adwatch.search.base import COUNTED, Hit, wanted
from adwatch.search.document import Document
from adwatch.search.elastic import ElasticIndex, first_page, question
from adwatch.search.elastic_bulk import actions
from adwatch.search.indexer import BATCH
from bench.hits import asked, made, opened, write

ROOT = Path(__file__).parents[1]
OURS, BARE = "adwatch-bench", "adwatch-bench-bare"
FACETS = ("platform", "state", "scope", "offer_types", "certificate_kinds")
ADDED: dict[str, Any] = {
    "aggs": {name: {"terms": {"field": name, "size": 20}} for name in FACETS}
    | {"days": {"date_histogram": {"field": "first_seen", "calendar_interval": "day"}}},
    "highlight": {"fields": {"*": {}}, "fragment_size": 200},
}


def ours(index: ElasticIndex, ready: list[Document]) -> float:
    """Seconds that our indexer takes."""
    begun = time.perf_counter()
    for start in range(0, len(ready), BATCH):
        put = index.put(ready[start : start + BATCH])
        assert put.kept == len(ready[start : start + BATCH]), put
    return time.perf_counter() - begun


def bare(index: ElasticIndex, ready: list[Document]) -> float:
    """Seconds that the client library's own parallel bulk takes for the same documents."""
    begun = time.perf_counter()
    for taken, _ in helpers.parallel_bulk(index.client, actions(index.indices, ready)):
        assert taken
    return time.perf_counter() - begun


def filled(mine: ElasticIndex, other: ElasticIndex, count: int, each: int) -> None:
    """Fill both in turns, with a line a turn."""
    seconds = {"ours": 0.0, "bare": 0.0}
    ratios = []
    for number, start in enumerate(range(0, count, each)):
        ready = made(start, min(each, count - start), start + 1, mine.secret)
        turn = {}
        for way in ("ours", "bare") if number % 2 else ("bare", "ours"):
            turn[way] = ours(mine, ready) if way == "ours" else bare(other, ready)
            seconds[way] += turn[way]
        ratios.append(turn["bare"] / turn["ours"])
        rates = ", ".join(f"{way} {len(ready) / turn[way]:,.0f}/s" for way in seconds)
        print(f"  to {start + len(ready):,}: {rates}, ratio {ratios[-1]:.2f}", flush=True)
    whole = ", ".join(f"{way} {taken:,.0f} s, {count / taken:,.0f}/s" for way, taken in seconds.items())
    print(f"{whole}; ratio of all {seconds['bare'] / seconds['ours']:.2f}, median {statistics.median(ratios):.2f}")


def search(index: ElasticIndex, number: int, hits: int) -> tuple[float, int]:
    """Milliseconds of a search until its 20 lines can be shown, and how many it found (10,000: as many or more)."""
    query = asked(number, hits)
    begun = time.perf_counter()
    page = first_page(question(wanted(query, index.secret), query), query.limit or 20)
    answer = index.client.search(index=index.indices.hits, **page, **ADDED)
    for row in answer["hits"]["hits"]:
        Hit(row["_source"], query.text).snippet()
    assert len(answer["aggregations"]) == len(FACETS) + 1
    return (time.perf_counter() - begun) * 1000, answer["hits"]["total"]["value"]


def processor(index: ElasticIndex) -> float:
    """Milliseconds of processor time that the server has used so far."""
    nodes = index.client.nodes.stats(metric="process")["nodes"].values()
    return float(sum(node["process"]["cpu"]["total_in_millis"] for node in nodes))


def searches(index: ElasticIndex, hits: int, first: int, count: int, what: str) -> None:
    """Ask so many, and print the times."""
    used = processor(index)
    taken = [search(index, number, hits) for number in range(first, first + count)]
    times = sorted(milliseconds for milliseconds, _ in taken)
    cuts = statistics.quantiles(times, n=20)
    many = [milliseconds for milliseconds, found in taken if found >= COUNTED]
    figures = f"p50 {statistics.median(times):.0f} ms, p95 {cuts[18]:.0f} ms, slowest {times[-1]:.0f} ms"
    print(f"{count} searches {what}: {figures}")
    if many:
        print(f"  {len(many)} of them find {COUNTED:,} or more: p50 {statistics.median(many):.0f} ms")
    each = (processor(index) - used) / count
    print(f"  the server's processor time {each:.0f} ms a search; load {os.getloadavg()[0]:.1f}", flush=True)


def while_writing(index: ElasticIndex, url: str, hits: int, count: int) -> None:
    """Searches beside the process that writes."""
    context = multiprocessing.get_context("spawn")
    stop, (here, there) = context.Event(), context.Pipe()
    process = context.Process(target=write, args=(url, index.home, OURS, hits, stop, there))
    process.start()
    try:
        assert here.recv() == "begun"
        searches(index, hits, count, count, "while it is written to without a pause")
    finally:
        stop.set()
        written, seconds = here.recv()
        process.join()
    print(f"  meanwhile {written:,} hits written anew in {seconds:.0f} s, {written / seconds:,.0f}/s")


def run(url: str, hits: int, each: int, count: int) -> None:
    """All of it."""
    with tempfile.TemporaryDirectory() as name:
        mine, other = opened(url, Path(name), OURS), opened(url, Path(name), BARE)
        for index in (mine, other):
            index.drop()
            index.prepare()
        memory = mine.client.nodes.stats(metric="jvm")["nodes"].values()
        heap = sum(node["jvm"]["mem"]["heap_max_in_bytes"] for node in memory)
        print(f"{hits:,} hits of 200 characters; heap {heap / 1e9:.1f} GB", flush=True)
        filled(mine, other, hits, each)
        other.drop()
        mine.refresh()
        print(f"on disk {(mine.status().size_bytes or 0) / 1e9:.2f} GB", flush=True)
        searches(mine, hits, 0, count, "alone")
        while_writing(mine, url, hits, count)
        print(f"on disk {(mine.status().size_bytes or 0) / 1e9:.2f} GB")
        mine.drop()
        mine.client.close()
        other.client.close()


def main() -> None:
    """Run against the server that is named, or one of our own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="", help=f"an Elasticsearch; its indices {OURS}* are replaced")
    parser.add_argument("--hits", type=int, default=1_000_000)
    parser.add_argument("--slice", type=int, default=50_000, help="documents a turn")
    parser.add_argument("--searches", type=int, default=1000, help="alone, and as many while it is written to")
    chosen = parser.parse_args()
    if chosen.url:
        run(chosen.url, chosen.hits, chosen.slice, chosen.searches)
        return
    make = ["make", "-s", "-C", str(ROOT)]
    begun = subprocess.run([*make, "elasticsearch"], check=True, capture_output=True, text=True)
    try:
        run(begun.stdout.splitlines()[-1], chosen.hits, chosen.slice, chosen.searches)
    finally:
        subprocess.run([*make, "elasticsearch-stop"], check=True)


if __name__ == "__main__":
    main()
