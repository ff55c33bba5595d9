"""A real S3 server for the tests of the archive in an object store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from adwatch.archive import Address, Archive, ObjectStore, StoredShelf
from adwatch.models import Capture
from tests.archive.exchanges import exchange
from tests.archive.s3 import KEY, SECRET, S3Server, s3_server

PART = 5 * 1024 * 1024
"""The least that a part may have."""


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """The server, which takes any key."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


_numbers = count()


@pytest.fixture
def bucket(s3: S3Server) -> str:
    """A bucket of the test's own, with object lock: nothing in it can be deleted or overwritten for good."""
    return s3.bucket(f"archive-{next(_numbers)}", locked_days=30)


@pytest.fixture
def shelf_in(tmp_path: Path, s3: S3Server, bucket: str) -> Iterator[Callable[..., StoredShelf]]:
    """Shelves of the test's folder with the bucket behind them."""
    made: list[StoredShelf] = []

    def make(folder: str = "archive", url: str = "", kind: type[ObjectStore] = ObjectStore) -> StoredShelf:
        address = Address(bucket, "office/warc", url or s3.url, key=KEY, secret=SECRET)
        made.append(StoredShelf(tmp_path / folder, kind(address, PART)))
        return made[-1]

    yield make
    for shelf in made:
        shelf.close()


def fill(root: Path, sizes: tuple[int, ...], run: str = "r1", day: str = "2026-11-16") -> list[Capture]:
    """One WARC file with answers of so many bytes that cannot be compressed."""
    from random import Random

    made = Random(run)
    with Archive(root, run) as archive:
        return [archive.keep(exchange(number, body=made.randbytes(size), day=day)) for number, size in enumerate(sizes)]
