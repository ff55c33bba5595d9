"""The site's own search, tried with words of its own listings: what always has hits, and how an honest zero looks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from collectors.documents import HtmlDocument
from collectors.draft.site import Site
from collectors.draft.trial import Trial, listed, tried
from collectors.draft.ways import search_of
from collectors.html import block_text
from collectors.paging import Place, list_request
from collectors.specfile import SpecFile

NONSENSE = "zqxjkvw"
"""A word that nothing is called."""
_ZERO = re.compile(
    r"没有|未找到|无结果|找不到|暂无|(?<!\d)0 ?[个条件项]|no (?:results|matches|posts)|nothing|not found|\b0 results",
    re.IGNORECASE,
)


def with_search(trial: Trial, front: HtmlDocument | None, site: Site, files: Mapping[str, SpecFile]) -> Trial:
    """The draft with a search, a probe term and the words of an empty list, as far as they show themselves."""
    if trial.spec is None or trial.spec.kind in ("feed", "sitemap"):
        return trial
    found = trial
    if not trial.spec.searched:
        address = search_of(front, front.base) if front is not None else None
        if address is None or "lists" not in trial.values:
            return trial
        if trial.spec.paging.by == "page":
            mark = next((m for m in ("page", "p", "paged") if f"{m}={{page}}" in str(trial.values["lists"])), "page")
            address += f"&{mark}={{page}}"
        values = {**trial.values, "lists": [{"search": address}, *trial.values["lists"]]}
        found = tried(Trial(values, trial.why, trial.bonus), site, files)
    term = _term(found)
    if term is None or found.spec is None or not found.listings:
        return trial
    if not _hits(found, site, term):
        trial.faults.append(f"a search form is there, but a search for {term} shows no item by the same rules")
        return trial
    found.values["probe"] = term
    zero = _zero_words(found, site)
    if zero is not None and found.spec.items is not None and not found.spec.items.no_results.words:
        items: dict[str, Any] = dict(found.values.get("items") or {})
        found.values["items"] = {**items, "no_results": {"words": [zero]}}
    again = tried(Trial(found.values, found.why, found.bonus), site, files)
    return again if again.listings else trial


def _term(trial: Trial) -> str | None:
    """Two characters, or a word, that most titles hold, else the first title's."""
    titles = [one.title for one in trial.listings if one.title]
    words = [word for title in titles for word in re.findall(r"[一-鿿]{2}|[A-Za-z]{4,}", title)]
    return max(dict.fromkeys(words), key=lambda word: sum(word in title for title in titles), default=None)


def _page(trial: Trial, site: Site, term: str) -> Any:
    assert trial.spec is not None  # noqa: S101 - the caller has looked
    address = next(source.address for source in trial.spec.lists if source.way == "search")
    return site.get(
        list_request(trial.spec, address, Place(trial.spec.paging.start), term, {}).url, list="search", term=term
    )


def _hits(trial: Trial, site: Site, term: str) -> bool:
    page = listed(trial, _page(trial, site, term))
    return page is not None and bool(page.items)


def _zero_words(trial: Trial, site: Site) -> str | None:
    """The line by which an empty search says so."""
    fetched = _page(trial, site, NONSENSE)
    page = listed(trial, fetched)
    if page is None or page.items or not isinstance(page.document, HtmlDocument):
        return None
    lines = [line.strip() for line in block_text(page.document.root).split("\n")]
    said = [line for line in lines if _ZERO.search(line) and len(line) <= 60 and NONSENSE not in line]
    return min(said, key=len, default=None) or _around(lines)


def _around(lines: list[str]) -> str | None:
    """Where the line quotes the word that was asked for, the longest piece beside it."""
    quoted = [line for line in lines if _ZERO.search(line) and NONSENSE in line and len(line) <= 120]
    pieces = [piece.strip(" \"'“”「」：:，。") for line in quoted for piece in line.split(NONSENSE)]
    return max((piece for piece in pieces if _ZERO.search(piece)), key=len, default=None)
