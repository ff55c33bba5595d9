"""What casework knows of a platform besides its name: master data that an office keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlatformInfo:
    """The company behind a platform and how it is asked."""

    label: str
    """Chinese name for people."""
    company: str | None = None
    """Operating company, to whom a letter is addressed."""
    domicile: str | None = None
    """Where the company is registered; its bureau is competent."""
    deadline_hours: int | None = None
    """Hours after receipt within which the platform has to act; None where no rule says so."""
    deadline_source: str | None = None
    """Where that deadline comes from."""

    @property
    def addressee(self) -> str:
        """To whom a letter is addressed."""
        return self.company or self.label
