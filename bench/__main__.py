"""``python -m bench``: every bench with small numbers, in five minutes; ``python -m bench NAME [...]``: one of them.

With small numbers a figure is a first look: what docs/claims.md states was measured with the bench's own defaults.
"""

from __future__ import annotations

import runpy
import subprocess
import sys
import time

SMALL: dict[str, tuple[str, ...]] = {
    "detection": (),
    "classify": (),
    "search": ("--documents", "20000"),
    "ingest": ("20000",),
    "collect": ("--pages", "2000", "--seconds", "15", "--cost-pages", "500"),
}
OTHERS = (
    "airflow_scale",
    "ablation",
    "clusters",
    "casework_pages",
    "console_pages",
    "elastic",
    "hostile",
    "ingest_parse",
    "ledger",
    "lookalike",
    "letters",
    "metrics",
    "package",
    "retrohunt",
    "partitions",
    "pictures",
    "real_sites",
    "render",
    "repatrol",
    "reviewers",
    "demo_kills",
    "scheduler_kill",
    "site_looks",
    "site_pages",
    "store",
    "training_text",
)
"""Run by name only: they take long, or need programs that are set up beforehand."""


def main() -> int:
    """Run all, or the one that is named; 1 if one failed."""
    names = (*SMALL, *OTHERS)
    if len(sys.argv) > 1:
        name = sys.argv[1]
        if name not in names:
            print(f"{name}: no such bench; there are {', '.join(names)}", file=sys.stderr)
            return 2
        sys.argv = [f"bench.{name}", *sys.argv[2:]]
        runpy.run_module(f"bench.{name}", run_name="__main__")
        return 0
    failed = []
    for name, small in SMALL.items():
        print(f"== {name} {' '.join(small)}", flush=True)
        begun = time.perf_counter()
        if subprocess.run([sys.executable, "-m", f"bench.{name}", *small], check=False).returncode:
            failed.append(name)
        print(f"== {name}: {time.perf_counter() - begun:.0f} s\n", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
