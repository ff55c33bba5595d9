"""What is done after an answer was sent: the search index is told, by one thread at a time."""

from __future__ import annotations

import threading

from adwatch.app import Office
from adwatch.app.indexing import index_now


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
                self.wanted = False
                index_now(self.office)
            finally:
                self.lock.release()
