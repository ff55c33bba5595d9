"""Writes documents by bulk requests, several at once; what the server takes, knows newer, or refuses.

An item that the server is too busy for (429) is sent again after a pause that doubles, as the client library does; a
request that is not answered in time likewise. What is sent twice is stored once: the version decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from elasticsearch import Elasticsearch, helpers

from adwatch.errors import SearchError
from adwatch.failpoints import failpoint
from adwatch.search.base import Put
from adwatch.search.document import Document
from adwatch.search.elastic_client import failure, reason_of
from adwatch.search.elastic_indices import Indices

CHUNK = 500
"""Documents a bulk request."""
WRITERS = 4
"""Requests at once, as many as ``helpers.parallel_bulk`` makes."""
RETRIES = 5
WAIT = "10s"
"""How long the server waits for a primary shard that is not there: less than our own patience, so that it says so."""
NO_FAULT_OF_THE_DOCUMENT = "no write index"
"""What the server says, with the status of a bad document, where an alias stands for several indices."""


def bulk(client: Elasticsearch, name: str, indices: Indices, documents: Sequence[Document], backoff: float) -> Put:
    """Upsert all; SearchError where the server refuses more than single documents."""
    done = Put()
    failpoint("index.before_commit")
    chunks = [documents[at : at + CHUNK] for at in range(0, len(documents), CHUNK)]

    def write(chunk: Sequence[Document]) -> Put:
        return _write(client, name, indices, chunk, backoff)

    with ThreadPoolExecutor(WRITERS, thread_name_prefix="bulk") as pool:
        for put in pool.map(write, chunks):
            done.kept += put.kept
            done.older += put.older
            done.refused += put.refused
    return done


def actions(indices: Indices, documents: Sequence[Document]) -> Iterator[dict[str, Any]]:
    """What is asked of the server for each document, in each index it belongs to."""
    for document in documents:
        for target in indices.targets(document):
            yield {
                "_op_type": "index",
                "_index": target,
                "_id": document.body["listing_id"],
                "version": document.version,
                "version_type": "external_gte",
                "require_alias": indices.generation is None,
                "_source": document.body | {"normal": document.chars},
            }


def _write(client: Elasticsearch, name: str, indices: Indices, documents: Sequence[Document], backoff: float) -> Put:
    results = helpers.streaming_bulk(
        client,
        actions(indices, documents),
        chunk_size=2 * CHUNK,
        max_chunk_bytes=10 << 20,
        raise_on_error=False,
        max_retries=RETRIES,
        initial_backoff=backoff,
        max_backoff=15,
        timeout=WAIT,
    )
    failed: SearchError | None = None
    kept: set[str] = set()
    refused: dict[str, str] = {}
    for taken, answer in results:
        item = answer["index"]
        if taken:
            kept.add(item["_id"])
        elif item["status"] != 409:
            reason = reason_of(item.get("error"))
            if item["status"] != 400 or NO_FAULT_OF_THE_DOCUMENT in reason:
                failed = failure(name, item["status"], reason)
            refused[item["_id"]] = reason
    if failed is not None:  # not before: a generator left in the middle upsets the library's tracing
        raise failed
    named = [(d, refused[d.body["listing_id"]]) for d in documents if d.body["listing_id"] in refused]
    taken_ids = kept - set(refused)
    wanted = sum(1 for d in documents if indices.targets(d))
    return Put(len(taken_ids), wanted - len(taken_ids) - len(named), named)
