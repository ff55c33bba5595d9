"""The store itself as verbs call it: brought up to date, backed up, restored, moved to another database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import func, make_url, select
from sqlalchemy.exc import ArgumentError

from adwatch.app.office import Office
from adwatch.errors import StoreError, UsageError
from adwatch.ports import Progress
from adwatch.store import backup as copies
from adwatch.store import backup_files as files
from adwatch.store.engine import current_revision, migrate, newest_revision, opened, reading
from adwatch.store.schema import metadata
from adwatch.store.transfer import move_store, shown


def bring_up_to_date(office: Office) -> dict[str, Any]:
    """Bring the schema to the newest migration: where it stood and stands."""
    with opened(office.settings.store_url) as engine:
        before = current_revision(engine)
        migrate(engine)
        return {"store": shown(engine), "before": before or "empty", "now": newest_revision()}


def back_up(office: Office, file: Path) -> dict[str, Any]:
    """Write a backup while others go on working: file, bytes, sha256; files that rows point to, those missing named."""
    with opened(office.settings.store_url) as engine:
        if current_revision(engine) is None:
            raise StoreError(f"{shown(engine)}: is empty; there is nothing to back up")
        digest = copies.back_up(engine, file)
        taken = files.pack(engine, office.home, file)
        facts = {"store": shown(engine), "file": str(file), "bytes": file.stat().st_size, "sha256": digest}
        return {**facts, "files": taken.count, "missing": taken.missing}


def restore(office: Office, file: Path) -> dict[str, Any]:
    """Fill the store, which must be empty, from a backup and bring its schema up to date.

    Its files come first, so that no row is ever there without its file; run again after a death it is the same.
    """
    office.home.mkdir(parents=True, exist_ok=True)
    with opened(office.settings.store_url) as engine:
        copies.check(engine, file)
        count = files.unpack(office.home, file)
        copies.restore(engine, file)
    with opened(office.settings.store_url) as engine:
        before = current_revision(engine)
        migrate(engine)
        facts = {"store": shown(engine), "before": before or "empty", "now": newest_revision()}
        return {**facts, "files": count, "missing": files.missing(engine, office.home)}


def size(office: Office) -> int:
    """Rows of all tables."""
    with reading(office.engine) as connection:
        return sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in metadata.sorted_tables)


def move(office: Office, target: str, progress: Progress | None = None) -> list[dict[str, Any]]:
    """Copy the store into another, empty one: rows and digest of every table."""
    try:
        url = make_url(target)
    except ArgumentError as error:
        raise UsageError("--to: no URL of a store; write postgresql://USER@HOST/DATABASE") from error
    if url.get_backend_name() not in ("postgresql", "sqlite"):
        raise UsageError(f"--to: {url.get_backend_name()} is no store; write postgresql://USER@HOST/DATABASE")
    with opened(target) as engine:
        if engine.url.render_as_string(False) == office.engine.url.render_as_string(False):
            raise UsageError(f"--to: {shown(engine)} is the store itself")
        migrate(engine)
        return [
            {"table": one.table, "rows": one.rows, "sha256": one.sha256}
            for one in move_store(office.engine, engine, progress)
        ]
