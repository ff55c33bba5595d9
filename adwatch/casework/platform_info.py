"""What casework knows of a platform besides its name: master data that an office keeps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from adwatch.tables.takedown import Contact


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
    deadline_days: int | None = None
    """The same in working days, instead of hours."""
    uscc: str | None = None
    """统一社会信用代码 of the company, its check character right."""
    bureau: str | None = None
    """Market regulation of its domicile."""
    bureau_email: str | None = None
    way: str = "platform"
    """platform (its own channel) or bureau: whom a letter goes to where the platform is not of our area."""
    channel: str | None = None
    """How it takes requests, in words."""
    email: str | None = None
    contact: str | None = None

    @property
    def addressee(self) -> str:
        """To whom a letter is addressed."""
        return self.company or self.label

    def is_local(self, area: Iterable[str]) -> bool:
        """Whether its domicile lies in the office's area (domicile: 某省某市某区; area: names of places)."""
        return bool(self.domicile) and any(place in (self.domicile or "") for place in area)


def overlaid(info: PlatformInfo, contact: Contact) -> PlatformInfo:
    """The platform file's facts with what the office wrote over them."""
    names = ("company", "uscc", "domicile", "bureau", "bureau_email", "way", "channel", "email", "contact")
    told = {name: value for name in names if (value := getattr(contact, name)) is not None}
    made = replace(info, **told)
    if contact.deadline is None:
        return made
    hours, days = (contact.deadline, None) if contact.deadline_unit == "hours" else (None, contact.deadline)
    return replace(made, deadline_hours=hours, deadline_days=days, deadline_source=contact.deadline_source)
