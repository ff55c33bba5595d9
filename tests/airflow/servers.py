"""Servers of the big installation, started for the tests: Redis, and databases of their own on the PostgreSQL.

``ADWATCH_TEST_REQUIRE_AIRFLOW=1`` (CI sets it) makes a failure of what would be a skip where a piece is not installed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.ports import free_row
from tests.search.servers import until

MODULES = {"airflow": "airflow", "airflow.providers.celery": "cluster", "psycopg2": "cluster", "asyncpg": "cluster"}
"""What must be there to import, and the extra that brings it."""


def not_tried(reason: str) -> NoReturn:
    """Skip, or fail where the big installation is required."""
    if os.environ.get("ADWATCH_TEST_REQUIRE_AIRFLOW") == "1":
        pytest.fail(f"Airflow at scale is required here but not tried: {reason}", pytrace=False)
    pytest.skip(f"Airflow at scale is not tried: {reason}")


def look_for_modules() -> None:
    """Nothing is begun where an extra is missing."""
    for module, extra in MODULES.items():
        if find_spec(module.partition(".")[0]) is None or find_spec(module) is None:
            not_tried(f"the extra [{extra}] is not installed")


@contextmanager
def redis_server() -> Iterator[str]:
    """URL of a Redis of our own, which keeps nothing, on a free loopback port."""
    if shutil.which("redis-server") is None:
        not_tried("no redis-server (Debian: apt-get install redis-server)")
    with tempfile.TemporaryDirectory(prefix="adwatch-redis-") as folder, free_row(1) as port:
        bare = ["--save", "", "--appendonly", "no", "--dir", folder]
        with (Path(folder) / "log").open("wb") as log:
            command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), *bare]
            server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            ping = ["redis-cli", "-p", str(port), "ping"]
            until(lambda: b"PONG" in subprocess.run(ping, capture_output=True, check=False).stdout)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(30)


class Databases:
    """Databases made on a server, dropped at the end."""

    def __init__(self, server: str) -> None:
        self.server = make_url(server).set(query={})
        self.admin = create_engine(self.server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        self.names: set[str] = set()

    def make(self, word: str) -> str:
        """URL of a new, empty database."""
        name = f"adwatch_{word}_{secrets.token_hex(4)}"
        self.names.add(name)
        with self.admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        return self.server.set(database=name).render_as_string(hide_password=False)

    def empty(self, url: str) -> None:
        """The database dropped and made anew; who is connected to it is thrown out."""
        name = make_url(url).database
        assert name in self.names
        with self.admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))

    def drop(self) -> None:
        """All of them gone."""
        with self.admin.connect() as connection:
            for name in self.names:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        self.admin.dispose()
