"""What Zeeschuimer writes (one object a line round each item), and 4CAT where it gives such a file out again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

META = "__import_meta"
"""Where 4CAT puts what Zeeschuimer had written round the item."""


def opened(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], Mapping[str, Any]] | None:
    """(source platform, item, what was said of it) of a captured item, the same from both forms; None for others."""
    item, meta = row.get("data"), row.get(META)
    if isinstance(meta, dict) and isinstance(meta.get("source_platform"), str):
        return meta["source_platform"], {name: value for name, value in row.items() if name != META}, meta
    source = row.get("source_platform")
    if isinstance(source, str) and isinstance(item, dict):
        return source, item, {name: value for name, value in row.items() if name != "data"}
    return None
