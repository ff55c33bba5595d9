"""A process of its own that decides one case after another."""

from __future__ import annotations

from datetime import UTC, datetime

from adwatch.casework import review
from adwatch.store.engine import open_engine
from tests.casework.office import UNIT, ZONE


def main(url: str, first: str, last: str) -> None:
    """Confirm the cases from FIRST to LAST, each in a transaction of its own."""
    engine = open_engine(url)
    for case_id in range(int(first), int(last) + 1):
        review.decide(engine, [case_id], "confirm", "张三", UNIT, "看过", now=datetime.now(UTC), zone=ZONE)
    engine.dispose()
