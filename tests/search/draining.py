"""An indexer that runs beside a test while its server is in trouble, and what must be true at the end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from adwatch.models import StageReport
from adwatch.search import verify
from adwatch.search.indexer import drain_forever
from adwatch.store import outbox

if TYPE_CHECKING:
    from adwatch.search.elastic import ElasticIndex

COUNT = 1500
"""Listings."""
SMALL = 100
"""Documents a batch, so that there are many."""


def equal(engine: Engine, index: ElasticIndex) -> None:
    """Nothing waits, and every document is what the store says."""
    patient = type(index)(index.client.options(request_timeout=30), index.home, index.prefix)
    assert outbox.pending(engine) == 0
    found = verify(engine, patient, samples=COUNT)
    assert found.equal, found
    assert found.documents == found.listings == COUNT and found.sampled > COUNT


class Drainer:
    """The indexer on a thread, as it runs beside a patrol: it waits and tries again while the server is away."""

    def __init__(self, engine: Engine, index: ElasticIndex) -> None:
        self.stop = threading.Event()
        self.report: StageReport | None = None
        self._work = (engine, index, self.stop)
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.report = drain_forever(*self._work, pause=0.05)

    def __enter__(self) -> Drainer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join()


def drained(engine: Engine) -> bool:
    """Whether nothing waits any more."""
    return outbox.pending(engine) == 0
