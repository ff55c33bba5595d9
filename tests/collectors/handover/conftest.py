"""Fixtures of the hand-over tests: everything is read from tmp_path, nothing from the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adwatch.models import Listing, StageReport
from collectors.handover import ColumnTable, RefusedRow, read_handover


@pytest.fixture(scope="session")
def columns() -> ColumnTable:
    """The shipped table."""
    return ColumnTable.load()


class Result:
    """What came out of a file."""

    def __init__(self, items: list[Listing | RefusedRow], report: StageReport) -> None:
        self.listings = [item for item in items if isinstance(item, Listing)]
        self.refused = [item for item in items if isinstance(item, RefusedRow)]
        self.report = report

    @property
    def ids(self) -> list[str]:
        """Native ids of what was kept."""
        return [item.native_id for item in self.listings]

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """(reason, where) of what was refused."""
        return [(item.reason, item.where) for item in self.refused]


Read = Callable[..., Result]


@pytest.fixture
def read(tmp_path: Path, columns: ColumnTable) -> Read:
    """Writes bytes to a file of that name and reads it."""

    def run(name: str, content: bytes | str, **options: object) -> Result:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        report = StageReport("ingest")
        return Result(list(read_handover(file, "p", columns=columns, report=report, **options)), report)

    return run
