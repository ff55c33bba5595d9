"""The old XLS (and ET) through python-calamine, in a process of its own.

A damaged size in such a file makes the library ask for hundreds of GB and abort the whole process that it runs in: no
exception comes of it. There it ends a child of ours, and the file is refused.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

CHILD = Path(__file__).with_name("old_child.py")
SECONDS = 300
"""After which a file is given up."""


Cell = object
"""Text, number, truth or datetime."""


class OldSheetRefused(Exception):
    """A file that cannot be read: a reason word (``encrypted``, ``corrupt``, ``too_large``), and a message in both
    languages.
    """

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


@dataclass(slots=True)
class OldSheet:
    """One sheet: rows that are not blank, with their numbers, and (first row, first column, last row, last column)."""

    name: str
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def old_sheets(stream: BinaryIO) -> list[OldSheet]:
    """Every sheet of a file; OldSheetRefused where it cannot be read or is protected by a password."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        shutil.copyfileobj(stream, given)
        given.seek(0)
        try:
            command = [sys.executable, "-I", str(CHILD)]
            subprocess.run(command, stdin=given, stdout=said, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise OldSheetRefused(
                "too_large", f"{SECONDS} 秒内没有读完，请另存为 XLSX not read within that time; save it as XLSX"
            ) from error
        said.seek(0)
        found: list[OldSheet] = []
        last: list[object] = []
        for line in said:
            if not line.endswith(b"\n"):
                break  # it ended while it wrote
            last = json.loads(line)
            _take(last, found)
    if last[:1] == ["encrypted"]:
        raise OldSheetRefused(
            "encrypted",
            "工作簿有密码保护，请取消密码后另存 the workbook is protected by a password; save it without one",
        )
    if last != ["done"]:
        why = f" ({last[1]})" if last[:1] == ["corrupt"] else ""
        raise OldSheetRefused(
            "corrupt", f"不是能读的表格，请另存为 XLSX no spreadsheet that can be read{why}; save it as XLSX"
        )
    return found


def _take(line: list[object], found: list[OldSheet]) -> None:
    match line:
        case ["sheet", str(name), list(merged)]:
            places = [(top + 1, left + 1, bottom + 1, right + 1) for top, left, bottom, right in merged]
            found.append(OldSheet(name, [], places))
        case ["row", int(number), list(cells)]:
            found[-1].rows.append((number, [_cell(cell) for cell in cells]))


def _cell(cell: object) -> Cell:
    return datetime.fromisoformat(cell["at"]) if isinstance(cell, dict) else cell
