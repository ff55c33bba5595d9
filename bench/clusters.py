"""Linking: what a new flagged listing costs at 10,000 and at 1,000,000, and how well sellers are told.

``python -m bench clusters [N ...] [--postgresql] [--folder F] [--url URL]``: for each N (default 10,000 100,000
1,000,000) makes a store with a history as linking leaves it (``cluster_history``), and links new listings in each by
turns, 1,000 together and then single ones; prints medians for each new listing and their ratios to the first N.
``--postgresql``: on a server of Debian's programs that it starts itself.

``--quality`` prints precision and recall on the cases of known sellers instead, beside plainer ways.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func, make_url, select, text

from adwatch.casework.clusters import link_due
from adwatch.store import schema as s
from adwatch.store.engine import migrate, open_engine, opened, reading
from bench.cluster_history import CHUNK, NOW, RULES, SECRET, History, begin, fill, no_picture
from bench.store import processor_seconds
from tests.store.databases import binaries_of_postgresql, started_server

TURNS, TOGETHER, SINGLE = 11, 1_000, 25
"""Turns of so many new listings together; turns of one alone."""
UNITS = {"processor": "ms of processor", "wall": "ms", "written": "kB written", "read": "pages read"}


@dataclass(frozen=True, slots=True)
class Cost:
    """For each new listing."""

    wall: float
    """Milliseconds."""
    processor: float
    """Milliseconds of this process and of the server."""
    written: float
    """Kilobytes: what the process wrote on SQLite, the server's log on PostgreSQL."""
    read: float
    """Pages: those not cached by SQLite, those asked for on PostgreSQL."""


def counters(engine: Engine) -> tuple[float, float, float, float]:
    """Seconds, seconds of processor, bytes written and pages read so far."""
    if engine.dialect.name == "sqlite":
        told = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
        return time.perf_counter(), time.process_time(), int(told["wchar"]), int(told["rchar"]) / 4096
    with reading(engine) as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
    with reading(engine) as connection:
        log = connection.scalar(text("SELECT pg_current_wal_insert_lsn() - '0/0'"))
        blocks = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"
        pages = connection.scalar(text(blocks))
    return time.perf_counter(), processor_seconds(engine), float(log), float(pages)


def linked(engine: Engine, have: int, count: int) -> Cost:
    """Link so many new listings."""
    fill(engine, have + 1, have + count + 1)
    before = counters(engine)
    link_due(engine, RULES, SECRET, no_picture, NOW)
    wall, processor, written, read = (now - then for now, then in zip(counters(engine), before, strict=True))
    return Cost(wall / count * 1000, processor / count * 1000, written / count / 1000, read / count)


def median(costs: list[Cost]) -> Cost:
    """Of each figure."""
    return Cost(*(statistics.median(getattr(each, name) for each in costs) for name in Cost.__slots__))


def at_rest(engine: Engine) -> None:
    """What the bulk of a history leaves undone, done: logs are carried over, statistics are those of this size."""
    if engine.dialect.name == "sqlite":
        engine.dispose()  # the last connection writes the log back into the file
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))


def laid(url: str, size: int) -> Engine:
    """A store with a history of so many listings."""
    engine, history, started = open_engine(url), History(), time.perf_counter()
    migrate(engine)
    begin(engine)
    for first in range(1, size + 1, CHUNK):
        history.lay(engine, first, min(first + CHUNK, size + 1))
    history.widen(engine)
    at_rest(engine)
    with reading(engine) as connection:
        marks = connection.scalar(select(func.count()).select_from(s.subject_mark))
    seconds = time.perf_counter() - started
    print(f"{engine.dialect.name}, {size:,} listings with {marks:,} marks laid down in {seconds:.0f} s", flush=True)
    return engine


def cost(engines: dict[int, Engine]) -> None:
    """Costs of a new listing at each size, the sizes by turns, so that all of them meet the same load."""
    have = {size: size for size in engines}
    for turns, count in ((TURNS, TOGETHER), (SINGLE, 1)):
        costs: dict[int, list[Cost]] = {size: [] for size in engines}
        for _ in range(turns):
            for size, engine in engines.items():
                costs[size].append(linked(engine, have[size], count))
                have[size] += count
        print(f"a new listing, {count:,} together, median of {turns} turns (ratio to the first size):")
        first = median(next(iter(costs.values())))
        for size, each in costs.items():
            one = median(each)
            figures = [
                f"{getattr(one, name):.3f} {unit} ({getattr(one, name) / getattr(first, name):.2f})"
                for name, unit in UNITS.items()
            ]
            print(f"  at {size:>9,}: {', '.join(figures)}", flush=True)


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


@contextmanager
def database(server: str) -> Iterator[str]:
    """URL of an empty database of its own on a server."""
    name = f"adwatch_{secrets.token_hex(6)}"
    with opened(server) as engine, engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def stores(arguments: argparse.Namespace) -> Iterator[dict[int, str]]:
    """URL of a store for each size, on the server or in the folder that the arguments name."""
    sizes = arguments.sizes
    with ExitStack() as stack:
        if not (arguments.postgresql or arguments.url):
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir=arguments.folder))
            yield {size: f"sqlite:///{folder}/{size}.db" for size in sizes}
            return
        if not (server := arguments.url):
            binaries = binaries_of_postgresql()
            if binaries is None:
                sys.exit("PostgreSQL's programs are not installed (Debian: apt-get install postgresql)")
            settings = ("shared_buffers=512MB", "max_wal_size=4GB")
            server = stack.enter_context(started_server(binaries, *settings))
        yield {size: stack.enter_context(database(server)) for size in sizes}


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--postgresql", action="store_true", help="on a server of its own instead of SQLite")
    parser.add_argument("--url", help="server to make databases on, in the place of a server of its own")
    parser.add_argument("--folder", help="where SQLite's temporary folder is made, such as a memory disk")
    parser.add_argument("--quality", action="store_true", help="precision and recall instead")
    arguments = parser.parse_args()
    if arguments.quality:
        quality()
        return
    with stores(arguments) as urls:
        engines = {size: laid(url, size) for size, url in urls.items()}
        cost(engines)
        for engine in engines.values():
            engine.dispose()


if __name__ == "__main__":
    main()
