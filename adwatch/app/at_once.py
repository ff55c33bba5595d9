"""Does several pieces of waiting work at once, each in a thread, and gives them back as they are done."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 5.0
"""Seconds that a thread is given to end when the caller stops early (Ctrl-C)."""


def done_at_once(do: Callable[[T, threading.Event], None], works: Sequence[T], at_once: int) -> Iterator[T]:
    """Each work once it is done; with ``at_once`` 1 in order and in the caller's own thread.

    ``do`` must not raise; it looks at the event now and then, which is set when the caller wants no more.
    """
    stopped = threading.Event()
    if at_once <= 1 or len(works) <= 1:
        for work in works:
            do(work, stopped)
            yield work
        return
    waiting, done = queue.SimpleQueue[T](), queue.SimpleQueue[T]()
    for work in works:
        waiting.put(work)

    def worker() -> None:
        while not stopped.is_set():
            try:
                work = waiting.get_nowait()
            except queue.Empty:
                return
            do(work, stopped)
            done.put(work)

    threads = [threading.Thread(target=worker, daemon=True) for _ in range(min(at_once, len(works)))]
    for thread in threads:
        thread.start()
    try:
        for _ in works:
            yield done.get()
    finally:
        stopped.set()
        for thread in threads:
            thread.join(PATIENCE)
