"""Which model is in use: the shipped one, or one that the office trained and promoted; its files lie in ``models/`` of
the home, never among the package's.

``models/DIGEST/`` holds model.npz, model.json and record.json of a candidate. ``models/in-use.json`` is written whole
and put in place at once: the stack of models promoted one on another, and every promotion and roll back that ever was.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adwatch.errors import SettingsError, UsageError
from classifiers.model import HERE, Model

SHIPPED = "shipped"
"""Name of the package's own model in records."""
MEANING = ("features.py", "prefilter.py", "grammar.py", "passages.py")
"""Files that say what a weight is multiplied with: a model trained for others means nothing."""


def features_digest() -> str:
    """Digest of MEANING."""
    digest = hashlib.sha256()
    for name in MEANING:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()[:16]


@dataclass(slots=True)
class InUse:
    """What stands in in-use.json."""

    stack: list[str] = field(default_factory=list)
    """Digests of promoted models, the one in use last; empty: the shipped one."""
    history: list[dict[str, Any]] = field(default_factory=list)
    """Promotions and roll backs, oldest first: at, by, act, model, instead_of, figures, digests."""

    @property
    def digest(self) -> str:
        """Of the model in use; ``shipped`` for the package's own."""
        return self.stack[-1] if self.stack else SHIPPED


class ModelStore:
    """The models of an office."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "models"
        self.file = self.folder / "in-use.json"

    def in_use(self) -> InUse:
        """The present state; that of a fresh office where there is no file."""
        try:
            body = json.loads(self.file.read_text(encoding="utf-8"))
            return InUse([str(each) for each in body["stack"]], list(body["history"]))
        except FileNotFoundError:
            return InUse()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                f"{self.file}: cannot be read ({error}); mend it, or move it away to use the shipped model"
            ) from error

    def path(self, digest: str) -> Path:
        """Folder of a model."""
        if not digest.isalnum():
            raise UsageError(f"{digest!r} is no model's digest")
        return self.folder / digest

    def record(self, digest: str) -> dict[str, Any]:
        """How a model was made and how it compared."""
        file = self.path(digest) / "record.json"
        try:
            body: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{digest}: no such model in {self.folder}; adwatch train makes one") from error
        return body

    def model(self) -> Model:
        """The model in use, checked: files as recorded, weights for this program's features."""
        digest = self.in_use().digest
        return Model.load() if digest == SHIPPED else self.load(digest)

    def load(self, digest: str) -> Model:
        """One of the office's models; SettingsError says what to do where it cannot serve."""
        undo = "adwatch train --rollback uses the one before"
        try:
            record = self.record(digest)
            model = Model.load(self.path(digest))
        except (UsageError, OSError, ValueError, KeyError) as error:
            raise SettingsError(f"the model {digest} cannot be read ({error}); {undo}") from error
        if model.digest != digest:
            raise SettingsError(f"the files of the model {digest} were changed (now {model.digest}); {undo}")
        if record.get("features") != features_digest():
            raise SettingsError(
                f"the model {digest} was trained for another version of this program; run adwatch train anew and "
                f"promote, or {undo}"
            )
        return model

    def newest(self) -> str | None:
        """The candidate made last."""
        records = [
            (self.record(file.parent.name)["made_at"], file.parent.name) for file in self.folder.glob("*/record.json")
        ]
        return max(records)[1] if records else None

    def promote(self, digest: str, entry: dict[str, Any]) -> InUse:
        """Put a model in use; ``entry`` goes into the record."""
        state = self.in_use()
        if state.digest == digest:
            raise UsageError(f"{digest} is the model in use already")
        self.load(digest)
        state.history.append({**entry, "act": "promote", "model": digest, "instead_of": state.digest})
        state.stack.append(digest)
        self._write(state)
        return state

    def roll_back(self, entry: dict[str, Any]) -> InUse:
        """Use the model before again."""
        state = self.in_use()
        if not state.stack:
            raise UsageError("nothing to roll back: the shipped model is in use")
        left = state.stack.pop()
        state.history.append({**entry, "act": "rollback", "model": state.digest, "instead_of": left})
        self._write(state)
        return state

    def _write(self, state: InUse) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as handle:
            json.dump({"stack": state.stack, "history": state.history}, handle, ensure_ascii=False, indent=1)
            handle.flush()
            os.fsync(handle.fileno())
        beside.replace(self.file)
