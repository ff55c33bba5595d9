"""Evidence packages as verbs and screens call them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adwatch.app.office import Office
from adwatch.casework.case_package import Sources
from adwatch.casework.kept_package import checked_file, keep_package, kept_records
from adwatch.errors import StageError
from adwatch.evidence.package_proof import verify_package
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.erasures import PACKAGE, TRANSFER, erased_of
from adwatch.store.package_rows import captures_of_cases

Row = dict[str, Any]


def sources(office: Office, case_ids: list[int]) -> Sources:
    """Where the bytes of packages of some cases come from: the archive, kept packages, attachments."""
    authority = office.settings.tsa_ca
    pem = authority.read_bytes() if authority is not None and authority.is_file() else b""
    with reading(office.engine) as connection:
        kept = kept_records(connection, office.home, captures_of_cases(connection, case_ids))
    return Sources(office.shelf, office.home, office.settings.zone, kept, pem)


def make(office: Office, case_id: int, out: Path | None, actor: Actor) -> Row:
    """Seal the package of a case; it is kept in ADWATCH_HOME, and copied to ``out``."""
    row = keep_package(office.engine, case_id, sources(office, [case_id]), actor, office.clock.now())
    file = checked_file(office.home, row)
    if out is not None:
        file = copy_to(file, out)
    said = {name: row[name] for name in ("case_id", "size", "files", "sha256", "manifest_sha256")}
    return {**said, "file": str(file)}


def copy_to(file: Path, out: Path) -> Path:
    """A copy in a folder, whole or not at all."""
    target = out / file.name
    draft = target.with_name(f".{target.name}.part")
    try:
        out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, draft)
        draft.replace(target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StageError(f"{target}: cannot be written: {error.strerror}; choose another folder with --out") from error
    return target


def deleted(office: Office, file: Path) -> str | None:
    """Of a package that is not there: when the policy deleted it, in words; by its name, which has its digest."""
    with reading(office.engine) as connection:
        transfer = connection.execute(
            select(s.transfer.c.id).where(s.transfer.c.file == f"transfers/{file.name}")
        ).first()
        if transfer is not None and (rule := erased_of(connection, TRANSFER, [transfer.id]).get(transfer.id)):
            return rule.said
        log = s.audit_entry.c
        query = select(log.subject_id, log.detail).where(log.subject == "package", log.action == "retention.delete")
        for row in connection.execute(query):
            if row.detail["file"] == f"packages/{file.name}":
                key = int(row.subject_id)
                rule = erased_of(connection, PACKAGE, [key]).get(key)
                return rule.said if rule else None
    return None


def verify(file: Path, sha256: str | None = None, certificates: Path | None = None) -> Row:
    """Check a package with nothing but the file: needs no office, no store, no settings, no network."""
    report = verify_package(file, sha256, certificates)
    return {
        "ok": not report.problems,
        "package": str(file),
        "of": report.head,
        "manifest_sha256": report.sha256,
        "files": report.files,
        "bytes": report.size,
        "captures": report.captures,
        "entries": report.entries,
        "proven": report.proven,
        "stamped": report.stamped,
        "problems": [{"word": each.word, "file": each.file, "message": each.message} for each in report.problems],
        "notes": report.notes,
    }
