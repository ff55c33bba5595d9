"""What a check of an evidence package found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PackageProblem:
    """One thing that is not as it was sealed."""

    word: str
    """altered | removed | added | renamed | reordered | duplicated | unsafe | structure | proof | unreadable."""
    file: str
    """Name in the package; of what belongs to none, a name for the part of the ZIP."""
    message: str
    """What is wrong."""

    def __str__(self) -> str:
        return f"{self.file}: {self.word}: {self.message}"


@dataclass(slots=True)
class PackageReport:
    """What was checked and what was found."""

    sha256: str = ""
    """Digest of the manifest as it is."""
    files: int = 0
    """Files that the manifest names."""
    size: int = 0
    """Bytes of the package."""
    head: dict[str, Any] = field(default_factory=dict)
    """What the manifest says that it is of."""
    captures: int = 0
    """Captures whose records stand."""
    entries: int = 0
    """Entries of the audit log that stand."""
    proven: int = 0
    """Captures and entries that are in the root of their day."""
    stamped: int = 0
    """Days whose root has a time stamp that was checked."""
    problems: list[PackageProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is not wrong, and yet should be known."""

    def add(self, word: str, file: str, message: str) -> None:
        """One more problem, once."""
        if (found := PackageProblem(word, file, message)) not in self.problems:
            self.problems.append(found)
