"""Reads a file that a person hands in: its bytes and what kind it is, by its own first bytes before its name."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from adwatch.errors import UsageError

LARGEST = 200 * 1024 * 1024
SIGNS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


def read_file(file: Path) -> tuple[bytes, str]:
    """(bytes, media type); a UsageError that says what is wrong with it."""
    try:
        if file.stat().st_size > LARGEST:
            raise UsageError(f"{file}: larger than {LARGEST >> 20} MiB")
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    if not content:
        raise UsageError(f"{file}: is empty")
    return content, media_type_of(content, file.name)


def media_type_of(content: bytes, name: str) -> str:
    """Media type by the first bytes, else by the name."""
    for sign, media_type in SIGNS:
        if content.startswith(sign):
            return media_type
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
