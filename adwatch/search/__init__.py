"""The search index: a view of the store, embedded (SQLite FTS5) or in Elasticsearch, behind one protocol."""

from adwatch.search.base import Found, Hit, Query, SearchIndex, Status
from adwatch.search.compare import Difference, verify
from adwatch.search.indexer import drain_forever, push, rebuild
from adwatch.search.opening import open_index
from adwatch.search.process import draining

__all__ = [
    "Difference",
    "Found",
    "Hit",
    "Query",
    "SearchIndex",
    "Status",
    "drain_forever",
    "draining",
    "open_index",
    "push",
    "rebuild",
    "verify",
]
