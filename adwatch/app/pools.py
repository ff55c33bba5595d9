"""Pools for Airflow, one for each host that several platforms share: its platforms are patrolled a few at a time.

The rate of a host is kept by the limiter in the store, whoever asks. A pool is for what the limiter does not do: how
many requests are under way at one host, and that tasks which would only wait for the host's next slot hold no worker.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from adwatch.app.office import Office
from adwatch.errors import UsageError
from adwatch.http.addresses import host_key

SLOTS = 1
"""Platforms of one host at once; another number is set in Airflow, where it holds at once."""


def host_pools(office: Office) -> list[dict[str, Any]]:
    """pool, slots, host, platforms: a row for each host of which more than one platform is patrolled.

    A platform counts by its ``base_url``; lists that stand on another host are not looked at.
    """
    from adwatch.app.patrol import platform_names

    hosts: dict[str, list[str]] = {}
    for name in platform_names(office):
        if url := office.platforms[name].base_url:
            hosts.setdefault(host_key(url), []).append(name)
    return [
        {"pool": pool_name(host), "slots": SLOTS, "host": host, "platforms": names}
        for host, names in sorted(hosts.items())
        if len(names) > 1
    ]


def pool_name(host: str) -> str:
    """Name of a host's pool: also the end of task ids, which take letters, digits, dashes, dots and underscores."""
    return "host-" + re.sub(r"[^A-Za-z0-9.-]", "-", host)


def write_pools(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    """The file that ``airflow pools import`` and the DAG of the patrol read."""
    pools = {
        row["pool"]: {
            "slots": row["slots"],
            "description": f"{row['host']}: {', '.join(row['platforms'])}",
            "include_deferred": False,
        }
        for row in rows
    }
    try:
        draft = file.with_name(f".{file.name}.tmp")
        draft.write_text(json.dumps(pools, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        raise UsageError(f"--out {file}: cannot be written: {error.strerror}") from error


def of_pool(office: Office, names: Sequence[str], pool: str | None, pools: Sequence[str]) -> list[str]:
    """Those of the platforms that belong to a pool; with None those that belong to none of them."""
    found = []
    for name in names:
        url = office.platforms[name].base_url
        own = pool_name(host_key(url)) if url else None
        if own == pool if pool is not None else own not in pools:
            found.append(name)
    return found
