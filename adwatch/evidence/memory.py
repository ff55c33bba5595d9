"""Memory of a process and of all below it, by what Linux tells of them."""

from __future__ import annotations

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


def memory_below(root: int) -> dict[int, int]:
    """Bytes by process; of what several share each has its part. Empty where there is no /proc."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
    found = {}
    for pid in parents:
        at = pid
        while at not in (root, 0, 1):
            at = parents.get(at, 0)
        if at == root:
            found[pid] = _bytes(Path("/proc") / str(pid))
    return found


def _bytes(process: Path) -> int:
    try:
        for line in (process / "smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # of another user, or ended: what it holds resident is as good
    try:
        return int((process / "statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0
