"""Writes the archive: ``<root>/<day>/<platform>-<run>.warc.gz``, one file for each platform, day and process.

An exchange is one append of three members (response, request, metadata) and lies in the file before ``keep`` returns.
A process never appends behind what another left, so a torn tail stays at an end, where ``repair`` finds it. A file that
has reached its size is followed by ``...~0002.warc.gz``. A body that is known already is kept once: the later answer
is a ``revisit`` of the earlier one, within one retention window only, since WARC files expire whole.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from adwatch.archive.decode import DECODED_LIMIT
from adwatch.archive.reader import body_place, payload_digest_of
from adwatch.archive.warc_file import WarcFile, payload_digest
from adwatch.errors import ArchiveError
from adwatch.models import Capture
from adwatch.ports import Exchange, HandedFile
from adwatch.text import clean

FULL = 1_000_000_000
"""Bytes after which a file is followed by another."""

WORTH_A_REVISIT = 512
"""Bytes of a body below which a revisit record would save nothing."""

Known = Callable[[str, str], Capture | None]
"""(platform, digest of the decoded body): the newest capture of that body."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def file_name(platform: str, run: str) -> str:
    """Name of the WARC file; letters that a file system may refuse are percent-encoded."""
    safe = quote(clean(platform), safe="").replace(".", "%2E")
    if len(safe) > 80:
        safe = f"{safe[:60]}~{hashlib.sha256(platform.encode()).hexdigest()[:16]}"
    return f"{safe}-{run}.warc.gz"


def window(day: str) -> str:
    """The retention window of a day: files of one calendar month expire together."""
    return day[:7]


def new_run_token(now: datetime) -> str:
    """Sorts by time and is different in every process."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{os.urandom(3).hex()}"


class Archive:
    """One process's end of the archive; safe to share between threads."""

    def __init__(
        self,
        root: Path,
        run: str,
        software: str = "",
        decoded_limit: int = DECODED_LIMIT,
        full: int = FULL,
        known: Known | None = None,
    ) -> None:
        self.root = root
        self.run = run
        self.software = software
        self.decoded_limit = decoded_limit
        self.full = full
        self.known = known
        self._files: dict[tuple[str, str], WarcFile] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Bring all files to disk and close them."""
        with self._lock:
            while self._files:
                self._files.popitem()[1].close()

    def finish(self, platform: str, day: str) -> None:
        """Close the file of a platform and day: whoever keeps more of it begins another."""
        with self._lock:
            file = self._files.pop((platform, day), None)
            if file is not None:
                file.close()

    def keep(self, exchange: Exchange | HandedFile) -> Capture:
        """Archive an exchange or a handed-over file; the capture has no id yet."""
        when = exchange.received_at if isinstance(exchange, HandedFile) else exchange.fetched_at
        if not isinstance(exchange, HandedFile):
            exchange = self._as_revisit(exchange)
        with self._lock:
            file = self._file(exchange.platform, exchange.day, when)
            if isinstance(exchange, HandedFile):
                return file.append_resource(exchange)
            return file.append_exchange(exchange, self.decoded_limit)

    def note(self, platform: str, day: str, when: datetime, content: Mapping[str, object]) -> None:
        """Keep what a patrol says of itself: a day can be rebuilt from the archive alone."""
        with self._lock:
            self._file(platform, day, when).append_note(platform, when, content)

    def _as_revisit(self, exchange: Exchange) -> Exchange:
        """The exchange, referring to the earlier record of the same bytes if there is one in its retention window."""
        whole = exchange.status == 200 and exchange.truncated is None and exchange.earlier is None
        whole = whole and exchange.made_from is None
        if self.known is None or not whole or len(exchange.body) < WORTH_A_REVISIT:
            return exchange
        earlier = self.known(exchange.platform, payload_digest(exchange, {}, self.decoded_limit))
        if earlier is None or window(body_place(earlier)[0]) != window(exchange.day):
            return exchange
        try:
            digest = payload_digest_of(self.root, earlier)
        except ArchiveError:
            return exchange
        same = digest == f"sha256:{hashlib.sha256(exchange.body).hexdigest()}"
        return replace(exchange, earlier=earlier) if same else exchange

    def _file(self, platform: str, day: str, when: datetime) -> WarcFile:
        found = self._files.get((platform, day))
        if found is not None and found.size >= self.full:
            self._files.pop((platform, day)).close()
            found = None
        if found is None:
            if not _DAY.fullmatch(day):
                raise ArchiveError(f"{day!r} is no day; write it as 2026-11-22")
            number = self._numbers.get((platform, day), 0) + 1
            run = self.run if number == 1 else f"{self.run}~{number:04}"
            found = WarcFile(self.root, f"{day}/{file_name(platform, run)}", self.software, when)
            self._files[platform, day] = found
            self._numbers[platform, day] = number
        return found
