"""Linking: what a new flagged listing costs at 10,000 and at 1,000,000, and how well sellers are told.

``python -m bench clusters [N ...] [--url URL]``: fills a store with invented flagged listings (one account for four of
them, a contact for half, a tenth of the texts bought, the rest of their own) and, at each N (default 10,000 100,000
1,000,000), links 2,000 more in batches of 500; prints milliseconds a listing and the ratio to the first N.
``--quality`` prints precision and recall on the cases of known sellers instead, beside plainer ways.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Engine, func, select

from adwatch.casework.clusters import link_due
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import db_time, migrate, open_engine, reading, writing
from adwatch.tables.links import Links

NOW = datetime(2026, 11, 28, tzinfo=UTC)
DAY = "2026-11-28"
MORE, CHUNK = 2_000, 20_000
CHARACTERS = [chr(0x4E00 + n * 7 % 6000) for n in range(3000)]
BOUGHT = ["".join(random.Random(n).choices(CHARACTERS, k=110)) for n in range(40)]


def no_picture(_address: str) -> None:
    """No picture's bytes are kept."""
    return


def fill(engine: Engine, first: int, last: int, classifier: int) -> None:
    """Flagged listings with their cases, due to be linked."""
    with writing(engine) as connection:
        stamp = db_time(connection, NOW)
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in ("item", "version", "verdict", "case", "link")}
        for number in range(first, last):
            chooser = random.Random(number)
            account = chooser.randrange(1 + number // 4) if number % 4 else number
            text = chooser.choice(BOUGHT) if chooser.random() < 0.1 else "".join(chooser.choices(CHARACTERS, k=100))
            detail: dict[str, Any] = {"types": ["guaranteed_pass"]}
            if account % 2:
                value = f"wx{account % 400_000:08d}"
                detail["contacts"] = [{"kind": "wechat", "start": 3, "end": 3, "value": value, "masked": "wx*******"}]
            key = hashlib.sha256(str(number).encode()).digest()
            rows["item"].append((number, key[:16], 1, str(number), number, stamp, stamp, DAY))
            rows["version"].append((number, number, key.hex(), "product", text[:20], text, f"u{account}", stamp, DAY))
            rows["verdict"].append(
                (number, classifier, "flagged", 0.9, "safety_production", orjson.dumps(detail).decode())
            )
            rows["case"].append((number, "screening", "safety_production", 0.9, stamp, DAY, "patrol"))
            rows["link"].append((number, number))
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
        insert_rows(connection, s.listing, names, rows["item"])
        names = ("id", "listing_id", "content_sha256", "kind", "title", "text", "seller_id", "captured_at", "day")
        insert_rows(connection, s.listing_version, names, rows["version"])
        names = ("version_id", "classifier_id", "band", "score", "scope", "detail")
        insert_rows(connection, s.verdict, names, rows["verdict"])
        names = ("id", "state", "scope", "score", "opened_at", "opened_day", "origin")
        insert_rows(connection, s.case, names, rows["case"])
        insert_rows(connection, s.case_listing, ("listing_id", "case_id"), rows["link"])
        insert_rows(connection, s.subject_due, ("listing_id",), [(row[0],) for row in rows["item"]])


def link(engine: Engine) -> float:
    """Seconds that linking what is due takes."""
    started = time.perf_counter()
    link_due(engine, Links(), b"k" * 32, no_picture, NOW)
    return time.perf_counter() - started


def cost(sizes: list[int], url: str | None) -> None:
    """Milliseconds a listing at each size."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(url or f"sqlite:///{folder}/store.db")
        migrate(engine)
        with writing(engine) as connection:
            connection.execute(s.platform.insert().values(id=1, name="bench", kind="handover"))
            connection.execute(s.classifier.insert().values(id=1, version="b", keyword_versions="k", classified_to=0))
        have, first = 0, 0.0
        for size in sizes:
            filling = 0.0
            while have < size:
                until = min(size, have + CHUNK)
                fill(engine, have + 1, until + 1, 1)
                filling += link(engine)
                have = until
            fill(engine, have + 1, have + MORE + 1, 1)
            have += MORE
            each = link(engine) / MORE * 1000
            first = first or each
            with reading(engine) as connection:
                marks = connection.scalar(select(func.count()).select_from(s.subject_mark))
                subjects = connection.scalar(select(func.count(func.distinct(s.subject_account.c.subject_id))))
            sys.stdout.write(
                f"{engine.dialect.name} {size:>9,} listings: {each:.2f} ms a new one, ratio {each / first:.2f}; "
                f"{marks:,} marks, {subjects:,} subjects; filling took {filling:.0f} s\n"
            )
            sys.stdout.flush()
        engine.dispose()


def quality() -> None:
    """Precision and recall over pairs of listings."""
    from tests.casework.clusters import measure

    for name in ("known", "held", "demo"):
        listed = measure.given(name)
        sys.stdout.write(f"{name}: {len(listed)} listings of {len({row['seller'] for row in listed})} sellers\n")
        for way, each in measure.measured(listed).items():
            counts = f"{each.right} right, {each.wrong} wrong, {each.missed} missed"
            sys.stdout.write(f"  {way:22} precision {each.precision:.4f}  recall {each.recall:.4f}  ({counts})\n")
            if way == "ours":
                sys.stdout.write(f"    wrong: {dict(each.wrong_for)}\n    missed: {dict(each.missed_for)}\n")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--url", help="store; a SQLite file in a temporary folder if left out")
    parser.add_argument("--quality", action="store_true", help="precision and recall instead")
    arguments = parser.parse_args()
    if arguments.quality:
        quality()
    else:
        cost(arguments.sizes, arguments.url)


if __name__ == "__main__":
    main()
