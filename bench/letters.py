"""Takedown papers of a large request: ``python -m bench letters [LISTINGS]`` (5,000) on SQLite, in a folder of its own.

One platform with so many confirmed listings: the request is drafted (letter, list, JSON, X-ARF), checked, signed,
marked as sent with the tracks of all its cases, and made into a mail. Told are seconds, and the sizes of the files.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adwatch.casework import takedown_steps as steps
from adwatch.casework.takedown import draft, mark_sent
from adwatch.casework.takedown_files import Bundling
from adwatch.casework.takedown_mail import as_mail
from adwatch.evidence.audit import verify_log
from adwatch.store.engine import migrate, opened
from adwatch.store.listings import upsert_listings
from adwatch.store.verdicts import backlog, classifier_id, save_verdicts
from tests.casework.office import CLASSES, PLATFORMS, UNIT, ZONE, decide, law
from tests.casework.paperwork import LI, NUMBER, WANG, desk
from tests.store.world import DAY, World, listing, verdict

BATCH = 500


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Tell how long a step took."""
    begun = time.perf_counter()
    yield
    print(f"{what:32} {time.perf_counter() - begun:7.1f} s", flush=True)


def main(count: int) -> None:
    """Run it."""
    with tempfile.TemporaryDirectory() as name, opened(f"sqlite:///{name}/a.db") as engine:
        folder = Path(name)
        migrate(engine)
        world = World(engine)
        with timed(f"{count:,} listings confirmed"):
            _confirm(world, count)
        bundling = Bundling("office@bureau.example", (), ZONE)
        tables = {"law": law(folder), "classes": CLASSES, "platforms": PLATFORMS}
        with timed("drafted, four files written"):
            _, (row,) = draft(
                engine,
                folder / "out",
                unit=UNIT,
                now=world.now,
                zone=ZONE,
                bundling=bundling,
                **tables,  # type: ignore[arg-type]
            )
        assert row["listings"] == count
        at = desk(world, folder)
        acts: dict[str, Callable[[], object]] = {
            "checked": lambda: steps.check(at, NUMBER, LI),
            "signed": lambda: steps.sign(at, NUMBER, WANG),
            "marked as sent": lambda: mark_sent(engine, [NUMBER], "王芳", world.now, zone=ZONE),
        }
        for what, act in acts.items():
            with timed(what):
                act()
        with timed("made into a mail"):
            mail = as_mail(at, NUMBER, "office@bureau.example", bundling)
        assert verify_log(engine).fault is None
        for file in sorted((folder / "out").iterdir()):
            print(f"{file.name:32} {file.stat().st_size / 1e6:7.2f} MB")
        print(f"{mail.name:32} {len(mail.content) / 1e6:7.2f} MB")


def _confirm(world: World, count: int) -> None:
    classifier = classifier_id(world.engine, "1", "k")
    for first in range(0, count, BATCH):
        items = [listing(str(number)) for number in range(first, min(count, first + BATCH))]
        upsert_listings(world.engine, "plaza", items, DAY, world.now)
        versions = backlog(world.engine, classifier)
        found = [verdict(item, contact="abc13800138000") for item in items]
        save_verdicts(world.engine, classifier, versions, found, DAY, world.now)
    decide(world, list(range(1, count + 1)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
