"""docs/sizing.md: its computations come out, and what it calls measured is what docs/claims.md states."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "sizing.md").read_text(encoding="utf-8")
CLAIMS = (DOCS / "claims.md").read_text(encoding="utf-8")

COUNTY, PREFECTURE, NATION = 5_000, 500_000, 10_000_000
SQLITE, POSTGRESQL = 109.5e6 / 100_000, 7436.5e6 / 5_000_000
EMBEDDED, ELASTIC = 180.1e6 / 100_000, 154.2e6 / 100_000
RATE = 100_000 / 75.6
VERSIONS, INDEXED = 1 + 365 * 0.1, 1 + 365 * 0.05
SIZES = [
    (SQLITE / 1e3, "1.1 kB SQLite"),
    (POSTGRESQL / 1e3, "1.49 kB PostgreSQL"),
    (EMBEDDED / 1e3, "1.8 kB embedded"),
    (ELASTIC / 1e3, "1.55 kB Elasticsearch"),
    (RATE, "1,320 a second"),
    (VERSIONS, "= 37.5 N"),
    (INDEXED, "19.25 N"),
    (VERSIONS * COUNTY * 1.1e3 / 1e9, "× 5,000 × 1.1 kB = 0.21 GB"),
    (INDEXED * COUNTY * 1.8e3 / 1e9, "× 5,000 × 1.8 kB = 0.17 GB"),
    (COUNTY * 365 * 25e3 / 1e9, "5,000 × 365 × 25 kB = 46 GB"),
    (PREFECTURE / 86_400 + 0.5, "at least 6 hosts"),
    (PREFECTURE * 4.4e-3 / 60, "500,000 × 4.4 ms = 37 min"),
    (PREFECTURE / RATE / 60, "500,000 / 1,320 = 6.3 min"),
    (VERSIONS * PREFECTURE * 1.49e3 / 1e9, "× 500,000 × 1.49 kB = 28 GB"),
    (INDEXED * PREFECTURE * 1.55e3 / 1e9, "× 500,000 × 1.55 kB = 15 GB"),
    (365 * PREFECTURE * 25e3 / 1e12, "365 × 500,000 × 25 kB = 4.6 TB"),
    (NATION / 86_400, "10,000,000 / 86,400 = 116 hosts"),
    (NATION / 50 * 5.3e-3 / 60, "18 min"),
    (NATION * 200 / 10.7e6 / 60, "/ 10.7 million = 3.1 min"),
    (VERSIONS * NATION * 1.49e3 / 1e9, "× 10,000,000 × 1.49 kB = 559 GB"),
    (INDEXED * NATION * 1.55e3 / 1e9, "× 10,000,000 × 1.55 kB = 298 GB"),
    (INDEXED * NATION * 1.55e3 / 12 / 1e9, "298 / 12 = 25 GB"),
    (INDEXED * NATION * 1.55e3 * 2 * 1.25 / 3 / 1e9, "make 249 GB on each"),
    (365 * NATION * 250 / 1e12, "365 × 10,000,000 × 250 bytes = 0.9 TB"),
    (1e3 / RATE * 2, "costs 1.5 ms"),
]


@pytest.mark.parametrize(("computed", "said"), SIZES, ids=[said for _, said in SIZES])
def test_a_computation_comes_out(computed: float, said: str) -> None:
    assert said in PAGE
    equal = said.rpartition("=")[2]
    [figure] = re.findall(r"\d[\d,]*\.?\d*", equal)[:1]
    shown = float(figure.replace(",", ""))
    digits = len(figure.partition(".")[2])
    within = max(0.5 * 10**-digits, 0.01 * shown)
    assert abs(computed - shown) <= within * 1.001, (computed, shown)


@pytest.mark.parametrize(
    ("said", "claimed"),
    [
        ("(166 s a million), 408 MB", "6,023 listings/s (166 s), peak 408 MB"),
        ("4.4 ms, 5.3 ms", "HTML detail 3.4–4.4 ms, JSON detail 1.8–2.7 ms, JSON list of 50 items 3.5–5.3 ms"),
        ("40, 40 µs; 40, 52 µs", "as a patrol sees them 40, 40 µs (1.00 ×)"),
        ("10.7 to 13.6 million characters a second", "10.7–13.6 Mchar/s"),
    ],
)
def test_what_is_called_measured_is_claimed(said: str, claimed: str) -> None:
    assert said in PAGE
    assert claimed in CLAIMS


def test_every_line_of_a_size_says_whether_it_was_measured() -> None:
    rows = [
        line
        for line in PAGE.splitlines()
        if line.startswith("| ") and not line.startswith(("| need", "| what", "| **"))
    ]
    assert len(rows) > 25
    assert [row for row in rows if not re.search(r"\*\*[mca]\*\*|not measured", row)] == []
