"""Linking against sellers whose truth is known: cases of our own, half of them never tuned on, and the demo world."""

from __future__ import annotations

import pytest

from tests.casework.clusters import measure
from tests.casework.clusters.make import lines, make

FLOORS = {"known": (0.98, 0.98), "held": (0.98, 0.98), "demo": (0.98, 0.93)}
"""Precision and recall over all pairs of listings that may not be fallen below."""


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOORS)
def test_sellers_whose_truth_is_known_are_found(name: str) -> None:
    listed = measure.given(name)
    found = measure.measured(listed)
    ours, (precision, recall) = found["ours"], FLOORS[name]
    assert ours.precision >= precision, ours.wrong_for
    assert ours.recall >= recall, ours.missed_for
    for other in ("wording alone", "contacts alone"):
        assert ours.precision >= found[other].precision
        assert ours.recall > found[other].recall


def test_the_cases_are_many_and_made_as_written() -> None:
    listed = [*measure.rows("known"), *measure.rows("held")]
    assert len(listed) >= 300
    assert len({row["seller"] for row in listed}) >= 200
    for name, seed, half in (("known", 11, 0), ("held", 22, 1)):
        text = (measure.HERE / f"{name}.jsonl").read_text(encoding="utf-8")
        assert "".join(lines(make(seed, half))) == text
