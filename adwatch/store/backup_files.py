"""The files that the store's rows point to, in a backup and out of it: attachments, packages of cases and transfers.

They lie in ``FILE.files.tar`` beside the copy of the database, under the names that they have in ``ADWATCH_HOME``; its
digest is the second line of ``FILE.sha256``. Files never change once a row names them, and are whole before the row:
what the copied rows name is there after the copy was made. The archive (WARC) and what can be written anew is left out.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, Engine, select

from adwatch.errors import StoreError, UsageError
from adwatch.files import write_whole
from adwatch.store import schema as s
from adwatch.store.attachments import FOLDER, attachment_file
from adwatch.store.engine import reading
from adwatch.store.erasures import ATTACHMENT, TRANSFER, erased

Named = dict[str, str]
"""SHA-256 by the file's name in ``ADWATCH_HOME``."""


@dataclass(slots=True)
class Files:
    """What a backup took along or a restore brought back."""

    count: int = 0
    missing: list[str] = field(default_factory=list)
    """Named by a row, and not there or altered: ``NAME: why``."""


def tar_of(file: Path) -> Path:
    """Where the files of a backup lie."""
    return file.with_name(f"{file.name}.files.tar")


def named_files(connection: Connection) -> Named:
    """Every file that a row points to and that the policy did not delete."""
    there = select(s.attachment.c.sha256).where(~erased(ATTACHMENT, s.attachment.c.id)).distinct()
    found = {str(attachment_file(Path(), sha256)): sha256 for sha256 in connection.scalars(there)}
    package, transfer = s.evidence_package.c, s.transfer.c
    for query in (
        select(package.file, package.sha256),
        select(transfer.file, transfer.sha256).where(transfer.file.is_not(None), ~erased(TRANSFER, transfer.id)),
    ):
        found |= {str(name): str(sha256) for name, sha256 in connection.execute(query)}
    return dict(sorted(found.items()))


def pack(engine: Engine, home: Path, file: Path) -> Files:
    """Write the files beside a finished backup of the store and their digest below its own."""
    with reading(engine) as connection:
        named = named_files(connection)
    done, target = Files(), tar_of(file)
    if not named:
        return done
    part = target.with_name(f"{target.name}.part")
    try:
        part.touch(mode=0o600)  # personal data is raw in it
        with tarfile.open(part, "w") as tar:
            for name, sha256 in named.items():
                why = problem(home / name, sha256)
                if why is not None:
                    done.missing.append(f"{name}: {why}")
                    continue
                tar.add(home / name, arcname=name, recursive=False)
                done.count += 1
        with file.with_name(f"{file.name}.sha256").open("a", encoding="utf-8") as digests:
            digests.write(f"{_sha256(part)}  {target.name}\n")
        part.rename(target)
    except OSError as error:
        raise StoreError(f"{target}: the backup cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return done


def unpack(home: Path, file: Path) -> int:
    """Bring the files of a backup back, all or none where one is in the way; gives how many. Again is the same."""
    target = tar_of(file)
    lines = file.with_name(f"{file.name}.sha256").read_text(encoding="utf-8").splitlines()
    said = [line.split()[0] for line in lines if line.endswith(f"  {target.name}")]
    if not said and not target.exists():
        return 0
    if not target.is_file():
        raise UsageError(f"{target}: is missing; {file.name}.sha256 names it")
    if [_sha256(target)] != said:
        raise StoreError(f"{target}: was altered or cut: its SHA-256 is not that of {file.name}.sha256")
    with tarfile.open(target) as tar:
        members = [member for member in tar if _ours(member, target)]
        for member in members:
            there = home / member.name
            if there.exists() and problem(there, _digest_in(tar, member)) is not None:
                raise StoreError(f"{there}: is there already and another; nothing was restored: move it away")
        for member in members:
            if not (home / member.name).exists():
                write_whole(home / member.name, _pieces(tar, member))
    return len(members)


def missing(engine: Engine, home: Path) -> list[str]:
    """What the store's rows name and is not there or altered."""
    with reading(engine) as connection:
        named = named_files(connection)
    found = ((name, problem(home / name, sha256)) for name, sha256 in named.items())
    return [f"{name}: {why}" for name, why in found if why is not None]


def problem(file: Path, sha256: str) -> str | None:
    """Why a file is not what a row names; None where it is."""
    try:
        return None if _sha256(file) == sha256 else "was altered"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _ours(member: tarfile.TarInfo, target: Path) -> bool:
    """A plain file in one of the folders; what else the tar holds is no backup of ours."""
    parts = PurePosixPath(member.name).parts
    if not member.isfile() or len(parts) < 2 or parts[0] not in (FOLDER, "packages", "transfers") or ".." in parts:
        raise StoreError(f"{target}: {member.name!r} is no file that adwatch db backup wrote; nothing was restored")
    return True


def _pieces(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    handle = tar.extractfile(member)
    while handle is not None and (piece := handle.read(1 << 20)):
        yield piece


def _digest_in(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(tar, member):
        digest.update(piece)
    return digest.hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
