"""What all tests share: settings that reach nothing outside the test's folder, a clock that stands still."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog

from tests.search.servers import end_all

SHARED = Path(os.environ.get("ADWATCH_SHARED", Path(__file__).parent.parent.parent / "shared"))
"""Evaluation data beside the project; never committed."""


def pytest_configure() -> None:
    """One folder for the servers of a run, known to all its processes; a server's own user must be able to enter it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="adwatch-test-servers-"))
        folder.chmod(0o755)
        os.environ["ADWATCH_TEST_SERVERS"] = str(folder)


def pytest_unconfigure() -> None:
    """Servers end with the run that started them."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        end_all(Path(os.environ.pop("ADWATCH_TEST_SERVERS")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest is begun first; else all keep their order."""
    items.sort(key=lambda item: item.get_closest_marker("begun_first") is None)


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No setting of the machine reaches a test; state goes to its own folder; its log ends with it.

    A log that stayed set up would write to the captured standard error of a test long over.
    """
    for name in list(os.environ):
        if name.startswith("ADWATCH_") and not name.startswith("ADWATCH_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ADWATCH_HOME", str(tmp_path / "home"))
    yield
    structlog.reset_defaults()


class FixedClock:
    """A clock that a test sets."""

    def __init__(self, now: datetime = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


class RunningClock:
    """A clock that is set to a working day and goes on, so that no test depends on the day on which it is run."""

    def __init__(self, begun: datetime = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)) -> None:
        self._ahead = begun - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def this_year() -> int:
    """The year in what is numbered by the machine's clock."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).year


def known_holidays(data: Path) -> None:
    """In an office's tables: holidays of this year and the next, which the library may not know yet."""
    file = data / "tables" / "holidays.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    days = "".join(f"{this_year() + n}-01-01,no,元旦\n" for n in range(2))
    file.write_text(f"day,working,note\n{days}", encoding="utf-8")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of evaluation data, or a skip."""
    if not (SHARED / "data" / "dev").is_dir():
        pytest.skip("the evaluation data beside the project is not here")
    return SHARED / "data" / "dev"
