"""Packages of cases that are kept beside the store: made once for the same content, found again by their records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from adwatch.archive.shelf import Shelf
from adwatch.casework.case_package import Sources, case_package
from adwatch.casework.transaction import work
from adwatch.errors import StoreError
from adwatch.evidence import package as p
from adwatch.files import write_whole
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries
from adwatch.store.bulk import insert_rows
from adwatch.store.engine import insert_id, reading
from adwatch.store.opening import chunks

FOLDER = "packages"
Row = dict[str, Any]


def keep_package(engine: Engine, case_id: int, sources: Sources, actor: Actor, now: datetime) -> Row:
    """Seal a case's package and keep it; its row with ``files``. The same content as one that is kept makes no other.

    The file is whole before the row is there: a crash leaves a file that no row names, never a row without its file.
    """
    with reading(engine) as connection:
        head, files = case_package(connection, case_id, sources)
        sealed = p.seal(head, files)
        query = select(s.evidence_package).where(
            s.evidence_package.c.case_id == case_id, s.evidence_package.c.manifest_sha256 == sealed.sha256
        )
        found = connection.execute(query).first()
    if found is not None and (sources.home / found.file).is_file():
        return {**found._mapping, "files": len(sealed.places)}
    name = f"{FOLDER}/CASE-{case_id}-{sealed.sha256[:16]}.zip"
    sha256 = write_package(sources.home / name, sealed)
    values = {"case_id": case_id, "file": name, "size": sealed.size, "sha256": sha256, "at": now}
    values |= {"manifest_sha256": sealed.sha256, "person": actor.person, "unit": actor.unit}
    if found is not None:
        return {**found._mapping, "files": len(sealed.places)}
    with work(engine) as connection:
        key = insert_id(connection, s.evidence_package, **values)
        inside = [(key, number, *sealed.places[file]) for number, file in _records(sealed.places)]
        insert_rows(connection, s.package_capture, ("package_id", "capture_id", "offset", "length"), inside)
        told = {"case_id": case_id, "sha256": sha256, "manifest_sha256": sealed.sha256, "size": sealed.size}
        append_entries(connection, [Entry.of(actor, "evidence.package", "package", key, now, told)])
    return {"id": key, **values, "files": len(sealed.places)}


def write_package(file: Path, sealed: p.Sealed) -> str:
    """Write a package whole; gives the digest of the file."""
    digest = hashlib.sha256()

    def told() -> Iterator[bytes]:
        for data in sealed.pieces():
            digest.update(data)
            yield data

    write_whole(file, told(), "package.before_rename")
    return digest.hexdigest()


def _records(places: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(capture, file) of the records in a package."""
    for name in places:
        if name.startswith(p.RECORDS):
            yield int(name.removeprefix(f"{p.RECORDS}CAP-").removesuffix(".warc.gz")), name


def kept_records(connection: Connection, home: Path, capture_ids: Iterable[int]) -> dict[int, p.Slice]:
    """Where the records of captures lie in packages: the newest of each whose file is there."""
    shelf, found = Shelf(home), dict[int, p.Slice]()
    inside, package = s.package_capture, s.evidence_package
    for ids in chunks(capture_ids):
        query = select(inside, package.c.file).join(package, package.c.id == inside.c.package_id)
        for row in connection.execute(query.where(inside.c.capture_id.in_(ids)).order_by(package.c.id)):
            if (home / row.file).is_file():
                found[row.capture_id] = p.Slice(shelf, row.file, row.offset, row.length)
    return found


def checked_file(home: Path, row: Row) -> Path:
    """The file of a package or a transfer; a StoreError where it is missing or no longer what was kept."""
    file = home / str(row["file"])
    try:
        with file.open("rb") as handle:
            sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise StoreError(f"{file}: cannot be read: {error.strerror}; restore it from the backup") from error
    if sha256 != row["sha256"]:
        raise StoreError(f"{file}: is not what was kept (its digest differs); restore it from the backup")
    return file
