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

_REASONS = (
    ("flood-stage watermark", "disk full: the cluster blocks writing; free space on it, what is left stays waiting"),
    ("cluster_block_exception", "read-only: the index or cluster blocks writing; lift the block, what is left stays"),
    ("index_block_exception", "read-only: the index blocks writing; lift the block, what is left stays waiting"),
    ("strict_dynamic_mapping_exception", "mapping conflict: the index lacks a field; run adwatch index rebuild"),
    ("no write index", "mapping conflict: an alias stands for several indices; run adwatch index rebuild"),
    ("unavailable_shards_exception", "red: a primary shard is not there; see the cluster's health, what is left stays"),
    ("missing shards", "red: a part of the index is not there, so that too little would be found; see its health"),
    ("Partial shards failure", "red: a part of the index was lost during the search; see the cluster's health"),
    ("no_shard_available_action_exception", "red: a shard is not there; see the cluster's health"),
)
"""What a part of the server's reason means."""

_STATUSES = {
    401: "wrong password: user, password or key is not accepted; see ADWATCH_SEARCH_USER, ..._PASSWORD, ..._API_KEY",
    403: "no right: the user's role lacks a privilege; see deploy/elasticsearch-roles.yml",
    404: "no index yet: run adwatch index rebuild",
    429: "overloaded: the server takes no more at present; what is left stays waiting",
    503: "red or starting: the server cannot do it at present; what is left stays waiting",
}

_DISTRUST = (
    ("certificate has expired", "certificate expired: the server's must be renewed by who runs it"),
    ("match", "certificate of another host: write the host that it names into ADWATCH_SEARCH_URL"),
    ("CERTIFICATE_VERIFY_FAILED", "certificate not trusted: give its authority's file as ADWATCH_SEARCH_CA"),
)


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
        if settings.search_ca and not settings.search_url.startswith("https:"):
            raise SettingsError("ADWATCH_SEARCH_URL: with ADWATCH_SEARCH_CA it begins with https://")
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


def _word(words: str) -> str:
    """What stands before the colon."""
    return words.partition(":")[0]


def failure(name: str, status: int, reason: str) -> SearchError:
    """What an answer with an error status means, and what to do."""
    for part, words in _REASONS:
        if part in reason:
            return SearchError(f"{name}: {words} ({reason})", _word(words))
    if status in _STATUSES:
        return SearchError(f"{name}: {_STATUSES[status]} ({reason})", _word(_STATUSES[status]))
    return SearchError(f"{name}: the server answers {status}: {reason}")


def distrust(name: str, error: SSLError) -> SearchError:
    """Why TLS does not trust the server, and what to do."""
    for part, words in _DISTRUST:
        if part in str(error):
            return SearchError(f"{name}: {words}", _word(words))
    message = f"{name}: no TLS connection ({error.message}); see ADWATCH_SEARCH_URL, ADWATCH_SEARCH_CA"
    return SearchError(message, "no TLS connection")


@contextmanager
def errors(name: str) -> Iterator[None]:
    """Turn the client's exceptions into SearchError."""
    try:
        yield
    except SSLError as error:
        raise distrust(name, error) from error
    except ConnectionTimeout as error:
        message = f"{name}: no answer in time; what is left stays in the outbox"
        raise SearchError(message, "no answer in time") from error
    except NoConnection as error:
        message = f"{name}: cannot be reached ({error.message}); see ADWATCH_SEARCH_URL"
        raise SearchError(message, "cannot be reached") from error
    except UnsupportedProductError as error:
        raise SearchError(f"{name}: is no Elasticsearch; see ADWATCH_SEARCH_URL", "no Elasticsearch") from error
    except (AuthenticationException, AuthorizationException, ApiError) as error:
        raise failure(name, error.meta.status, reason_of(error.body)) from error
    except TransportError as error:
        raise SearchError(f"{name}: {error}") from error
