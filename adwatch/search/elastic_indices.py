"""Names and making of our indices on a cluster: versioned, behind aliases, by component and index templates.

``<prefix>-hits`` -> ``<prefix>-hits-000001``: one document for each listing that is or was flagged, or has a case.
``<prefix>-listings-2026-11`` -> ``<prefix>-listings-2026-11-000001``: all listings first stored in that month, and
``<prefix>-listings`` over all months; both only where the installation wants all listings on the cluster.
Writing goes through the aliases of the live generation, so that a cluster that lost its indices is told, never filled
with indices of its own making.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from adwatch.errors import SearchError
from adwatch.search.document import Document
from adwatch.search.elastic_care import Care
from adwatch.search.fields import FOLDER, layout

READERS = 150.0
"""Seconds that readers have to come to an end in a generation whose place another took: more than KEEP of a page."""


MERGES = 3600.0
"""Seconds that a merge of what holds replaced documents may take."""
LEASES = 75.0
"""Seconds for which these are waited for: the server lets go of them every 30."""


class Indices:
    """The indices of one prefix: the live generation, or one that is being built."""

    def __init__(
        self, client: Elasticsearch, prefix: str, everything: bool, generation: int | None, care: Care
    ) -> None:
        self.client = client
        self.care = care
        self.prefix = prefix
        self.everything = everything
        self.generation = generation
        self.hits_alias = f"{prefix}-hits"
        self.listings_alias = f"{prefix}-listings"
        self._months: set[str] = set()

    @property
    def hits(self) -> str:
        """Where hits are read and written."""
        return self.hits_alias if self.generation is None else f"{self.hits_alias}-{self.generation:06d}"

    @property
    def whole(self) -> str:
        """Where everything that the cluster holds is read."""
        if not self.everything:
            return self.hits
        return self.listings_alias if self.generation is None else f"{self.listings_alias}-*-{self.generation:06d}"

    def month(self, month: str) -> str:
        """Where the listings of a month are read and written."""
        alias = f"{self.listings_alias}-{month}"
        return alias if self.generation is None else f"{alias}-{self.generation:06d}"

    def targets(self, document: Document) -> list[str]:
        """Where a document is written."""
        found = [self.hits] if document.hit else []
        return [*found, self.month(document.month)] if self.everything else found

    def live(self) -> int | None:
        """Number of the generation behind the alias of the hits; None where there is none."""
        try:
            names = self.client.indices.get_alias(name=self.hits_alias).body
        except NotFoundError:
            return None
        return max(int(name.rpartition("-")[2]) for name in names)

    def all(self) -> dict[str, int]:
        """Every index of ours with the number of its generation, older layouts too."""
        ours = re.compile(rf"{re.escape(self.prefix)}-(hits|listings(-\d{{4}}-\d\d)?)-(\d{{6}})")
        patterns = [f"{self.hits_alias}-*", f"{self.listings_alias}-*"]
        found = self.client.indices.get(index=patterns, expand_wildcards="open", features=["aliases"]).body
        return {name: int(name.rpartition("-")[2]) for name in sorted(found) if ours.fullmatch(name)}

    def put_templates(self) -> None:
        """Component templates, then the index templates that are composed of them; lifecycles where there are any."""
        lifecycles = self.care.apply()
        for kind in ("settings", "fields"):
            body = self._template(f"component-{kind}")
            self.client.cluster.put_component_template(name=f"{self.prefix}-{kind}", template=body["template"])
        for kind in ("hits", "listings"):
            body = self._template(kind)
            if kind == "listings" and lifecycles:
                body["template"] = {"settings": {"index.lifecycle.name": self.care.policy}}
            self.client.indices.put_index_template(name=f"{self.prefix}-{kind}", **body)

    def _template(self, name: str) -> dict[str, Any]:
        text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
        made: dict[str, Any] = json.loads(text.replace('"adwatch-', f'"{self.prefix}-'))
        return made

    def make(self) -> bool:
        """Templates and the index of the hits, with its alias unless it is being built beside a live one.

        False where another process was faster: two that begin at once must not make two generations.
        """
        self.put_templates()
        number = self.generation or max(self.all().values(), default=0) + 1
        if self.generation is not None:
            return self._create(f"{self.hits_alias}-{number:06d}", None)
        if self.live() is not None:  # asked after the number was taken: else its index is in the number
            return False
        return self._create(f"{self.hits_alias}-{number:06d}", {self.hits_alias: {}})

    def make_months(self, months: Iterable[str]) -> None:
        """The indices of these months where there are none yet."""
        for month in sorted(set(months) - self._months):
            alias = f"{self.listings_alias}-{month}"
            if self.generation is not None:
                self._create(f"{alias}-{self.generation:06d}", None)
            elif not self.client.indices.exists_alias(name=alias):
                number = self.live()
                if number is None:
                    raise SearchError(f"{self.hits}: no index yet: run adwatch index rebuild", "no index yet")
                self._create(f"{alias}-{number:06d}", {alias: {}, self.listings_alias: {}})
            self._months.add(month)

    def _create(self, name: str, aliases: dict[str, dict[str, Any]] | None) -> bool:
        """Whether it was we who made it."""
        try:
            self.client.indices.create(index=name, aliases=aliases)
        except BadRequestError as error:
            if "resource_already_exists_exception" not in str(error):
                raise
            return False
        return True

    def health(self, patience: str = "0s") -> str:
        """What Status says; a shard that is not there yet, as of an index made just now, is waited for so long."""
        ours = [f"{self.hits_alias}-*", f"{self.listings_alias}-*"]
        lenient = self.client.options(ignore_status=408)
        health = lenient.cluster.health(index=ours, wait_for_status="yellow", timeout=patience)
        if health["status"] != "red":
            return "ok"
        missing = health["unassigned_shards"] + health["initializing_shards"]
        return f"red: {missing} shards are not there; see the cluster's nodes and disks"

    def layouts(self) -> set[str | None]:
        """Layouts of the indices that are read; one only, ours, where all is well."""
        answer = self.client.indices.get_mapping(index=[self.hits, self.whole], ignore_unavailable=True).body
        return {made["mappings"].get("_meta", {}).get("layout") for made in answer.values()}

    def strangers(self, name: str) -> list[str]:
        """Fields of another type than ours, as `field: type, ours type`: somebody else changed the mapping."""
        wanted = self._template("component-fields")["template"]["mappings"]["properties"]
        answer = self.client.indices.get_mapping(index=name, ignore_unavailable=True).body
        told = set()
        for made in answer.values():
            have = made["mappings"].get("properties", {})
            for field in {*wanted, *have}:
                kind, ours = (side.get(field, {}).get("type", "absent") for side in (have, wanted))
                if kind != ours:
                    told.add(f"{field}: {kind}, ours {ours}")
        return sorted(told)

    def switch(self) -> None:
        """Let readers see this generation, in one step."""
        there = self.all()
        mine = [name for name, number in there.items() if number == self.generation]
        if self.layouts() != {layout()} or self.hits not in mine:
            raise SearchError(f"{self.hits}: was lost or changed while it was filled; run adwatch index rebuild again")
        others = [name for name in there if name not in mine]
        aliases = self.client.indices.get_alias(index=others).body if others else {}
        actions: list[dict[str, Any]] = [
            {"remove": {"index": name, "alias": alias}} for name, made in aliases.items() for alias in made["aliases"]
        ]
        for name in mine:
            month = name.removeprefix(f"{self.listings_alias}-").rpartition("-")[0]
            hits = name == self.hits
            names = [self.hits_alias] if hits else [self.listings_alias, f"{self.listings_alias}-{month}"]
            actions += [{"add": {"index": name, "alias": alias}} for alias in names]
        self.client.indices.update_aliases(actions=actions)

    def drop_others(self) -> None:
        """Delete every other generation, once no search or point in time is open in it."""
        others = [name for name, number in self.all().items() if number != self.generation]
        end = time.monotonic() + READERS
        while others and self._is_read(others) and time.monotonic() < end:
            time.sleep(0.2)
        for name in others:
            self.client.indices.delete(index=name, ignore_unavailable=True)

    def _is_read(self, names: list[str]) -> bool:
        search = self.client.indices.stats(index=names, metric="search")["_all"]["total"]["search"]
        return any(search[what] for what in ("open_contexts", "query_current", "fetch_current"))

    def forget(self) -> int:
        """Merge what holds replaced documents until none is left, or patience ends; how many are left.

        The server keeps them for a replica that may come back until its leases are renewed, every 30 seconds.
        """
        ours, there = [self.hits, self.whole], self.client.indices
        patient = self.client.options(request_timeout=MERGES).indices
        every = {"index.merge.policy.expunge_deletes_allowed": 0}
        there.put_settings(index=ours, settings=every, ignore_unavailable=True)
        end = time.monotonic() + LEASES
        while True:
            there.flush(index=ours, force=True, ignore_unavailable=True)
            patient.forcemerge(index=ours, only_expunge_deletes=True, ignore_unavailable=True)
            there.refresh(index=ours, ignore_unavailable=True)
            left = int(there.stats(index=f"{self.prefix}-*", metric="docs")["_all"]["total"]["docs"]["deleted"])
            if not left or time.monotonic() >= end:
                return left
            time.sleep(2)

    def drop(self) -> None:
        """Delete all indices and templates."""
        for name in self.all():
            self.client.indices.delete(index=name, ignore_unavailable=True)
        lenient = self.client.options(ignore_status=404)
        for kind in ("hits", "listings"):
            lenient.indices.delete_index_template(name=f"{self.prefix}-{kind}")
        for kind in ("settings", "fields"):
            lenient.cluster.delete_component_template(name=f"{self.prefix}-{kind}")
        self._months.clear()
