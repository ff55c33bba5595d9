from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.store.databases import engine, postgresql_server, store_url
from tests.store.world import World

__all__ = ["engine", "postgresql_server", "store_url", "world"]


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)
