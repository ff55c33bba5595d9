"""A process of its own that makes what is due of life lines: ``python -m tests.casework.life_lines_process URL``."""

from __future__ import annotations

import sys

from adwatch.casework.life_lines import bring_up_to_date
from adwatch.store.engine import opened
from tests.casework.office import ZONE

if __name__ == "__main__":
    with opened(sys.argv[1]) as engine:
        bring_up_to_date(engine, ZONE)
