"""One loaded judge for all tests of the classifier."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from classifiers.analysis import Reader
from classifiers.judge import OfferJudge

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def judge() -> OfferJudge:
    """The shipped judge."""
    return OfferJudge.load()


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Reads single texts in full."""
    return Reader()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The development texts, which are not part of the repository."""
    folder = Path(os.environ.get("ADWATCH_SHARED", ROOT.parent / "shared")) / "data" / "dev"
    if not folder.is_dir():
        pytest.skip("no development texts here")
    return folder
