"""Answers of a run that is continued, read from the archive instead of asked for again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from adwatch.archive import Root, body_place, read_body, read_stored
from adwatch.errors import ArchiveError
from adwatch.http.manners import Kept, Request
from adwatch.models import Capture

_Key = tuple[str, str, str, str]
_UNFIT = {"truncated", "later"}
"""Marks of answers that were cut off, or by which an interface only bade us wait."""
_ASK_AGAIN = 429
"""Answers that only say "later"; so do all of 500 and more."""


class ArchiveReplay:
    """The Replay port over a run's captures; a request is the same by role, method, address and body."""

    def __init__(self, root: Root, captures: Iterable[Capture]) -> None:
        self.root = root
        self.used = 0
        """Requests that were answered."""
        self._kept = {
            _key_of(capture): capture
            for capture in captures
            if not _UNFIT & capture.context.keys() and 0 < capture.status < 500 and capture.status != _ASK_AGAIN
        }

    def find(self, request: Request) -> Kept | None:
        """The answer to the same request; what can no longer be read is asked for again."""
        body_sha256 = hashlib.sha256(request.body).hexdigest() if request.method != "GET" else ""
        capture = self._kept.get((request.role, request.method, request.url, body_sha256))
        if capture is None:
            return None
        try:
            kept = self._read(capture)
        except ArchiveError:
            return None
        self.used += 1
        return kept

    def _read(self, capture: Capture) -> Kept:
        own = read_stored(self.root, capture.warc, capture.offset)
        if capture.status == 304:
            return Kept(capture, 304, own.headers, b"", read_body(self.root, capture))
        if "earlier" not in capture.context:
            return Kept(capture, capture.status, own.headers, own.payload)
        warc, offset, _ = body_place(capture)
        return Kept(capture, capture.status, own.headers, read_stored(self.root, warc, offset).payload)


def _key_of(capture: Capture) -> _Key:
    request = capture.context.get("request")
    if isinstance(request, dict):
        return capture.role, str(request["method"]), capture.url, str(request["body_sha256"])
    # a page that its own script led elsewhere is the answer to what was asked for
    rendered = "rendered" in capture.context
    url = str(capture.context.get("requested") or capture.url) if rendered else capture.url
    return capture.role, "GET", url, ""
