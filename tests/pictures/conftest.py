"""The reader, loaded once; CI must have it."""

from __future__ import annotations

import os

import pytest

from adwatch.pictures.reading import Reader, missing


@pytest.fixture(scope="session")
def reader() -> Reader:
    """The reader of pictures, or a skip that says why."""
    lacking = missing()
    if lacking:
        if os.environ.get("CI"):
            pytest.fail(lacking)
        pytest.skip(lacking)
    return Reader.load()
