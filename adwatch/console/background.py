"""What is done after an answer was sent: the search index is told, by one thread at a time, a moment later."""

from __future__ import annotations

import threading
import time

from adwatch.app import Office
from adwatch.app.indexing import index_now

PAUSE = 0.5
"""Seconds before the index is told: the page that follows goes first, and what is done meanwhile goes along."""


class Pusher:
    """Pushes what waits in the outbox; whoever comes while it does has it done once more."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.lock = threading.Lock()
        self.wanted = False

    def __call__(self) -> None:
        """Push, or leave it to the thread that does."""
        self.wanted = True
        while self.wanted and self.lock.acquire(blocking=False):
            try:
                time.sleep(PAUSE)
                self.wanted = False
                index_now(self.office)
            finally:
                self.lock.release()
