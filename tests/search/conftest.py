"""The same tests for every engine: the embedded index, and Elasticsearch on a real server (see servers.py)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from adwatch.search import SearchIndex, open_index
from adwatch.settings import Settings
from adwatch.store.engine import migrate, open_engine
from tests.search.servers import Server, shared_url, started
from tests.search.world import World

ENGINES = ["embedded", "elastic"]


def make_engine(folder: Path) -> Engine:
    """An empty migrated store."""
    engine = open_engine(f"sqlite:///{folder / 'adwatch.db'}")
    migrate(engine)
    return engine


def make_index(kind: str, folder: Path, url: str = "") -> SearchIndex:
    """An empty index of that kind; on the server (the shared one, else ``url``) under a prefix of its own."""
    if kind == "embedded":
        return open_index(Settings(home=folder, search_url=""))
    address = url or shared_url()
    from adwatch.search.elastic import ElasticIndex
    from adwatch.search.elastic_client import connect

    client = connect(Settings(home=folder, search_url=address))
    return ElasticIndex(client, folder, prefix=f"test{uuid.uuid4().hex[:10]}")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty store."""
    made = make_engine(tmp_path)
    yield made
    made.dispose()


@pytest.fixture(params=ENGINES)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    """An empty index."""
    made = make_index(request.param, tmp_path)
    yield made
    made.drop()
    close(made)


def close(index: SearchIndex) -> None:
    """Let go of files and of the client's connections."""
    index.close()
    client = getattr(index, "client", None)
    if client is not None:
        client.close()


@pytest.fixture
def world(engine: Engine) -> World:
    """Writes listings into the store."""
    return World(engine)


@pytest.fixture(scope="session")
def secure_server() -> Server:
    """A server with TLS, users and roles."""
    return started("secure", "secure")
