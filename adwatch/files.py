"""Writes a file whole or not at all, and makes a secret once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from adwatch.errors import StageError
from adwatch.failpoints import failpoint


def write_whole(file: Path, content: bytes | Iterable[bytes], point: str | None = None) -> None:
    """Write to a temporary name, to the disk, then rename; ``point`` is the failpoint before the rename.

    What is too large to be held comes in pieces.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("wb") as handle:
                handle.writelines([content] if isinstance(content, bytes) else content)
                handle.flush()
                os.fsync(handle.fileno())
            if point is not None:
                failpoint(point)
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise StageError(f"{file}: cannot be written: {error.strerror}; choose another folder with --out") from error


def made_once(file: Path, content: Callable[[], bytes]) -> bytes:
    """The bytes of a file that is made with mode 0600 when there is none; of several processes the first wins, whole.

    OSError where it can neither be made nor read.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(content())
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_bytes()
