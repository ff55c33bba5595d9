"""The drainer in a process of its own, beside whoever writes the store: indexing takes none of the writer's time."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from adwatch.errors import AdWatchError
from adwatch.search.indexer import Stop, drain_forever
from adwatch.search.opening import open_index
from adwatch.settings import Settings
from adwatch.store.engine import open_engine

POLL = 0.5
"""Seconds between two looks at the outbox, and at whether the parent still lives."""


class ParentStop:
    """Set when the event is set or the process that started us is gone."""

    def __init__(self, event: Stop, parent: int) -> None:
        self._event = event
        self._parent = parent

    def is_set(self) -> bool:
        """Whether to end."""
        return self._event.is_set() or os.getppid() != self._parent

    def wait(self, timeout: float) -> bool:
        """Sleep until set or timed out."""
        return self._event.wait(timeout) or self.is_set()


def run_drainer(settings: Settings, stop: Stop, parent: int) -> None:
    """Body of the process; ends with status 3 when the index could not take what was left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupted parent sets the event, and nothing is cut off
    engine = open_engine(settings.store_url)
    try:
        drain_forever(engine, open_index(settings), ParentStop(stop, parent), POLL)
    except AdWatchError:
        raise SystemExit(AdWatchError.exit_status) from None
    finally:
        engine.dispose()


@contextmanager
def draining(settings: Settings) -> Iterator[None]:
    """Drain the outbox in a second process while the block runs, and to the end before it is left.

    What the index does not take stays in the outbox: whoever asks it next is told why.
    """
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    process = context.Process(target=run_drainer, args=(settings, stop, os.getpid()), name="adwatch-index")
    process.start()
    try:
        yield
    finally:
        stop.set()
        process.join()
