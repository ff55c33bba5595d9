"""Alembic's entry: runs the migrations on the engine that the store hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Engine

from adwatch.store.engine import MIGRATION_LOCK, VERSION_TABLE, advisory_lock
from adwatch.store.schema import metadata


def run() -> None:
    """Migrate in one transaction, SQLite's too: who comes second reads the revision when the first is done."""
    engine: Engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        advisory_lock(connection, MIGRATION_LOCK)
        context.configure(
            connection=connection,
            target_metadata=metadata,
            version_table=VERSION_TABLE,
            transactional_ddl=True,
            include_name=lambda name, kind, _parents: kind != "table" or name in metadata.tables,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
