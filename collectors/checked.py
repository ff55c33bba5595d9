"""What a look at one platform came to: its facts, what is wrong or doubtful, and the verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class PlatformCheck:
    """What was seen."""

    platform: str
    """Name of the platform file."""
    kind: str
    """Its kind."""
    verdict: str = "ok"
    """ok · look (it works, and a person should look at the findings) · broken."""
    findings: list[str] = field(default_factory=list)
    """What is wrong or doubtful, and what to do, the gravest first."""
    robots: str = "未问 not asked"
    """What robots.txt says."""
    rate: str = ""
    """Seconds between two requests, and why."""
    list_url: str | None = None
    """The list page that was read."""
    list_items: int = 0
    """Items on it."""
    next_page: bool | None = None
    """Whether it leads to another page; None where the list has one page only."""
    item_url: str | None = None
    """The item page that was read."""
    fill: dict[str, str] = field(default_factory=dict)
    """For each declared field: in how many of the items read it stands, as 18/20."""
    list_fill: dict[str, str] = field(default_factory=dict)
    """The same for the fields that the list itself shows of an item with a page of its own."""
    block_words: str = "未写明 none declared"
    """Whether words of block and gone pages stand on ordinary pages."""
    example: dict[str, Any] = field(default_factory=dict)
    """The first listing as it was read; it may hold personal data."""

    def fault(self, message: str) -> None:
        """Something without which nothing is found."""
        self.verdict = "broken"
        self.findings.insert(0, message)

    def doubt(self, message: str) -> None:
        """Something to look at."""
        self.verdict = "look" if self.verdict == "ok" else self.verdict
        self.findings.append(message)

    def as_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return asdict(self)
