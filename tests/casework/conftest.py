from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.store.databases import engine, migrated_file, migrated_server, postgresql_server, store_url
from tests.store.world import World

__all__ = ["engine", "migrated_file", "migrated_server", "postgresql_server", "store_url", "world"]


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)
