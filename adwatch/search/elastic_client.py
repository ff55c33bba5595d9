"""The connection to Elasticsearch, and its errors in clear words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    Elasticsearch,
    SSLError,
    TransportError,
    UnsupportedProductError,
)
from elasticsearch import ConnectionError as NoConnection
from elasticsearch.serializer import OrjsonSerializer

from adwatch.errors import SearchError, SettingsError
from adwatch.settings import Settings

BLOCKED = "index_block_exception", "cluster_block_exception"


def connect(settings: Settings) -> Elasticsearch:
    """A client for the settings; nothing is asked of the server yet."""
    options: dict[str, Any] = {"request_timeout": 60, "max_retries": 3, "retry_on_timeout": True}
    if settings.search_api_key:
        options["api_key"] = settings.search_api_key
    elif settings.search_user:
        options["basic_auth"] = (settings.search_user, settings.search_password)
    if settings.search_ca:
        options["ca_certs"] = settings.search_ca
    try:
        return Elasticsearch(settings.search_url, serializer=OrjsonSerializer(), **options)
    except (ValueError, OSError) as error:
        raise SettingsError(f"ADWATCH_SEARCH_URL, ADWATCH_SEARCH_CA: {error}; write https://host:9200") from error


def reason_of(error: Any) -> str:
    """The server's own words: type and reason of the root cause."""
    if isinstance(error, dict):
        inner = error.get("error", error)
        if isinstance(inner, dict):
            cause = inner.get("caused_by") or {}
            words = [inner.get("type"), inner.get("reason"), cause.get("reason")]
            return ": ".join(str(word) for word in words if word)
    return str(error)


def failure(name: str, status: int, reason: str) -> SearchError:
    """What an answer with an error status means, and what to do."""
    if any(block in reason for block in BLOCKED):
        return SearchError(f"{name}: writing is blocked (disk full or read-only): {reason}; free space, lift the block")
    if status == 401:
        return SearchError(f"{name}: wrong user, password or key; see ADWATCH_SEARCH_USER, ..._PASSWORD, ..._API_KEY")
    if status == 403:
        return SearchError(f"{name}: the user lacks a right: {reason}")
    if status == 404:
        return SearchError(f"{name}: there is no index yet ({reason}); run adwatch index rebuild")
    if status == 429:
        return SearchError(f"{name}: the server is overloaded: {reason}; what is left stays in the outbox")
    return SearchError(f"{name}: the server answers {status}: {reason}")


@contextmanager
def errors(name: str) -> Iterator[None]:
    """Turn the client's exceptions into SearchError."""
    try:
        yield
    except SSLError as error:
        raise SearchError(f"{name}: certificate not trusted or expired ({error}); see ADWATCH_SEARCH_CA") from error
    except ConnectionTimeout as error:
        raise SearchError(f"{name}: no answer in time; what is left stays in the outbox") from error
    except NoConnection as error:
        raise SearchError(f"{name}: cannot be reached ({error.message}); see ADWATCH_SEARCH_URL") from error
    except UnsupportedProductError as error:
        raise SearchError(f"{name}: is no Elasticsearch; see ADWATCH_SEARCH_URL") from error
    except (AuthenticationException, AuthorizationException, ApiError) as error:
        raise failure(name, error.meta.status, reason_of(error.body)) from error
    except TransportError as error:
        raise SearchError(f"{name}: {error}") from error
