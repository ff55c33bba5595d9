"""One big installation for all tests of this folder: starting it is dear."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.airflow.cluster import Cluster, Patrol, cluster, unpause
from tests.airflow.servers import Databases, look_for_modules, redis_server
from tests.airflow.world import World, served
from tests.store.databases import postgresql_server

__all__ = ["postgresql_server"]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Forty shops."""
    with served(tmp_path_factory.mktemp("data")) as world:
        yield world


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory, postgresql_server: str, world: World) -> Iterator[Cluster]:
    """Servers and Airflow."""
    look_for_modules()
    databases = Databases(postgresql_server)
    try:
        with redis_server() as broker, cluster(tmp_path_factory.mktemp("big"), world, databases, broker) as made:
            yield made
    finally:
        databases.drop()


@pytest.fixture(scope="session")
def undisturbed(installation: Cluster) -> Patrol:
    """The patrol that is due by the clock and begins by itself, by LocalExecutor: what all others are compared with."""
    installation.fresh()
    unpause(installation.live, "daily_patrol")
    return installation.patrol(installation.due())


@pytest.fixture
def local(installation: Cluster, undisturbed: Patrol) -> Cluster:
    """Tasks by LocalExecutor."""
    installation.use("LocalExecutor")
    return installation


@pytest.fixture
def celery(installation: Cluster, undisturbed: Patrol) -> Cluster:
    """Tasks by two workers over Redis."""
    installation.use("CeleryExecutor", "worker-1", "worker-2")
    return installation
