"""Memory of a process and of all below it, by what Linux tells of them."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_below(root: int) -> dict[int, int]:
    """Resident bytes by process; pages that several share count for each. Empty where there is no /proc."""
    parents, sizes = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            sizes[int(entry.name)] = int((entry / "statm").read_text().split()[1]) * _PAGE
        except OSError:
            continue  # it has just ended
    found = {}
    for pid, size in sizes.items():
        at = pid
        while at not in (root, 0, 1):
            at = parents.get(at, 0)
        if at == root:
            found[pid] = size
    return found
