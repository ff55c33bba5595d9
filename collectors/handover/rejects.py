"""The file of refused rows: JSON lines, for the one who handed the data over; made when there is a first row."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import orjson

from adwatch.ports import Refused
from adwatch.text import clean
from collectors.handover.rows import RefusedRow


class RejectWriter:
    """Writes ``{"file","line","where","reason","message","raw"}``; readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        """Rows written."""
        self._handle: BinaryIO | None = None

    def write(self, refused: Refused) -> None:
        """Append one refused row."""
        if self._handle is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._handle = os.fdopen(descriptor, "wb")
        record: dict[str, str | int | None] = {"file": None, "line": None, "where": refused.where}
        record |= {"reason": refused.reason, "message": refused.message}
        if isinstance(refused, RefusedRow):
            record |= {"file": refused.file, "line": refused.row or None, "raw": refused.raw}
        safe = {name: clean(value) if isinstance(value, str) else value for name, value in record.items()}
        self._handle.write(orjson.dumps(safe, option=orjson.OPT_APPEND_NEWLINE))
        self.count += 1

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def __enter__(self) -> RejectWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
