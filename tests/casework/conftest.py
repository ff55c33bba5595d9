from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.casework.package_tools import sealed, whole
from tests.store.databases import engine, migrated_file, migrated_server, postgresql_server, store_url
from tests.store.world import World

__all__ = ["engine", "migrated_file", "migrated_server", "postgresql_server", "sealed", "store_url", "whole", "world"]


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)
