"""An evidence package of many files: ``python -m bench package [FILES]`` (10,000) on SQLite, in a folder of its own.

A case whose removal was checked so often that its package has that many files: each check's records are cut out of the
archive. Told are the seconds to seal and write it, to check it, to check it with a byte flipped, and its size.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from adwatch.archive import Archive, Shelf
from adwatch.casework.case_package import Sources, case_package
from adwatch.evidence.daily import keep_root
from adwatch.evidence.package import seal
from adwatch.evidence.package_proof import verify_package
from adwatch.store import schema as s
from adwatch.store.captures import store_capture
from adwatch.store.engine import migrate, opened, reading, writing
from tests.archive.exchanges import exchange
from tests.casework.office import UNIT, ZONE, decide, draft
from tests.store.world import DAY, World, listing


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Tell how long a step took."""
    begun = time.perf_counter()
    yield
    print(f"{what:36} {time.perf_counter() - begun:7.1f} s", flush=True)


def main(count: int) -> None:
    """Run it."""
    with tempfile.TemporaryDirectory() as name, opened(f"sqlite:///{name}/a.db") as engine:
        folder = Path(name)
        migrate(engine)
        world = World(engine)
        case_id = world.flag(listing("1"))
        decide(world, case_id)
        draft(world, folder)
        with timed(f"{count:,} checks archived and stored"):
            _checked(world, folder, count)
        keep_root(engine, DAY, "machine", UNIT, now=world.now + timedelta(days=1), zone=ZONE)
        file = folder / "package.zip"
        with timed("sealed and written"):
            with reading(engine) as connection:
                sealed = seal(*case_package(connection, case_id, Sources(Shelf(folder / "archive"), folder, ZONE, {})))
            with file.open("wb") as handle:
                handle.writelines(sealed.pieces())
        with timed(f"checked: {len(sealed.places):,} files, {sealed.size / 1e6:,.0f} MB"):
            report = verify_package(file)
        assert not report.problems and report.captures == count, report.problems[:3]
        start, size = sealed.places[f"captures/CAP-{count // 2}.warc.gz"]
        with file.open("r+b") as handle:
            handle.seek(start + size // 2)
            byte = handle.read(1)
            handle.seek(start + size // 2)
            handle.write(bytes([byte[0] ^ 1]))
        with timed("checked with a byte flipped"):
            report = verify_package(file)
        assert [each.file for each in report.problems] == [f"captures/CAP-{count // 2}.warc.gz"], report.problems[:3]


def _checked(world: World, folder: Path, count: int) -> None:
    """So many looks at the listing's page, each with its answer in the archive."""
    ids = []
    with Archive(folder / "archive", "r1", "AdWatch/0.1.0") as archive:
        for number in range(count):
            body = f"<h1>商品</h1>{'电工证包过，不过退款。' * 200}{number}".encode()
            taken = exchange(number, platform="plaza", day=DAY, fetched_at=world.now, body=body)
            ids.append(store_capture(world.engine, archive.keep(taken), "html", None))
    with writing(world.engine) as connection:
        takedown_id, listing_id = connection.execute(select(s.takedown_listing)).one()[:2]
        row = {"takedown_id": takedown_id, "listing_id": listing_id, "word": "up", "at": world.now, "message": ""}
        connection.execute(s.takedown_check.insert(), [{**row, "capture_id": each} for each in ids])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
