"""Pictures fetched by the polite client: robots, the hosts' shared rates, sizes, the platforms' own budgets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from adwatch.app.office import Office
from adwatch.errors import BudgetSpent, FetchError
from adwatch.http import Client, Guard, Manners, Request, UrllibTransport
from adwatch.http.addresses import clean_url
from adwatch.models import StageReport
from adwatch.pictures.opened import BYTES
from adwatch.store.picture_rows import PASSING
from collectors.source import manners_of

if TYPE_CHECKING:
    from adwatch.models import Capture

IN_A_ROW = 5
"""Failures of a platform in a row after which it is left alone for today."""
NOTES = 20
"""Failures that are told in full; all are counted."""
SECONDS = 30.0
"""One picture may take."""
WORD_OF = {"RobotsDenied": "robots", "Blocked": "blocked", "Unreachable": "unreachable"}


@dataclass(slots=True)
class Left:
    """Pictures that may still be looked at today."""

    all: int
    each: int
    used: Counter[int] = field(default_factory=Counter)
    """By platform id."""

    def for_platform(self, platform_id: int) -> bool:
        """Whether one more may be."""
        return self.all > 0 and self.used[platform_id] < self.each

    def take(self, platform_id: int) -> None:
        """One was."""
        self.all -= 1
        self.used[platform_id] += 1


class PictureFetch:
    """Fetches for one run; a client for each platform, as its file has it."""

    def __init__(self, office: Office, day: str, report: StageReport) -> None:
        self.office, self.day, self.report = office, day, report
        self.clients: dict[str, Client] = {}
        self.failed: Counter[str] = Counter()
        self.over: set[str] = set()
        """Platforms that are left alone for today."""

    def close(self) -> None:
        """Close the connections."""
        for client in self.clients.values():
            client.close()

    def fetch(self, url: str, platform: str) -> tuple[Capture | None, bytes, str]:
        """(capture, body, word of what went wrong)."""
        try:
            clean_url(url)
        except FetchError:
            return None, b"", "no_address"
        save = partial(self.office.keep, "picture", None)
        try:
            found = self._client(platform).fetch(Request(url, "picture", conditional=False), self.day, save)
        except BudgetSpent:
            self.over.add(platform)
            return None, b"", "budget"
        except FetchError as error:
            word = WORD_OF.get(type(error).__name__, "refused")
            if len(self.report.notes) < NOTES:
                self.report.notes.append(str(error))
            self.failed[platform] += word in PASSING
            if self.failed[platform] >= IN_A_ROW:
                self.over.add(platform)
                self.report.notes.append(
                    f"{platform}: {IN_A_ROW} pictures in a row failed; left alone for today: {error}"
                )
            return None, b"", word
        self.failed[platform] = 0
        return found.capture, found.body, "" if found.status == 200 else "gone"

    def _client(self, platform: str) -> Client:
        if platform not in self.clients:
            spec = self.office.platforms.get(platform)
            manners = manners_of(spec) if spec is not None else Manners()
            manners = replace(manners, max_bytes=BYTES, max_decoded=BYTES, retries=1)
            guard = Guard(manners.allow_hosts, self.office.tools.contact)
            transport = UrllibTransport(guard, max_bytes=BYTES, total_timeout=SECONDS)
            self.clients[platform] = Client(platform, manners, transport, self.office.tools)
        return self.clients[platform]
