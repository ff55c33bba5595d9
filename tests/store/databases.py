"""Stores for tests: SQLite always, PostgreSQL where a URL is given or Debian's server is installed.

``ADWATCH_TEST_REQUIRE_POSTGRESQL=1`` (CI sets it) makes a failure of what would be a skip without PostgreSQL.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from adwatch.store import schema as s
from adwatch.store.engine import migrate, open_engine
from tests.ports import free_row

SERVERS = Path("/usr/lib/postgresql")


def binaries_of_postgresql() -> Path | None:
    """Folder of the newest server's programs."""
    found = sorted(SERVERS.glob("*/bin/initdb"))
    return found[-1].parent if found else None


def not_tried(reason: str) -> NoReturn:
    """Skip, or fail where PostgreSQL is required."""
    if os.environ.get("ADWATCH_TEST_REQUIRE_POSTGRESQL", "") == "1":
        pytest.fail(f"PostgreSQL is required here but not tried: {reason}", pytrace=False)
    pytest.skip(f"PostgreSQL is not tried: {reason}")


def _driver_is_missing() -> bool:
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError:
        return True
    return False


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a server: the one given, else one of our own in a temporary folder, run by an unprivileged user."""
    if _driver_is_missing():
        not_tried("the extra [postgresql] is not installed")
    given = os.environ.get("ADWATCH_TEST_DATABASE_URL", "")
    if given.startswith("postgresql"):
        yield given
        return
    binaries = binaries_of_postgresql()
    if binaries is None:
        not_tried(f"no ADWATCH_TEST_DATABASE_URL, and no server in {SERVERS} (Debian: apt-get install postgresql)")
    with started_server(binaries, "fsync=off") as url:
        yield url


@contextmanager
def started_server(binaries: Path, *settings: str) -> Iterator[str]:
    """URL of a server of our own in a temporary folder on a free loopback port, run by an unprivileged user."""
    folder = Path(tempfile.mkdtemp(prefix="adwatch-pg-"))
    who: dict[str, str] = {}
    if os.geteuid() == 0:
        who = {"user": "nobody", "group": "nogroup"}
        shutil.chown(folder, **who)
    data = folder / "data"
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "adwatch", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **who)  # type: ignore[call-overload]
    with free_row(1) as port, (folder / "log").open("wb") as log:
        options = ("-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1")
        options += tuple(word for setting in settings for word in ("-c", setting))
        server = subprocess.Popen(  # type: ignore[call-overload]
            [str(binaries / "postgres"), "-D", str(data), *options], stdout=log, stderr=log, cwd=folder, **who
        )
        try:
            yield _wait(f"postgresql://adwatch@127.0.0.1:{port}/postgres")
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: it does not wait for clients
            server.wait(30)
            shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str) -> str:
    engine = open_engine(url)
    until = time.monotonic() + 30
    while True:
        try:
            engine.connect().close()
            engine.dispose()
            return url
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty store."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store' / 'adwatch.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    with _schema(server) as url:
        yield url


@contextmanager
def _schema(server: str) -> Iterator[str]:
    schema = f"adwatch_{secrets.token_hex(6)}"
    admin = create_engine(server.replace("postgresql://", "postgresql+psycopg://"))
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    mark = "&" if "?" in server else "?"
    yield f"{server}{mark}options=-csearch_path%3D{schema}"
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@contextmanager
def other_database(url: str) -> Iterator[str]:
    """URL of an empty database of the same server, with an empty schema of the same name."""
    given = make_url(url)
    name = f"adwatch_{secrets.token_hex(6)}"
    admin = create_engine(given.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    other = given.set(database=name)
    with admin.connect() as connection:
        schema = connection.scalar(text("SHOW search_path"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    inside = create_engine(other.set(drivername="postgresql+psycopg"))
    with inside.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    inside.dispose()
    yield other.render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite store with the newest schema, to be copied."""
    return with_store(tmp_path_factory.mktemp("store")) / "adwatch.db"


@cache
def _migrated() -> bytes:
    """A file of an empty SQLite store with the newest schema, made once by each process."""
    with tempfile.TemporaryDirectory() as folder:
        made = open_engine(f"sqlite:///{folder}/adwatch.db")
        migrate(made)
        made.dispose()  # the last connection writes the log back into the file
        return Path(folder, "adwatch.db").read_bytes()


def with_store(home: Path) -> Path:
    """The home, a new one with an empty store: to make it by each migration takes longer than most tests do."""
    file = home / "adwatch.db"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_migrated())
    return home


@pytest.fixture(scope="session")
def migrated_server(postgresql_server: str) -> Iterator[str]:
    """URL of a PostgreSQL schema with the newest tables, to be emptied for each test."""
    with _schema(postgresql_server) as url:
        made = open_engine(url)
        migrate(made)
        made.dispose()
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty store with the newest schema."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "adwatch.db")
        made = open_engine(f"sqlite:///{tmp_path / 'adwatch.db'}")
    else:
        made = open_engine(request.getfixturevalue("migrated_server"))
        names = ", ".join(f'"{name}"' for name in s.metadata.tables)
        with made.begin() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    yield made
    made.dispose()
