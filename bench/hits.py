"""Invented hits for the bench of Elasticsearch, and the searches that are made in them; the same for the same numbers.

A hit has some 200 characters: a third is an offer and ordinary goods, of phrases that many hits share, the rest
characters of which few are common and most are rare. So a search may find nearly all hits, some, one, or none.
"""

from __future__ import annotations

import dataclasses
import random
import time
from datetime import UTC, date, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from adwatch.models import listing_key
from adwatch.search.base import Query
from adwatch.search.document import Document, documents
from adwatch.search.elastic import ElasticIndex
from adwatch.search.elastic_client import connect
from adwatch.search.indexer import BATCH
from adwatch.settings import Settings
from adwatch.store.outbox import IndexRow
from bench.goods import goods

OFFERS = ("电工证包过", "焊工证免考直出", "高处作业证挂靠", "安全员证三天出证", "叉车证不用考试", "特种作业操作证代考")
PLATFORMS = tuple(f"shop{n:02d}" for n in range(40))
TYPES = ("guaranteed_pass", "proxy_exam", "forged", "lease", "fast_track", "renewal")
FAMILIES = ("special_operation", "safety_manager", "special_equipment", "construction", "vocational", "teacher")
STATES = ("screening", "registered", "confirmed", "dismissed", "closed")
FIRST = date(2025, 11, 28)
DAYS = 365
CHARACTERS = [chr(0x4E00 + n * 7 % 6000) for n in range(6000)]
WEIGHTS = [1 / (n + 1) for n in range(6000)]
SENTENCES = ["".join(random.Random(n).choices(CHARACTERS, WEIGHTS, k=16)) for n in range(50_000)]


def _texts(number: int) -> tuple[str, str]:
    chooser = random.Random(number)
    title = chooser.choice(OFFERS) + chooser.choice(SENTENCES)[:10]
    return title, goods(chooser, 60) + "。".join(chooser.choice(SENTENCES) for _ in range(8))


def _row(number: int) -> IndexRow:
    title, text = _texts(number)
    chooser = random.Random(-1 - number)
    platform = PLATFORMS[int(len(PLATFORMS) * chooser.random() ** 2)]
    native = str(number)
    url = f"https://{platform}.example/item/{native}"
    first = FIRST + timedelta(days=chooser.randrange(DAYS))
    last = first + timedelta(days=chooser.randrange(30))
    when = datetime(first.year, first.month, first.day, tzinfo=UTC)
    seller = f"{chooser.choice(SENTENCES)[:4]}的店"
    evidence = {"keyword": chooser.choice(OFFERS)[-2:], "list": chooser.choice(TYPES), "fold": "none"}
    detail = {"types": [chooser.choice(TYPES)], "families": [chooser.choice(FAMILIES)], "evidence": [evidence]}
    return IndexRow(
        *(number + 1, listing_key(platform, native), platform, native, url, url, 9900),
        *(when, last.isoformat(), first.isoformat(), "product", title, text),
        *(seller, f"省{chooser.randrange(34)}", when),
        band="flagged",
        score=chooser.randrange(400, 1000) / 1000,
        scope="safety_production",
        reason="offer",
        tier="exact",
        detail=detail,
        state=chooser.choice(STATES),
        case={"case_id": number + 1, "opened_day": first.isoformat()},
    )


def made(start: int, count: int, version: int, secret: bytes) -> list[Document]:
    """The documents of so many hits from a number on, as the indexer makes them of the store's rows."""
    return documents([_row(number) for number in range(start, start + count)], version, secret)


def asked(number: int, hits: int) -> Query:
    """A search: a piece of one of the hits, of 1 to 8 characters; some within a platform or a month; some blank."""
    chooser = random.Random(f"asked {number}")
    text = "".join(_texts(chooser.randrange(hits)))
    length = chooser.choice((1, 2, 2, 2, 3, 3, 4, 4, 5, 8))
    at = chooser.randrange(len(text) - length)
    piece = text[at : at + length].strip("，。") or "证"
    platform = chooser.choice(PLATFORMS) if number % 5 == 1 else None
    month = FIRST + timedelta(days=chooser.randrange(DAYS - 30)) if number % 5 == 2 else None
    days = (month.isoformat(), (month + timedelta(days=30)).isoformat()) if month else (None, None)
    return Query("" if number % 20 == 0 else piece, platform, *days)


def opened(url: str, folder: Path, prefix: str) -> ElasticIndex:
    """The hits of a prefix; without all listings, as where a cluster holds hits only."""
    return ElasticIndex(connect(Settings(home=folder, search_url=url)), folder, prefix=prefix, everything=False)


def write(url: str, folder: Path, prefix: str, hits: int, stop: Event, told: Any) -> None:
    """Body of the process that writes anew, until told to stop, hits from all over; tells how many in how long."""
    index = opened(url, folder, prefix)
    step = max(1, hits // 20_000)
    ready = [document for start in range(0, hits, step) for document in made(start, 1, 1, index.secret)]
    version, written, begun = time.time_ns(), 0, time.perf_counter()  # above any that is there
    told.send("begun")
    while not stop.is_set():
        for start in range(0, len(ready), BATCH):
            version += 1
            batch = [dataclasses.replace(d, version=version) for d in ready[start : start + BATCH]]
            written += index.put(batch).kept
    told.send((written, time.perf_counter() - begun))
