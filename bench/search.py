"""Indexing rate and query times of the embedded index (and of Elasticsearch, if given) beside a LIKE scan, in one run.

    python bench/search.py [--documents 100000] [--url http://127.0.0.1:9200] [--lines FILE.gz]

Documents have some 200 characters, made of random lines of the file (or of invented text); one in a hundred is flagged.
"""

from __future__ import annotations

import argparse
import gzip
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from adwatch.models import listing_key
from adwatch.search import Query, SearchIndex, open_index, push
from adwatch.search.document import Document, documents
from adwatch.settings import Settings
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.captures import platform_id
from adwatch.store.engine import migrate, open_engine, writing
from adwatch.store.outbox import IndexRow
from adwatch.text import normal

CHARACTERS = 200
BATCH = 5000
TERMS = (
    "包过",
    "证",
    "电工证",
    "联系",
    "的",
    "a",
    "138",
    "免考直接拿证",
    "不存在的词语组合",
    "学习",
    "公司",
    "特种作业",
)


def texts(count: int, lines_file: str | None) -> Iterator[tuple[str, str]]:
    """(title, text) pairs, the same for the same arguments."""
    rnd = random.Random(1)
    if lines_file:
        with gzip.open(lines_file, "rt", encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    else:
        characters = [chr(0x4E00 + int(rnd.paretovariate(0.6)) % 6000) for _ in range(200_000)]
        lines = ["".join(rnd.choices(characters, k=40)) for _ in range(20_000)]
    for n in range(count):
        text = ("电工证包过，" if n % 100 == 0 else "") + "。".join(rnd.choices(lines, k=8))
        yield text[:20], text[20:CHARACTERS]


def rows(pairs: Iterator[tuple[str, str]], start: int, count: int) -> list[IndexRow]:
    """The next listings as the store would give them."""
    made = []
    for n, (title, text) in zip(range(start, start + count), pairs, strict=False):
        flagged = n % 100 == 0
        url = f"https://shop.example/item/{n}"
        made.append(
            IndexRow(
                *(n + 1, listing_key("shop", str(n)), "shop", str(n), url, url, 100, None, "2026-11-20", "2026-11-16"),
                *("product", title, text, "某店", None, None, "flagged" if flagged else "clear", n % 997 / 997),
                *(None, None, None, {"types": ["x"]} if flagged else {}, None),
            )
        )
    return made


def fill(index: SearchIndex, count: int, lines: str | None) -> None:
    """Put documents, and print the rates: of the index alone, and with making the documents."""
    index.prepare()
    pairs = texts(count, lines)
    making = putting = 0.0
    used = time.process_time()
    for start in range(0, count, BATCH):
        batch = rows(pairs, start, min(BATCH, count - start))
        began = time.perf_counter()
        made: list[Document] = documents(batch, start + 1, index.secret)
        making += time.perf_counter() - began
        began = time.perf_counter()
        index.put(made)
        putting += time.perf_counter() - began
    index.refresh()
    status = index.status()
    print(
        f"  put {count / putting:,.0f}/s; documents made {count / making:,.0f}/s;"
        f" both {count / (putting + making):,.0f}/s; {(status.size_bytes or 0) / 1e6:,.0f} MB;"
        f" processor time of both {count / (time.process_time() - used):,.0f}/s, with the texts"
    )


def times(ask: Callable[[str], Any], repeats: int) -> str:
    """p50, p95 and the slowest of the terms, in milliseconds."""
    taken = []
    for _ in range(repeats):
        for term in TERMS:
            began = time.perf_counter()
            ask(term)
            taken.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(taken, n=20)
    return f"p50 {statistics.median(taken):8.1f} ms  p95 {cuts[18]:8.1f} ms  max {max(taken):8.1f} ms"


def ask_index(index: SearchIndex, repeats: int) -> None:
    """Query times, flagged only and everything."""
    print("  20 hits, flagged    ", times(lambda term: index.search(Query(term)), repeats))
    print("  20 hits, everything ", times(lambda term: index.search(Query(term, everything=True)), repeats))


def like_scan(folder: Path, count: int, lines: str | None) -> None:
    """The alternative: folded text in a plain table, found by LIKE."""
    connection = sqlite3.connect(folder / "like.db")
    connection.execute("CREATE TABLE plain(id INTEGER PRIMARY KEY, flagged INTEGER, score REAL, folded TEXT)")
    began = time.perf_counter()
    connection.executemany(
        "INSERT INTO plain VALUES(?, ?, ?, ?)",
        ((n, n % 100 == 0, n % 997 / 997, normal(f"{a}{b}")) for n, (a, b) in enumerate(texts(count, lines))),
    )
    connection.commit()
    print(f"LIKE scan\n  put {count / (time.perf_counter() - began):,.0f}/s (with folding one by one)")
    query = "SELECT id FROM plain WHERE folded LIKE ? {} ORDER BY flagged DESC, score DESC LIMIT 20"
    for name, where in (("flagged    ", "AND flagged = 1"), ("everything ", "")):
        sql = query.format(where)
        print(f"  20 hits, {name}", times(lambda term, sql=sql: connection.execute(sql, (f"%{term}%",)).fetchall(), 1))
    connection.close()


def drain_rate(folder: Path, count: int, lines: str | None) -> None:
    """From the store's outbox into the embedded index: load, make, put, acknowledge."""
    settings = Settings(home=folder, search_url="", database_url="")
    engine = open_engine(settings.store_url)
    migrate(engine)
    with writing(engine) as connection:
        shop = platform_id(connection, "shop")
        stamp = "2026-11-20 03:04:05.000000"
        listings, versions, verdicts = [], [], []
        for n, (title, text) in enumerate(texts(count, lines), 1):
            listings.append((n, listing_key("shop", str(n)), shop, str(n), n, stamp, stamp, "2026-11-20"))
            versions.append((n, n, f"{n:064x}", "product", title, text, stamp, "2026-11-20"))
            verdicts.append((n, 1, "clear", 0.1))
        names = (
            "id",
            "key",
            "platform_id",
            "native_id",
            "version_id",
            "first_seen_at",
            "last_seen_at",
            "last_seen_day",
        )
        insert_rows(connection, s.listing, names, listings)
        names = ("id", "listing_id", "content_sha256", "kind", "title", "text", "captured_at", "day")
        insert_rows(connection, s.listing_version, names, versions)
        insert_rows(connection, s.verdict, ("version_id", "classifier_id", "band", "score"), verdicts)
        insert_rows(connection, s.outbox, ("listing_id",), [(n,) for n in range(1, count + 1)])
    index = open_index(settings)
    began = time.perf_counter()
    report = push(engine, index)
    print(f"outbox into the embedded index\n  push {report.kept / (time.perf_counter() - began):,.0f}/s")
    index.close()
    engine.dispose()


def main() -> None:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument(
        "--url", default="", help="an Elasticsearch to measure too; its index adwatch-bench-* is replaced"
    )
    parser.add_argument("--lines", help="gzip file of real lines to make the documents of")
    chosen = parser.parse_args()
    count = chosen.documents
    print(f"{count:,} documents of {CHARACTERS} characters, SQLite {sqlite3.sqlite_version}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("embedded")
        index = open_index(Settings(home=folder / "put", search_url=""))
        fill(index, count, chosen.lines)
        ask_index(index, 5)
        index.close()
        drain_rate(folder / "drain", min(count, 100_000), chosen.lines)
        if chosen.url:
            from adwatch.search.elastic import ElasticIndex
            from adwatch.search.elastic_client import connect

            print("Elasticsearch")
            server = ElasticIndex(connect(Settings(home=folder, search_url=chosen.url)), folder, prefix="adwatch-bench")
            server.drop()
            fill(server, count, chosen.lines)
            ask_index(server, 5)
            server.drop()
        like_scan(folder, count, chosen.lines)
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:,.0f} MB at most")


if __name__ == "__main__":
    main()
