"""Lists that lead to further lists, such as the index of a sitemap: each once, so deep and so many, and no more."""

from __future__ import annotations

from collections.abc import Iterator

from adwatch.ports import Event
from collectors.extract import ListPage
from collectors.spec import Address, PlatformSpec


class SubLists:
    """The lists of one patrol that were found on others."""

    def __init__(self, spec: PlatformSpec) -> None:
        self.spec = spec
        self._depth: dict[str, int] = {}

    def below(self, address: Address, url: str, page: ListPage) -> Iterator[Address | Event]:
        """Lists below this one that are to be read now; what the page or a limit left out, as events."""
        for note in page.notes:
            yield Event("ok", url, note)
        depth = self._depth.setdefault(url, 1) + 1
        known = {url, address.url, *self._depth}
        wanted = [one for one in dict.fromkeys(page.lists) if one not in known]
        if wanted and depth > self.spec.sitemap.depth:
            yield Event("ok", url, f"{len(wanted)} sitemaps below depth {self.spec.sitemap.depth}; left out")
            return
        room = max(self.spec.paging.max_pages - len(self._depth), 0)
        if len(wanted) > room:
            message = f"stopped at max_pages {self.spec.paging.max_pages}: {len(wanted) - room} sitemaps left out"
            yield Event("ok", url, message)
        for one in wanted[:room]:
            self._depth[one] = depth
        for one in wanted[:room]:
            yield address.model_copy(update={"url": one})
