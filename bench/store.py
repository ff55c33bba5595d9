"""The store on PostgreSQL as it grows: ``python -m bench store [LISTINGS]`` (5,000,000), on a server of its own.

Listings of ~200 characters go the store's own way in batches of 2,000: upsert, claim from the backlog, verdict and
case, outbox emptied; 33,000 a patrol day, so that 5,000,000 are five months; two in a thousand are flagged. At each
mark are told the time per new listing over the last 200,000, for known ones seen again, and the daily queries. Seen
again are 60,000 at random from all that was ever stored, which no patrol does, and then what a patrol sees: all that
still stands on the platform, the newest first, where a tenth goes every day (263,000 at the first mark, 330,000 later).
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from adwatch.casework.review import list_cases
from adwatch.casework.weekly import Tables, weekly
from adwatch.models import Listing, Verdict
from adwatch.store import takedowns
from adwatch.store.claims import claimed_backlog
from adwatch.store.engine import migrate, opened, reading, vacuum_hint, writing
from adwatch.store.figures import takedown_figures
from adwatch.store.listings import upsert_listings
from adwatch.store.partitions import begin_month, partitions
from adwatch.store.verdicts import classifier_id, mark_classified, save_verdicts
from adwatch.tables import Law, families
from bench.goods import goods
from classifiers.offers import OFFER_CLASSES
from tests.store.databases import binaries_of_postgresql, started_server
from tests.store.world import verdict

BATCH, STEP, ANYWHERE, A_DAY, FLAGGED = 2000, 100_000, 60_000, 33_000, 500
STAYS = 0.9
"""Share of a day's listings that still stand on the next."""
OFFICE = ("shared_buffers=2GB", "max_wal_size=4GB", "checkpoint_timeout=30min")
"""The server's settings in deploy/compose."""
FIRST = date(2026, 7, 1)
CLEAR = Verdict("clear", 0.1, classifier_version="t", keyword_versions="k")
TEXTS = [goods(random.Random(number), 190) for number in range(997)]

WORK = (
    """UPDATE "case" SET state = 'confirmed', lead_number = 'L' || id WHERE id > :after AND id % 3 = 0""",
    """INSERT INTO decision (case_id, result, person, unit, reason, at)
       SELECT id, 'confirm', '甲', '某局', '核对', opened_at FROM "case" WHERE id > :after AND id % 3 = 0""",
    """UPDATE case_listing k SET decided_version_id = l.version_id, decided_flagged = true,
       decided_scope = 'safety_production', decided_types = '["sure_thing"]'
       FROM listing l WHERE l.id = k.listing_id AND k.case_id > :after AND k.case_id % 3 = 0""",
    """INSERT INTO takedown (id, number, platform_id, state, drafted_at, sent_at, deadline_at, content)
       SELECT case_id / 60, 'T' || case_id / 60, 1, 'sent', now(), now(), now(), '{}'
       FROM case_listing WHERE case_id > :after AND case_id % 3 = 0 ON CONFLICT DO NOTHING""",
    """INSERT INTO takedown_listing (takedown_id, listing_id, version_id) SELECT case_id / 60, listing_id,
       decided_version_id FROM case_listing WHERE case_id > :after AND case_id % 3 = 0 AND case_id % 10 > 0""",
)
"""A third of the cases is confirmed; nine in ten of these stand in a request that was sent."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took."""

    wall: float
    """Seconds."""
    processor: float
    """Seconds of this process and of all the server's, its background workers included."""

    def __truediv__(self, count: float) -> Cost:
        return Cost(self.wall / count, self.processor / count)


def processor_seconds(engine: Engine) -> float:
    """Processor time that this process and the server have used so far."""
    with reading(engine) as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
    server = _stat(f"/proc/{backend}")[1]
    ticks = sum(_stat(f"/proc/{server}")[11:15])
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found = _stat(str(folder))
        except OSError:
            continue  # it has ended, and its time is the server's
        if found[1] == server:
            ticks += found[11] + found[12]
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _stat(folder: str) -> list[int]:
    """Fields of /proc/PID/stat from the third on, the state's letter as 0."""
    fields = Path(folder, "stat").read_text().rpartition(")")[2].split()
    return [0, *(int(field) for field in fields[1:15])]


@contextmanager
def measured(engine: Engine, costs: list[Cost]) -> Iterator[None]:
    """Appends what the block took."""
    wall, processor = time.perf_counter(), processor_seconds(engine)
    yield
    costs.append(Cost(time.perf_counter() - wall, processor_seconds(engine) - processor))


def listing(number: int) -> Listing:
    """The listing of a number, always the same."""
    offer = "电工证包过，不过退款。" if number % FLAGGED == 0 else ""
    body = f"{offer}{TEXTS[number % len(TEXTS)]}第{number}号"
    url = f"https://shop.example/item/{number}"
    return Listing("shop", str(number), title=body[:24], text=body, url=url, url_norm=url, seller_name="小店")


def when(number: int) -> tuple[str, datetime]:
    """Day and time at which a listing is stored."""
    day = FIRST + timedelta(days=number // A_DAY)
    return day.isoformat(), datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def load(engine: Engine, start: int, count: int) -> None:
    """Store and judge the next listings."""
    classifier = classifier_id(engine, "1", "k")
    for at in range(start, start + count, BATCH):
        day, now = when(at)
        begin_month(engine, now)
        upsert_listings(engine, "shop", [listing(number) for number in range(at, at + BATCH)], day, now)
        with claimed_backlog(engine, classifier, BATCH) as versions:
            found = [
                verdict(Listing("shop", "", title=one.title, text=one.text)) if "包过" in (one.text or "") else CLEAR
                for one in versions
            ]
            save_verdicts(engine, classifier, versions, found, day, now)
        with writing(engine) as connection:
            connection.execute(text("DELETE FROM outbox"))
    mark_classified(engine, classifier)


def standing(known: int) -> list[int]:
    """Listings that a patrol of the platform would see, the newest first."""
    lots = random.Random(known)
    return [number for number in range(known - 1, -1, -1) if lots.random() < STAYS ** ((known - 1 - number) // A_DAY)]


def see_again(engine: Engine, numbers: Sequence[int], known: int) -> Cost:
    """What one of these listings took that were seen on the day after the last new one."""
    day, now = when(known + A_DAY)
    costs: list[Cost] = []
    with measured(engine, costs):
        for at in range(0, len(numbers), BATCH):
            upsert_listings(engine, "shop", [listing(number) for number in numbers[at : at + BATCH]], day, now)
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM outbox"))
    return costs[0] / len(numbers)


def queries(known: int) -> dict[str, Callable[[Engine], int]]:
    """What the office asks every day, by name; each gives how many rows it found."""
    day, now = when(known - 7 * A_DAY)
    year, number, _ = date.fromisoformat(day).isocalendar()
    classes = {row.id: row for row in OFFER_CLASSES}
    tables = Tables(Law(None), classes, families(None), {}, ZoneInfo("Asia/Shanghai"))

    def queue(engine: Engine) -> int:
        return len(list_cases(engine, "screening,registered,reopened", classes=classes, families=tables.families))

    def due(engine: Engine) -> int:
        with reading(engine) as connection:
            asked = takedown_figures(connection, now, timedelta(hours=24))
            return asked.overdue + len(takedowns.waiting(connection))

    def export(engine: Engine) -> int:
        with reading(engine) as connection:
            return len(weekly(connection, f"{year}-W{number:02d}", now + timedelta(days=30), tables)["rows"])

    return {"queue": queue, "due dates": due, "weekly export": export}


def tell_growth(found: dict[str, Cost], first: dict[str, Cost]) -> None:
    """Print what each kind took, and how many times what it took at the first mark."""
    for name, cost in found.items():
        before = first[name]
        print(f"  {name}: {cost.wall * 1e6:.0f} µs each, of processor time {cost.processor * 1e6:.0f} µs;", end=" ")
        grown = Cost(cost.wall / before.wall, cost.processor / before.processor)
        print(f"since the first mark {grown.wall:.2f} times, by processor time {grown.processor:.2f}", flush=True)


def tell_queries(engine: Engine, stored: int) -> None:
    """Ask each daily query nine times and print its times."""
    for name, ask in queries(stored).items():
        took = []
        for _ in range(9):
            began = time.perf_counter()
            rows = ask(engine)
            took.append((time.perf_counter() - began) * 1000)
        middle, worst = statistics.median(took), max(took)
        print(f"  {name}: {middle:.0f} ms, first {took[0]:.0f}, worst {worst:.0f}; {rows:,} rows", flush=True)


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    marks = sorted({mark for mark in (500_000, 1_000_000, 2_000_000, 5_000_000) if mark < count} | {count})
    binaries = binaries_of_postgresql()
    if binaries is None:
        sys.exit("no PostgreSQL server in /usr/lib/postgresql")
    with started_server(binaries, *OFFICE) as url, opened(url) as engine:
        migrate(engine)
        stored = handled = 0
        first: dict[str, Cost] = {}
        for mark in marks:
            costs: list[Cost] = []
            while stored < mark:
                with measured(engine, costs):
                    load(engine, stored, STEP)
                stored += STEP
            last = costs[-2:]
            each = Cost(sum(c.wall for c in last), sum(c.processor for c in last)) / (STEP * len(last))
            with writing(engine) as connection:
                for statement in WORK:
                    connection.execute(text(statement), {"after": handled})
                handled = connection.scalar(text('SELECT max(id) FROM "case"')) or 0
            anywhere = random.Random(stored).sample(range(stored), min(ANYWHERE, stored))
            found = {
                "new": each,
                "seen again, from anywhere": see_again(engine, anywhere, stored),
                "seen again by a patrol": see_again(engine, standing(stored), stored + A_DAY),
            }
            first = first or found
            print(f"{stored:,} listings, {vacuum_hint(engine)}, {len(partitions(engine))} partitions")
            tell_growth(found, first)
            tell_queries(engine, stored)


if __name__ == "__main__":
    main()
