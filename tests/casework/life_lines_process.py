"""A process of its own that makes what is due of life lines."""

from __future__ import annotations

from adwatch.casework.life_lines import bring_up_to_date
from adwatch.store.engine import opened
from tests.casework.office import ZONE


def main(url: str) -> None:
    """Do it."""
    with opened(url) as engine:
        bring_up_to_date(engine, ZONE)
