"""Receipts: ``<file>.stored`` beside a WARC file says what the object store was proven to have, and when.

Written only after the proof, and kept when the local file is removed: it then stands for the file.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from adwatch.errors import ArchiveError

ENDING = ".stored"
"""Ending of a receipt's name."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the object store has of a file."""

    url: str
    """Address of the object, without credentials."""
    size: int
    """In bytes."""
    sha256: str
    """Hex digest of the whole file, taken from the local one before the upload."""
    etag: str
    """The store's own mark of this content, as it gave it."""
    version: str | None
    """Version of the object in a bucket with versions, else None."""
    proof: str
    """read (the whole object was read back) | checksum (the store's own SHA-256 is ours)."""
    stored_at: str
    """Time of the proof, ISO 8601, UTC."""


def read_receipt(path: Path) -> Receipt | None:
    """The receipt of a WARC file, or None; one that cannot be read is an ArchiveError."""
    place = path.with_name(path.name + ENDING)
    try:
        return Receipt(**orjson.loads(place.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        hint = "move it away; adwatch archive sync makes it anew"
        raise ArchiveError(f"{place}: this receipt cannot be read ({error}); {hint}") from error


def write_receipt(path: Path, receipt: Receipt) -> None:
    """Put a receipt beside a WARC file, whole or not at all."""
    place = path.with_name(path.name + ENDING)
    draft = place.with_name(f"{place.name}.{os.getpid()}.draft")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as out:
            out.write(orjson.dumps(asdict(receipt), option=orjson.OPT_INDENT_2))
            out.flush()
            os.fsync(out.fileno())
        draft.replace(place)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ArchiveError(f"{place}: cannot be written: {error.strerror}; free space") from error
