"""A retro-hunt for a new word over stores of growing size: its time beside judging everything anew, in one run.

    python -m bench.retrohunt [--sizes 100000,1000000] [--folder DIR] [--lines FILE.gz]

The hunted words stand in a fixed number of listings, spread over the whole history, whatever its size: what a hunt
costs must follow the hits. Some words' characters are rare in the other listings, others' stand in most of them (the
worst case of an index over single characters): of two and of four characters, drawn from the most widespread that
never stand beside each other. What the index takes for the word in all its writings is told beside what it takes
without pairs of characters. Listings are invented goods, or real lines of the file, of the true frequencies. The store
is filled by bulk inserts, as fast as that goes, with verdicts of the classifier that will be asked again; with
``--folder`` a store that is there is gone on with.
"""

from __future__ import annotations

import argparse
import gzip
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from sqlalchemy import func, select

from adwatch.app import Office, retrohunt
from adwatch.models import listing_key
from adwatch.search import matching
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
WIDESPREAD = 30
"""So many of the characters that stand in the most texts are everyday ones."""
LISTING = ("id", "key", "platform_id", "native_id", "version_id", "first_seen_at", "last_seen_at", "last_seen_day")
VERSION = ("id", "listing_id", "content_sha256", "kind", "title", "text", "captured_at", "day")


Hunted = dict[str, tuple[int, int, int]]
"""Of each word: up to which listing, every how many, beginning where."""


def halves(lines_file: Path | None) -> list[str]:
    """Halves of listings, of some 95 characters."""
    chooser = random.Random(5)
    if lines_file is None:
        return [goods(chooser, 95) for _ in range(5000)]
    with gzip.open(lines_file, "rt", encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    return ["。".join(chooser.choices(lines, k=8))[:95] for _ in range(50_000)]


def everyday(made: list[str], count: int) -> list[tuple[str, str]]:
    """Words of two and of four everyday characters no two of which stand beside each other in the texts."""
    spread = Counter(one for text in made for one in set(text) if "一" <= one <= "龥")
    common = [one for one, _ in spread.most_common(WIDESPREAD)]
    beside = {text[at : at + 2] for text in made for at in range(len(text) - 1)}
    chooser = random.Random(9)
    found: list[tuple[str, str]] = []
    while len(found) < count:
        two, four = "".join(chooser.sample(common, 2)), "".join(chooser.sample(common, 4))
        if not {two, *(four[at : at + 2] for at in range(3))} & beside and two not in four:
            found.append((two, four))
    return found


def words(sizes: list[int], made: list[str]) -> Hunted:
    """The hunted words, four of each size."""
    found = {}
    for size, last, (two, four) in zip(sizes, "办送寄发达", everyday(made, len(sizes)), strict=False):
        found[f"绿本直{last}"] = (size, size // HITS, 7)
        found[f"蓝本直{last}"] = (size, size // MANY, 3)
        found[two] = (size, size // HITS, 11)
        found[four] = (size, size // HITS, 13)
    return found


def texts(start: int, stop: int, hunted: Hunted, made: list[str]) -> Iterator[str]:
    """Texts of some 200 characters, the same for the same number."""
    for number in range(start, stop):
        own = random.Random(number)
        text = f"{made[own.randrange(len(made))]}{number}号。{made[own.randrange(len(made))]}"
        for word, (upto, every, first) in hunted.items():
            if number < upto and number % every == first % every:
                text = OFFER.format(word, number % 1_000_000) + text
        yield text


def fill(office: Office, start: int, stop: int, hunted: Hunted, halves_made: list[str]) -> None:
    """Listings ``start`` to ``stop``, each judged clear, in store and index."""
    classifier = classifier_id(office.engine, office.judge.version, office.judge.keyword_versions)
    index = office.index
    made = texts(start, stop, hunted, halves_made)
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


def ask(office: Office, phrases: list[str], expected: int) -> float:
    """Seconds of the processor that the index takes for the phrases, the lesser of two times."""
    taken = []
    for _ in range(2):
        began = time.process_time()
        assert len(list(office.index.holding(phrases))) == expected
        taken.append(time.process_time() - began)
    return min(taken)


def hunt(office: Office, word: str) -> str:
    """Hunt and say what it took: on the clock, and of the processor (others may be at work on the machine)."""
    clock, used = time.perf_counter(), time.process_time()
    plan = retrohunt.plan(office, word, DAY, "promise", 3, None)
    planned = time.process_time() - used
    row = retrohunt.run(office, plan, DAY)
    used, clock = time.process_time() - used, time.perf_counter() - clock
    asked = ask(office, plan.phrases, row["candidates"])
    with mock.patch.object(matching, "_few", return_value=None):
        apart = ask(office, plan.phrases, row["candidates"])
    return (
        f"{row['candidates']:>6,} candidates, {row['flagged']:>6,} flagged, {row['opened']:>6,} opened:"
        f" {used:6.2f} s of the processor, {clock:6.2f} s on the clock (index asked for {len(plan.phrases)} writings:"
        f" {asked:.3f} s, by single characters {apart:.3f} s; lists loaded {planned - asked:.2f} s; judged,"
        f" stored, indexed {used - planned:.2f} s)"
    )


def measure(office: Office, sizes: list[int], lines_file: Path | None) -> None:
    """Fill to each size and hunt."""
    made = halves(lines_file)
    hunted = words(sizes, made)
    names = list(hunted)
    with reading(office.engine) as connection:
        have = int(connection.scalar(select(func.coalesce(func.max(s.listing.c.id), 0))) or 0)
    for number, size in enumerate(sizes):
        began = time.perf_counter()
        fill(office, have, max(size, have), hunted, made)
        if size > have:
            print(f"{size:,} listings; filled {(size - have) / (time.perf_counter() - began):,.0f}/s", flush=True)
        have = max(size, have)
        speed = rate_of_everything(office, min(have, 20_000))
        print(f"  judging all of them: {speed:,.0f}/s, {have / speed:,.0f} s of the processor, nothing stored yet")
        size_bytes = office.index.status().size_bytes or 0
        print(f"  index {size_bytes / have:,.0f} bytes a listing")
        kinds = ("rare characters    ", "ten times the hits ", "two everyday ones  ", "four everyday ones ")
        for kind, word in zip(kinds, names[4 * number : 4 * number + 4], strict=True):
            print(f"  {kind} {hunt(office, word)}", flush=True)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100000,1000000", help="numbers of listings, ascending; five at most")
    parser.add_argument("--folder", type=Path, help="where the store is; a folder that goes away if left out")
    parser.add_argument("--lines", type=Path, help="gzip file of real lines to make the listings of")
    chosen = parser.parse_args()
    sizes = [int(size) for size in chosen.sizes.split(",")]
    with tempfile.TemporaryDirectory() as name:
        home = chosen.folder or Path(name)
        with Office(Settings(home=home, search_url="", database_url="", _env_file=None)) as office:
            office.index.prepare()
            retrohunt.plan(office, "预热词", DAY, "promise", 3, None)  # loads what every first call loads
            measure(office, sizes, chosen.lines)
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:,.0f} MB at most")


if __name__ == "__main__":
    main()
