"""Opens the index that the settings name."""

from __future__ import annotations

from adwatch.errors import SearchError
from adwatch.search.base import SearchIndex
from adwatch.settings import Settings


def open_index(settings: Settings) -> SearchIndex:
    """Elasticsearch where ADWATCH_SEARCH_URL is set, else the embedded index; the client is imported only then."""
    if settings.search_url:
        try:
            from adwatch.search.elastic import ElasticIndex
            from adwatch.search.elastic_client import connect
        except ImportError as error:
            raise SearchError("ADWATCH_SEARCH_URL needs the client: install adwatch[elasticsearch]") from error
        return ElasticIndex(
            connect(settings),
            settings.home,
            everything=settings.search_all,
            snapshots=settings.search_snapshots,
        )
    from adwatch.search.embedded import EmbeddedIndex

    return EmbeddedIndex(settings.home)
