from tests.store.databases import engine, migrated_file, migrated_server, postgresql_server, store_url

__all__ = ["engine", "migrated_file", "migrated_server", "postgresql_server", "store_url"]
