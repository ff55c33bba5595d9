"""The index in Elasticsearch: versioned indices behind an alias, strict mapping, external versions, phrase queries.

Names: alias ``<prefix>-listings``, indices ``<prefix>-listings-000001`` and so on, template ``<prefix>-listings``.
Nothing beyond the bare server is used: no plugin, script, ingest pipeline or optional analysis module.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError, helpers

from adwatch.errors import SearchError
from adwatch.failpoints import failpoint
from adwatch.search.base import COUNTED, Found, Hit, Put, Query, Status, Wanted, folded_phrases, wanted
from adwatch.search.document import Document, spaced
from adwatch.search.elastic_client import errors, failure, reason_of
from adwatch.search.fields import TEMPLATE_FILE, layout
from adwatch.search.keys import contact_secret

PAGE = 1000
CHUNK = 1000
"""Documents a bulk request."""
TOGETHER = 100
"""Phrases asked in one query."""
KEEP = "2m"
"""How long a point in time lives between two pages."""
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


class ElasticIndex:
    """One alias on a cluster."""

    def __init__(
        self, client: Elasticsearch, home: Path, prefix: str = "adwatch", index: str | None = None, backoff: float = 0.5
    ) -> None:
        self.client = client
        self.home = home
        self.secret = contact_secret(home)
        self.alias = f"{prefix}-listings"
        self.prefix = prefix
        self._index = index
        self._backoff = backoff
        node = next(iter(client.transport.node_pool.all())).base_url
        self.name = f"{node}/{index or self.alias}"

    @property
    def _target(self) -> str:
        return self._index or self.alias

    def _live(self) -> str | None:
        """The index behind the alias."""
        try:
            names = sorted(self.client.indices.get_alias(name=self.alias).body)
        except NotFoundError:
            return None
        return str(names[-1])

    def _generations(self) -> list[str]:
        found = self.client.indices.get(index=f"{self.alias}-*", expand_wildcards="open", features=["aliases"])
        return sorted(found.body)

    def _make(self, number: int, alias: bool) -> str:
        template = json.loads(TEMPLATE_FILE.read_text(encoding="utf-8"))
        patterns = [f"{self.alias}-*"]
        self.client.indices.put_index_template(
            name=self.alias, index_patterns=patterns, template=template, priority=300
        )
        index = f"{self.alias}-{number:06d}"
        self.client.indices.create(index=index, aliases={self.alias: {}} if alias else None)
        return index

    def prepare(self) -> None:
        """Make template, index and alias when there is none; SearchError when it has another layout."""
        with errors(self.name):
            live = self._index or self._live()
            if live is None:
                numbers = [int(name.rpartition("-")[2]) for name in self._generations()]
                self._make(max(numbers, default=0) + 1, alias=True)
                return
            mapping = self.client.indices.get_mapping(index=live).body[live]["mappings"]
        if mapping.get("_meta", {}).get("layout") != layout():
            raise SearchError(f"{self.name}: made by another version of AdWatch; run adwatch index rebuild")

    def put(self, documents: Sequence[Document]) -> Put:
        """Bulk upsert; a lower version is refused by the server."""
        done = Put()
        failpoint("index.before_commit")
        by_id = {d.body["listing_id"]: d for d in documents}
        with errors(self.name):
            results = helpers.streaming_bulk(
                self.client,
                map(self._action, documents),
                chunk_size=CHUNK,
                max_chunk_bytes=10 << 20,
                raise_on_error=False,
                max_retries=5,
                initial_backoff=self._backoff,
                max_backoff=15,
            )
            for taken, answer in results:
                item = answer["index"]
                if taken:
                    done.kept += 1
                elif item["status"] == 409:
                    done.older += 1
                else:
                    reason = reason_of(item.get("error"))
                    if item["status"] != 400:
                        raise failure(self.name, item["status"], reason)
                    done.refused.append((by_id[item["_id"]], reason))
        return done

    def _action(self, document: Document) -> dict[str, Any]:
        return {
            "_op_type": "index",
            "_index": self._target,
            "_id": document.body["listing_id"],
            "version": document.version,
            "version_type": "external_gte",
            "require_alias": self._index is None,
            "_source": document.body | {"normal": document.chars},
        }

    def refresh(self) -> None:
        """What was put is found from now on."""
        with errors(self.name):
            self.client.indices.refresh(index=self._target)

    def search(self, query: Query) -> Found:
        """Listings found, in the order of Found."""
        asked = question(wanted(query, self.secret), query)
        with errors(self.name):
            if query.limit is not None and query.limit <= PAGE:
                answer = self.client.search(
                    index=self._target, query=asked, sort=ORDER, size=query.limit, track_total_hits=COUNTED
                )
                total = answer["hits"]["total"]
                bodies = [row["_source"] for row in answer["hits"]["hits"]]
                return Found([Hit(b, query.text) for b in bodies], total["value"], total["relation"] == "eq")
            rows = [row["_source"] for row in self._pages(asked, ORDER, query.limit)]
        return Found([Hit(b, query.text) for b in rows], len(rows), query.limit is None or len(rows) < query.limit)

    def _pages(
        self, asked: dict[str, Any], order: list[dict[str, Any]], limit: int | None, source: bool = True
    ) -> Iterator[dict[str, Any]]:
        """All hits, a page at a time, from one point in time."""
        pit = self.client.open_point_in_time(index=self._target, keep_alive=KEEP)["id"]
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
                for row in self._pages({"bool": {"filter": [asked]}}, [{"listing_id": "asc"}], None, source=False):
                    if row["_id"] not in seen:
                        seen.add(row["_id"])
                        yield row["_id"]

    def newest(self) -> int:
        """Highest version in it; 0 when empty."""
        with errors(self.name):
            self.client.indices.refresh(index=self._target)
            answer = self.client.search(index=self._target, size=0, aggs={"newest": {"max": {"field": "version"}}})
        return int(answer["aggregations"]["newest"]["value"] or 0)

    def keys(self) -> Iterator[str]:
        """Listing ids, sorted."""
        with errors(self.name):
            for row in self._pages({"match_all": {}}, [{"listing_id": "asc"}], None, source=False):
                yield row["_id"]

    def bodies(self, documents: Sequence[Document]) -> list[dict[str, Any] | None]:
        """What it holds for each of these, in order."""
        if not documents:
            return []
        with errors(self.name):
            answer = self.client.mget(index=self._target, ids=[d.body["listing_id"] for d in documents])
        return [row.get("_source") for row in answer["docs"]]

    def rebuilding(self) -> ElasticIndex:
        """The next index, without the alias; remains of one that was never finished are deleted."""
        with errors(self.name):
            live = self._live()
            for name in self._generations():
                if name != live:
                    self.client.indices.delete(index=name)
            number = int(live.rpartition("-")[2]) if live else 0
            index = self._make(number + 1, alias=False)
        return ElasticIndex(self.client, self.home, self.prefix, index)

    def switch(self) -> None:
        """Move the alias here in one step and delete every other generation."""
        if self._index is None:
            return
        with errors(self.name):
            others = [name for name in self._generations() if name != self._index]
            actions: list[dict[str, Any]] = [{"remove_index": {"index": name}} for name in others]
            self.client.indices.update_aliases(actions=[*actions, {"add": {"index": self._index, "alias": self.alias}}])

    def drop(self) -> None:
        """Delete all generations and the template."""
        with errors(self.name):
            for name in self._generations():
                self.client.indices.delete(index=name)
            self.client.options(ignore_status=404).indices.delete_index_template(name=self.alias)

    def status(self) -> Status:
        """Counts, size and health."""
        with errors(self.name):
            total = self.client.count(index=self._target)["count"]
            flagged = self.client.count(index=self._target, query={"term": {"flagged": True}})["count"]
            stats = self.client.indices.stats(index=self._target, metric="store")["_all"]["total"]
            health = self.client.cluster.health(index=self._target)["status"]
        word = "ok" if health in ("green", "yellow") else f"cluster is {health}"
        return Status(self.name, total, flagged, stats["store"]["size_in_bytes"], word)

    def close(self) -> None:
        """Nothing: the client is the caller's, and may serve another generation."""
