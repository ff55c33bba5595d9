"""Casework as verbs and tasks call it: the office's tables are joined to the stages here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from adwatch.app.office import Office
