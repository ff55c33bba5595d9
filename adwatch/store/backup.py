"""Backup and restore of the store: SQLite's online backup, PostgreSQL's pg_dump; into an empty place only.

A backup has its digest beside it (``FILE.sha256``, as sha256sum writes it); only our own tables are in it, since the
database may be shared.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from adwatch.errors import StoreError, UsageError
from adwatch.store import schema as s
from adwatch.store.backup_files import tar_of
from adwatch.store.engine import VERSION_TABLE, reading

MAGIC = {b"SQLite format 3\0": "sqlite", b"PGDMP": "postgresql"}
"""First bytes of a backup, by database."""


def back_up(engine: Engine, file: Path) -> str:
    """Write a consistent copy while others go on working; gives its SHA-256. The file must not exist."""
    for path in (file, _digest_file(file), tar_of(file)):
        if path.exists():
            raise UsageError(f"{path}: exists; a backup overwrites nothing: name another file")
    part = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)  # personal data is raw in it
        if engine.dialect.name == "sqlite":
            _copy_file(Path(str(engine.url.database)), part)
        else:
            _dump(engine, part)
        digest = _sha256(part)
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        _digest_file(file).write_text(f"{digest}  {file.name}\n", encoding="utf-8")
        part.rename(file)
    except OSError as error:
        raise StoreError(f"{file}: the backup cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return digest


def restore(engine: Engine, file: Path) -> None:
    """Fill an empty store from a backup of the same kind of database; the digest beside it must be its own."""
    check(engine, file)
    if engine.dialect.name == "sqlite":
        _restore_file(Path(str(engine.url.database)), file)
        return
    _run(engine, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(file))


def kind_of(file: Path) -> str:
    """sqlite or postgresql, by the first bytes."""
    try:
        with file.open("rb") as handle:
            head = handle.read(16)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    for magic, kind in MAGIC.items():
        if head.startswith(magic):
            return kind
    raise UsageError(f"{file}: is no backup that adwatch db backup wrote")


def check(engine: Engine, file: Path) -> None:
    """That the file is a backup for this database, what was written, and the store empty; an error says why not."""
    kind = kind_of(file)
    if kind != engine.dialect.name:
        raise UsageError(
            f"{file}: is a backup of {kind}, the store is {engine.dialect.name}: restore it with"
            " ADWATCH_DATABASE_URL set for that, then adwatch db move"
        )
    beside = _digest_file(file)
    if not beside.exists():
        raise UsageError(f"{beside}: is missing; write it with sha256sum if you know that the file is whole")
    if beside.read_text(encoding="utf-8").split()[:1] != [_sha256(file)]:
        raise StoreError(f"{file}: was altered or cut: its SHA-256 is not that of {beside.name}; nothing was restored")
    if kind == "sqlite":
        if (store := Path(str(engine.url.database))).exists():
            raise StoreError(f"{store}: is there already; a backup is restored where no store is: move that file away")
        return
    there = set(inspect(engine).get_table_names()) & {*s.metadata.tables, VERSION_TABLE}
    if there:
        raise StoreError(
            f"{engine.url.render_as_string()}: is not empty ({len(there)} of our tables, such as {min(there)});"
            " a backup is restored into an empty database: create one and set ADWATCH_DATABASE_URL"
        )


def _digest_file(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _copy_file(source: Path, target: Path) -> None:
    """SQLite's online backup: a consistent copy while others read and write."""
    old, new = sqlite3.connect(source, timeout=60), sqlite3.connect(target)
    try:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        found = new.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        raise StoreError(f"{source}: cannot be copied: {error}") from error
    finally:
        new.close()
        old.close()
    if found != "ok":
        raise StoreError(f"{source}: is damaged: {found}")


def _restore_file(store: Path, file: Path) -> None:
    part = store.with_name(f"{store.name}.part")
    try:
        part.unlink(missing_ok=True)
        _copy_file(file, part)
        for leftover in ("-wal", "-shm"):
            store.with_name(store.name + leftover).unlink(missing_ok=True)
        part.rename(store)
    except OSError as error:
        raise StoreError(f"{store}: cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def _dump(engine: Engine, file: Path) -> None:
    """All our tables and their partitions, schema and rows, in pg_dump's own compressed form."""
    wanted = text(
        "WITH RECURSIVE ours AS (SELECT oid FROM pg_class WHERE relname = ANY(:names) AND relkind IN ('r', 'p')"
        " AND relnamespace = CAST(CAST(current_schema() AS text) AS regnamespace)"
        " UNION SELECT inhrelid FROM pg_inherits JOIN ours ON inhparent = ours.oid)"
        " SELECT quote_ident(nspname) || '.' || quote_ident(relname) FROM pg_class JOIN ours USING (oid)"
        " JOIN pg_namespace n ON n.oid = relnamespace ORDER BY 1"
    )
    with reading(engine) as connection:
        tables = connection.scalars(wanted, {"names": [*s.metadata.tables, VERSION_TABLE]}).all()
    _run(engine, "pg_dump", "--format=custom", f"--file={file}", *(f"--table={name}" for name in tables))


def _run(engine: Engine, program: str, *words: str) -> None:
    """Run PostgreSQL's own program on the store; the password goes by the environment: no process list shows it."""
    found = shutil.which(program)
    if found is None:
        raise StoreError(f"{program} is not installed; it comes with PostgreSQL's client (Debian: postgresql-client)")
    url = engine.url.set(drivername="postgresql", password=None)
    environment = {**os.environ, **({"PGPASSWORD": str(engine.url.password)} if engine.url.password else {})}
    command = [found, *words, f"--dbname={url.render_as_string(hide_password=False)}", "--no-password"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no word"])[0]
        raise StoreError(f"{engine.url.render_as_string()}: {program} failed: {said.removeprefix(f'{program}: ')}")
