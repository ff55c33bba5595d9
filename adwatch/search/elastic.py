"""The index in Elasticsearch: hits, and all listings by month; strict mapping, external versions, phrase queries.

Names and templates are in elastic_indices, writing in elastic_bulk. Nothing beyond the bare server is used: no plugin,
script, ingest pipeline or optional analysis module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch

from adwatch.errors import SearchError
from adwatch.search.base import COUNTED, Found, Hit, Put, Query, Status, Wanted, another_version, folded_phrases, wanted
from adwatch.search.document import Document, spaced
from adwatch.search.elastic_bulk import WAIT, bulk
from adwatch.search.elastic_care import Care
from adwatch.search.elastic_client import errors
from adwatch.search.elastic_indices import Indices
from adwatch.search.fields import layout
from adwatch.search.keys import contact_secret

PAGE = 1000
TOGETHER = 100
"""Phrases asked in one query."""
KEEP = "2m"
"""How long a point in time lives between two pages."""
WHOLE: dict[str, Any] = {"allow_partial_search_results": False}
"""Where a shard is not there a search fails: else the server would give what the others hold, without a word."""
BY_ID: list[dict[str, Any]] = [{"listing_id": "asc"}]
FIRST_SEEN = [{"field": "first_seen"}]
ORDER: list[dict[str, Any]] = [
    {"flagged": "desc"},
    {"score": "desc"},
    {"first_seen": "desc"},
    {"listing_id": "asc"},
]


def question(want: Wanted, query: Query) -> dict[str, Any]:
    """The query: any of phrase, address and contact key, within the filters."""
    filters: list[dict[str, Any]] = []
    ways: list[dict[str, Any]] = []
    if want.phrase:
        phrase = {"query": spaced(want.phrase), "analyzer": "whitespace"}
        ways.append({"match_phrase": {"normal": phrase}})
    if want.url:
        ways.append({"term": {"url_norm": want.url}})
    if want.contact:
        ways.append({"term": {"contact_keys": want.contact}})
    if ways:
        filters.append({"bool": {"should": ways, "minimum_should_match": 1}})
    if not query.everything:
        filters.append({"term": {"flagged": True}})
    if query.platform:
        filters.append({"term": {"platform": query.platform}})
    if query.first_day:
        filters.append({"range": {"last_seen": {"gte": query.first_day}}})
    if query.last_day:
        filters.append({"range": {"first_seen": {"lte": query.last_day}}})
    return {"bool": {"filter": filters}} if filters else {"match_all": {}}


def first_page(asked: dict[str, Any], limit: int) -> dict[str, Any]:
    """What is sent for a page of hits: the bench sends the same, with facets and highlights beside it."""
    return {"query": asked, "sort": ORDER, "size": limit, "track_total_hits": COUNTED} | WHOLE


class ElasticIndex:
    """The indices of one prefix on a cluster."""

    def __init__(
        self,
        client: Elasticsearch,
        home: Path,
        prefix: str = "adwatch",
        everything: bool = True,
        generation: int | None = None,
        backoff: float = 0.5,
        snapshots: str = "",
    ) -> None:
        self.client = client
        self.home = home
        self.secret = contact_secret(home)
        self.prefix = prefix
        self.care = Care(client, prefix, snapshots)
        self.indices = Indices(client, prefix, everything, generation, self.care)
        self._backoff = backoff
        node = next(iter(client.transport.node_pool.all())).base_url
        self.name = f"{node}/{self.indices.hits}"

    @property
    def generation(self) -> int | None:
        """Number of a new generation; None for the live one."""
        return self.indices.generation

    def prepare(self) -> bool:
        """Make templates, index and alias when there is none; SearchError when it has another layout or mapping."""
        ours = self.indices
        with errors(self.name):
            if ours.generation is None and ours.live() is None:
                if self.client.indices.exists_alias(name=ours.listings_alias):
                    raise another_version(self.name)
                return ours.make()
            layouts = ours.layouts()
            strangers = ours.strangers(ours.hits) + (ours.strangers(ours.whole) if ours.everything else [])
        if layouts != {layout()}:
            raise another_version(self.name)
        if strangers:
            told = ", ".join(strangers[:3])
            message = f"{self.name}: mapping conflict: somebody changed {told}; run adwatch index rebuild"
            raise SearchError(message, "mapping conflict")
        return False

    def put(self, documents: Sequence[Document]) -> Put:
        """Bulk upsert; a lower version is refused by the server."""
        with errors(self.name):
            if self.indices.everything:
                self.indices.make_months(document.month for document in documents)
            return bulk(self.client, self.name, self.indices, documents, self._backoff)

    def refresh(self) -> None:
        """What was put is found from now on; SearchError where a shard is lost: it would wait a minute."""
        with errors(self.name):
            word = self.indices.health(WAIT)
            if word != "ok":
                raise SearchError(f"{self.name}: {word}", "red")
            self.client.indices.refresh(index=[self.indices.hits, self.indices.whole], ignore_unavailable=True)

    def forget(self) -> int:
        """What was replaced leaves the cluster's disks; how much does not yet."""
        with errors(self.name):
            return self.indices.forget()

    def _target(self, everything: bool) -> str:
        return self.indices.whole if everything else self.indices.hits

    def search(self, query: Query) -> Found:
        """Listings found, in the order of Found."""
        asked = question(wanted(query, self.secret), query)
        target = self._target(query.everything)
        with errors(self.name):
            if query.limit is not None and query.limit <= PAGE:
                page = first_page(asked, query.limit)
                answer = self.client.search(index=target, ignore_unavailable=query.everything, **page)
                total = answer["hits"]["total"]
                bodies = [row["_source"] for row in answer["hits"]["hits"]]
                return Found([Hit(b, query.text) for b in bodies], total["value"], total["relation"] == "eq")
            rows = [row["_source"] for row in self._pages(target, asked, ORDER, query.limit)]
        return Found([Hit(b, query.text) for b in rows], len(rows), query.limit is None or len(rows) < query.limit)

    def _pages(
        self,
        target: str | list[str],
        asked: dict[str, Any],
        order: list[dict[str, Any]],
        limit: int | None,
        source: bool = True,
        values: Sequence[dict[str, Any]] = (),
    ) -> Iterator[dict[str, Any]]:
        """All hits, a page at a time, from one point in time."""
        pit = self.client.open_point_in_time(index=target, keep_alive=KEEP, ignore_unavailable=True)["id"]
        after: list[Any] | None = None
        left = limit
        try:
            while left is None or left > 0:
                answer = self.client.search(
                    pit={"id": pit, "keep_alive": KEEP},
                    query=asked,
                    sort=order,
                    size=PAGE if left is None else min(PAGE, left),
                    search_after=after,
                    track_total_hits=False,
                    source=source,
                    **WHOLE,
                    docvalue_fields=values or None,
                )
                pit = answer["pit_id"]
                rows = answer["hits"]["hits"]
                yield from rows
                if not rows:
                    return
                after = rows[-1]["sort"]
                left = None if left is None else left - len(rows)
        finally:
            self.client.close_point_in_time(id=pit)

    def holding(self, phrases: Sequence[str]) -> Iterator[str]:
        """Ids of all listings in which any of the phrases is found, each once."""
        ways = [
            {"match_phrase": {"normal": {"query": spaced(phrase), "analyzer": "whitespace"}}}
            for phrase in folded_phrases(phrases)
        ]
        seen: set[str] = set()
        with errors(self.name):
            for at in range(0, len(ways), TOGETHER):  # a server takes so many clauses and no more
                asked = {"bool": {"should": ways[at : at + TOGETHER], "minimum_should_match": 1}}
                for row in self._pages(self._target(True), {"bool": {"filter": [asked]}}, BY_ID, None, source=False):
                    if row["_id"] not in seen:
                        seen.add(row["_id"])
                        yield row["_id"]

    def newest(self) -> int:
        """Highest version in it; 0 when empty."""
        ours = [self.indices.hits, self.indices.whole]
        highest = {"newest": {"max": {"field": "version"}}}
        self.refresh()
        with errors(self.name):
            answer = self.client.search(index=ours, size=0, aggs=highest, ignore_unavailable=True)
        return int(answer["aggregations"]["newest"]["value"] or 0)

    def parts(self) -> tuple[str, ...]:
        """Whether it holds all listings, and the hits apart."""
        return ("all", "hits") if self.indices.everything else ("hits",)

    def newer(self, version: int) -> Iterator[str]:
        """Ids of the listings in that version or a later one; none where there is no index of our layout."""
        ours = [self.indices.hits, self.indices.whole]
        with errors(self.name):
            if self.indices.live() is None or self.indices.layouts() != {layout()}:
                return
            self.refresh()
            asked = {"range": {"version": {"gte": version}}}
            last = ""
            for row in self._pages(ours, asked, BY_ID, None, source=False):
                if row["_id"] != last:  # a hit stands in two indices
                    yield row["_id"]
                last = row["_id"]

    def entries(self, part: str = "all") -> Iterator[tuple[str, str]]:
        """(listing id, first day), sorted."""
        target = self._target(part == "all")
        with errors(self.name):
            for row in self._pages(target, {"match_all": {}}, BY_ID, None, source=False, values=FIRST_SEEN):
                yield row["_id"], row["fields"]["first_seen"][0]

    def bodies(self, documents: Sequence[Document], part: str = "all") -> list[dict[str, Any] | None]:
        """What it holds for each of these, in order."""
        if not documents:
            return []
        apart = part == "hits" or not self.indices.everything
        wanted_docs = [
            {"_index": self.indices.hits if apart else self.indices.month(d.month), "_id": d.body["listing_id"]}
            for d in documents
        ]
        with errors(self.name):
            answer = self.client.mget(docs=wanted_docs)
        return [row.get("_source") for row in answer["docs"]]

    def rebuilding(self, generation: int = 0) -> ElasticIndex:
        """The next generation, without aliases, or the unfinished one of that number; other remains are deleted."""
        ours = self.indices
        with errors(self.name):
            live, there = ours.live() or 0, ours.all()
            if generation <= live or f"{ours.hits_alias}-{generation:06d}" not in there:
                generation = 0
            for name, number in there.items():
                if number > live and number != generation:
                    self.client.indices.delete(index=name)
            if not generation:
                generation = max([live, *ours.all().values()]) + 1
            same = (self.client, self.home, self.prefix, ours.everything)
            fresh = ElasticIndex(*same, generation, self._backoff, self.care.snapshots)
            fresh.indices.make()
        return fresh

    def switch(self) -> None:
        """Move the aliases here in one step."""
        if self.indices.generation is not None:
            with errors(self.name):
                self.indices.switch()

    def drop_others(self) -> None:
        """Delete every other generation, when the searches in it have come to their ends."""
        if self.indices.generation is not None:
            with errors(self.name):
                self.indices.drop_others()

    def drop(self) -> None:
        """Delete all generations and the templates."""
        with errors(self.name):
            self.indices.drop()

    def status(self) -> Status:
        """Counts, size and health."""
        hits, whole = self.indices.hits, self.indices.whole
        with errors(self.name):
            word = self.indices.health()
            if word != "ok":
                return Status(self.name, 0, 0, None, word)
            total = self.client.count(index=whole, ignore_unavailable=True)["count"]
            flagged = self.client.count(index=hits, query={"term": {"flagged": True}})["count"]
            ours = self.client.indices.stats(index=f"{self.prefix}-*", metric="store")["_all"]["total"]
            care = self.care.told()
        return Status(self.name, total, flagged, ours["store"]["size_in_bytes"], "ok", care)

    def close(self) -> None:
        """Nothing: the client is the caller's, and may serve another generation."""
