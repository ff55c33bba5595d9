"""An old XLS (or ET) on standard input → JSON lines on standard output, in a process of its own; see ``old_sheets``.

Each line is ``["sheet", name, merged]`` or ``["row", number, cells]``, the last one ``["done"]``; what cannot be read
is ``["encrypted"]`` or ``["corrupt", words]``. A day or time is ``{"at": text}``. Imports nothing of ours.
"""

from __future__ import annotations

import io
import json
import sys
from datetime import date, datetime, timedelta
from datetime import time as clock

MEMORY = 4 << 30
"""Address space in bytes: 65,536 rows of 256 cells need 0.5 GB in the library."""


def main() -> None:
    """Read all, write all."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        for name in book.sheet_names:
            table = book.get_sheet_by_name(name)
            merged = [(*first, *last) for first, last in getattr(table, "merged_cell_ranges", None) or ()]
            _write(["sheet", name, merged])
            for number, cells in enumerate(table.to_python(skip_empty_area=False), 1):
                if any(cell not in (None, "") for cell in cells):
                    _write(["row", number, [_plain(cell) for cell in cells]])
        _write(["done"])
    except PasswordError:
        _write(["encrypted"])
    except (CalamineError, OSError) as error:
        _write(["corrupt", str(error)[:200]])


def _plain(cell: object) -> object:
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, date):  # the reader of rows knows days with a time only
        return {"at": datetime(cell.year, cell.month, cell.day).isoformat()}  # noqa: DTZ001 - as a spreadsheet holds it
    return str(cell) if isinstance(cell, (clock, timedelta)) else cell


def _write(line: list[object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
