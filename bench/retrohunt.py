"""A retro-hunt for a new word over stores of growing size: its time beside judging everything anew, in one run.

    python -m bench.retrohunt [--sizes 100000,1000000] [--folder DIR]

The hunted words stand in a fixed number of listings, spread over the whole history, whatever its size: what a hunt
costs must follow the hits. One word's characters are rare in the other listings, another's stand in most of them (the
worst case of an index over single characters). The store is filled by bulk inserts, as fast as that goes, with
verdicts of the classifier that will be asked again; with ``--folder`` a store that is there is gone on with.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select

from adwatch.app import Office, retrohunt
from adwatch.models import listing_key
from adwatch.search.document import documents
from adwatch.settings import Settings
from adwatch.store import schema as s
from adwatch.store.bulk import insert_rows
from adwatch.store.captures import platform_id
from adwatch.store.engine import reading, writing
from adwatch.store.outbox import IndexRow
from adwatch.store.verdicts import classifier_id
from bench.goods import goods

DAY, SEEN, STAMP = "2026-11-22", "2026-11-16", "2026-11-16 03:04:05.000000"
BATCH = 10_000
HITS, MANY = 200, 2000
OFFER = "特种作业{}，人不用来，量大从优，加微信 abc13800{:06d}。"
LISTING = ("id", "key", "platform_id", "native_id", "version_id", "first_seen_at", "last_seen_at", "last_seen_day")
VERSION = ("id", "listing_id", "content_sha256", "kind", "title", "text", "captured_at", "day")


def words(sizes: list[int]) -> dict[str, tuple[int, int, int]]:
    """The hunted words: up to which listing, every how many, beginning where."""
    found = {}
    for size, last, common in zip(sizes, "办送寄发达", "看起一也出", strict=False):
        found[f"绿本直{last}"] = (size, size // HITS, 7)
        found[f"蓝本直{last}"] = (size, size // MANY, 3)
        found[f"件出可以{common}"] = (size, size // HITS, 11)
    return found


def texts(start: int, stop: int, hunted: dict[str, tuple[int, int, int]]) -> Iterator[str]:
    """Texts of some 200 characters, the same for the same number."""
    chooser = random.Random(5)
    halves = [goods(chooser, 95) for _ in range(5000)]
    for number in range(start, stop):
        own = random.Random(number)
        text = f"{halves[own.randrange(5000)]}{number}号。{halves[own.randrange(5000)]}"
        for word, (upto, every, first) in hunted.items():
            if number < upto and number % every == first % every:
                text = OFFER.format(word, number % 1_000_000) + text
        yield text


def fill(office: Office, start: int, stop: int, hunted: dict[str, tuple[int, int, int]]) -> None:
    """Listings ``start`` to ``stop``, each judged clear, in store and index."""
    classifier = classifier_id(office.engine, office.judge.version, office.judge.keyword_versions)
    index = office.index
    made = texts(start, stop, hunted)
    for begin in range(start, stop, BATCH):
        listings, versions, verdicts, rows = [], [], [], []
        with writing(office.engine) as connection:
            shop = platform_id(connection, "bench")
            for n, text in zip(range(begin + 1, min(stop, begin + BATCH) + 1), made, strict=False):
                key = listing_key("bench", str(n))
                listings.append((n, key, shop, str(n), n, STAMP, STAMP, SEEN))
                versions.append((n, n, f"{n:064x}", "product", text[:20], text[20:], STAMP, SEEN))
                verdicts.append((n, classifier, "clear", 0.0))
                rows.append(
                    IndexRow(
                        *(n, key, "bench", str(n), None, None, None, None, SEEN, SEEN, "product", text[:20]),
                        *(text[20:], "某店", None, None, "clear", 0.0, None, None, None, {}, None),
                    )
                )
            insert_rows(connection, s.listing, LISTING, listings)
            insert_rows(connection, s.listing_version, VERSION, versions)
            insert_rows(connection, s.verdict, ("version_id", "classifier_id", "band", "score"), verdicts)
            insert_rows(connection, s.outbox, ("listing_id",), [(begin + 1,)])  # the index may not be ahead of it
        index.put(documents(rows, 1, index.secret))


def rate_of_everything(office: Office, sample: int) -> float:
    """Listings that the classifier judges a second of processor time, with nothing stored: the least of the least."""
    with reading(office.engine) as connection:
        v = s.listing_version
        query = select(v.c.title, v.c.text).where(v.c.id <= sample)
        began = time.process_time()
        office.judge.judge([(title, text) for title, text in connection.execute(query)])
    return sample / (time.process_time() - began)


def hunt(office: Office, word: str) -> str:
    """Hunt and say what it took: on the clock, and of the processor (others may be at work on the machine)."""
    clock, used = time.perf_counter(), time.process_time()
    plan = retrohunt.plan(office, word, DAY, "promise", 3, None)
    planned = time.process_time() - used
    row = retrohunt.run(office, plan, DAY)
    used, clock = time.process_time() - used, time.perf_counter() - clock
    began = time.process_time()
    assert len(list(office.index.holding(plan.phrases))) == row["candidates"]
    asked = time.process_time() - began
    return (
        f"{row['candidates']:>6,} candidates, {row['flagged']:>6,} flagged, {row['opened']:>6,} opened:"
        f" {used:6.2f} s of the processor, {clock:6.2f} s on the clock (index asked for {len(plan.phrases)} writings:"
        f" {asked:.3f} s; lists loaded {planned - asked:.2f} s; judged, stored, indexed {used - planned:.2f} s)"
    )


def measure(office: Office, sizes: list[int]) -> None:
    """Fill to each size and hunt."""
    hunted = words(sizes)
    names = list(hunted)
    with reading(office.engine) as connection:
        have = int(connection.scalar(select(func.coalesce(func.max(s.listing.c.id), 0))) or 0)
    for number, size in enumerate(sizes):
        began = time.perf_counter()
        fill(office, have, max(size, have), hunted)
        if size > have:
            print(f"{size:,} listings; filled {(size - have) / (time.perf_counter() - began):,.0f}/s", flush=True)
        have = max(size, have)
        speed = rate_of_everything(office, min(have, 20_000))
        print(f"  judging all of them: {speed:,.0f}/s, {have / speed:,.0f} s of the processor, nothing stored yet")
        kinds = ("rare characters    ", "ten times the hits ", "common characters  ")
        for kind, word in zip(kinds, names[3 * number : 3 * number + 3], strict=True):
            print(f"  {kind} {hunt(office, word)}", flush=True)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100000,1000000", help="numbers of listings, ascending; five at most")
    parser.add_argument("--folder", type=Path, help="where the store is; a folder that goes away if left out")
    chosen = parser.parse_args()
    sizes = [int(size) for size in chosen.sizes.split(",")]
    with tempfile.TemporaryDirectory() as name:
        home = chosen.folder or Path(name)
        with Office(Settings(home=home, search_url="", database_url="", _env_file=None)) as office:
            office.index.prepare()
            retrohunt.plan(office, "预热词", DAY, "promise", 3, None)  # loads what every first call loads
            measure(office, sizes)
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:,.0f} MB at most")


if __name__ == "__main__":
    main()
