"""Keys of open interfaces as the setting ADWATCH_KEYS holds them; a message never repeats one."""

from __future__ import annotations

import json
from typing import cast

from adwatch.ports import Secrets


class GivenKeys:
    """The Secrets port over ADWATCH_KEYS; what it lacks is asked of ``others``, such as a scheduler's connections."""

    def __init__(self, text: str, others: Secrets | None = None) -> None:
        self._keys = parsed_keys(text)
        self.others = others

    def get(self, name: str) -> str | None:
        """The secret ``key.part``, or None."""
        key, _, part = name.rpartition(".")
        return self._keys.get(key, {}).get(part) or (self.others.get(name) if self.others is not None else None)


def parsed_keys(text: str) -> dict[str, dict[str, str]]:
    """Keys by name; what is wrong is told without repeating anything."""
    try:
        keys = json.loads(text or "{}")
    except ValueError as error:
        raise ValueError("is no JSON") from error
    each = keys.values() if isinstance(keys, dict) else [None]
    parts = [part for key in each for part in (key.items() if isinstance(key, dict) else [("", None)])]
    known = all(name in ("id", "secret", "token") and isinstance(value, str) for name, value in parts)
    if not known:
        raise ValueError('is not of the form {"name": {"id": "...", "secret": "...", "token": "..."}}')
    return cast("dict[str, dict[str, str]]", keys)
