"""Old workbooks (XLS) as a real program saved them, and one of them spoilt."""

from __future__ import annotations

import random
from pathlib import Path

DATA = Path(__file__).parent / "collectors" / "handover" / "data"


def aborting() -> bytes:
    """One on which the library that reads it ends the process that it runs in."""
    chance = random.Random(7)
    for _ in range(198):
        data = bytearray((DATA / "answers.xls").read_bytes())
        for _ in range(8):
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)
