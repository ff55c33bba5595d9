"""Whether the office's own network works: asked whenever a site seems gone, since an outage makes all sites seem so.

Control pages (``control`` in site_rules.csv) are asked for after the site was, then the site of the same round that
answered last. One of them must answer, over a connection that is trusted where it is https: a captive portal, a proxy
that is down or a name server that fails answer for none. Where none answers, nothing is known of the site.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from adwatch.app.page_fetch import PageFetch
from adwatch.errors import Blocked, FetchError
from adwatch.ports import Wanted

OFFLINE = "offline"
"""Word of a look that says nothing of the site (classifiers.sites.page.WORDS)."""
ENOUGH = 3
"""Looks in a row that found the network down, after which a round ends."""
BROKEN = 500
"""Answers from which on are those of a gateway as well as of a site."""


@dataclass(slots=True)
class Reach:
    """For one round of looks."""

    controls: tuple[str, ...]
    """Addresses that are there whenever the network is."""
    answered: list[str] = field(default_factory=list)
    """Addresses of this round that answered, the newest last."""
    down: int = 0
    """Looks in a row that found no control."""

    def works(self, site: str, fetch: PageFetch) -> tuple[bool, list[str]]:
        """Whether something else than this site answers now, and what was said where it did not."""
        own, said = urlsplit(site).hostname, []
        last = [each for each in self.answered if urlsplit(each).hostname != own and not _number(each)][-1:]
        for address in (*self.controls, *last):
            if urlsplit(address).hostname == own:
                continue
            try:
                answer = fetch.ask(Wanted(address, "GET", ()))
            except Blocked:
                break
            except FetchError as error:
                said.append(str(error)[:200])
                continue
            if answer.status < BROKEN:
                break
            said.append(f"{address}: {answer.status}")
        else:
            self.down += 1
            return False, said
        self.down = 0
        return True, []

    def seen(self, address: str) -> None:
        """An address of this round answered."""
        self.answered.append(address)
        self.down = 0


def _number(address: str) -> bool:
    """An address without a name tells nothing of the name server."""
    host = urlsplit(address).hostname or ""
    return ":" in host or host.replace(".", "").isdigit()
