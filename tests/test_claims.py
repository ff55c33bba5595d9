"""docs/claims.md names only tests and benches that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
PLACES = sorted(set(re.findall(r"`((?:[a-z_]+/)*(?:[a-z_]+/|test_\w+\.py)(?:::\w+)?)`", TEXT)))
BENCHES = sorted(set(re.findall(r"bench `(\w+)", TEXT)))


@pytest.mark.parametrize("place", PLACES)
def test_a_test_that_is_named_exists(place: str) -> None:
    path, _, name = place.partition("::")
    file = ROOT / "tests" / path
    assert file.exists(), f"{path} is not there"
    if name:
        assert f"def {name}(" in file.read_text(encoding="utf-8"), f"{path} has no {name}"


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_that_is_named_exists(name: str) -> None:
    assert (ROOT / "bench" / f"{name}.py").is_file()


def test_every_claim_has_its_three_cells() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| claim")]
    assert len(PLACES) > 30
    assert [row for row in rows if row.count(" | ") != 2] == []
    assert "@@" not in TEXT
