from tests.store.databases import engine, postgresql_server, store_url

__all__ = ["engine", "postgresql_server", "store_url"]
