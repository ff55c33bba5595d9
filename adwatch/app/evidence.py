"""Evidence as verbs call it."""

from __future__ import annotations

from typing import Any

from adwatch.app.office import Office
from adwatch.ports import Progress
from adwatch.store.captures import captures, count_captures
