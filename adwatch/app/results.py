"""What a platform's work comes to: one row of the tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adwatch.models import OUTCOMES, Outcome, StageReport

if TYPE_CHECKING:
    from adwatch.app.indexing import Indexed


@dataclass(slots=True)
class PlatformResult:
    """A platform's day."""

    platform: str
    """Name of the platform file or hand-over source."""
    day: str
    """Day of the work."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """How often each outcome word occurred."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Of these, by outcome word, how often the site's answer said nothing of why: neither a block nor an outage."""
    said: Counter[str] = field(default_factory=Counter)
    """What the site said by word in the place of items (needs_cookie, quota_spent, empty, ...)."""
    pages: int = 0
    """Captures made."""
    seen: int = 0
    """Listings read."""
    new: int = 0
    """Listings never seen before."""
    changed: int = 0
    """Known listings whose content changed."""
    vanished: int = 0
    """Listings that vanished this day: a complete patrol did not see them, or their page says so."""
    flagged: int = 0
    """Listings seen this day that are flagged."""
    terms: int = 0
    """Search terms asked."""
    terms_empty: int = 0
    """Terms without a hit."""
    terms_digest: str = ""
    """Digest of lists and terms: a listing found by another list or word has not vanished."""
    beyond: int = 0
    """Items that only the last round of searches found, and no other list."""
    searched_day: str = ""
    """Day of the last round of searches: this one, or an earlier one where they rest."""
    complete: bool = False
    """Whether every list was read to its end."""
    rested: int = 0
    """Lists that were left where all was known: what stands further down was not seen."""
    whole: dict[str, dict[str, Any]] = field(default_factory=dict)
    """When each list that may rest was last read to its end."""
    probe: str | None = None
    """ok | failed: whether the term that always has hits had some."""
    breaker: str = "closed"
    """closed | open: whether the platform was given up for today."""
    spent: bool = False
    """Whether the day's budget of requests was used up before all was read."""
    known: str | None = None
    """What became of a known listing on a day of nothing (up, gone, ...); None where none was asked for."""
    reread: str = "none"
    """none | same | differs: what this file reads out of the last day's archived pages, against what was read then."""
    replayed: int = 0
    """Requests answered from the archive, of a run that was continued."""
    index: str = "ok"
    """How the search index stood at the end, in one word (adwatch.app.indexing); ok where it was not asked."""
    seconds: float = 0.0
    """Wall time."""
    notes: list[str] = field(default_factory=list)
    """What went wrong, naming the address."""
    rejects: str | None = None
    """File of refused rows, of an ingest."""
    report: StageReport = field(default_factory=lambda: StageReport("extract"))
    """What was read and refused."""

    @property
    def outcome(self) -> Outcome:
        """The worst word that occurred; empty only when nothing was seen (a term without hits is no empty platform)."""
        worst: Outcome = "ok" if self.seen else "empty"
        for word in OUTCOMES:
            if self.outcomes.get(word) and not (word == "empty" and self.seen):
                worst = max(worst, word, key=OUTCOMES.index)
        return worst

    def add(self, word: str, note: str | None = None, said: str | None = None) -> None:
        """Count an outcome word, and what the site said by word; keep at most a hundred notes."""
        self.outcomes[word] += 1
        if said == "unknown":
            self.unknown[word] += 1
        if note and len(self.notes) < 100:
            self.notes.append(note)

    def indexed(self, found: Indexed) -> None:
        """Take over how the index stands; the note comes first."""
        self.index = found.word
        if found.note:
            self.notes.insert(0, found.note)

    def take(self, report: StageReport) -> None:
        """Take over what extraction counted."""
        self.report.merge(report)
        self.seen += report.kept
        self.new += report.counts["new"]
        self.changed += report.counts["changed"]

    def as_dict(self) -> dict[str, Any]:
        """As stored with the run and printed by ``--json``."""
        return {
            "platform": self.platform,
            "day": self.day,
            "outcome": self.outcome,
            "outcomes": dict(self.outcomes),
            "unknown": dict(self.unknown),
            "said": dict(self.said),
            "pages": self.pages,
            "seen": self.seen,
            "new": self.new,
            "changed": self.changed,
            "vanished": self.vanished,
            "flagged": self.flagged,
            "terms": self.terms,
            "terms_empty": self.terms_empty,
            "terms_digest": self.terms_digest,
            "beyond": self.beyond,
            "searched_day": self.searched_day,
            "complete": self.complete,
            "rested": self.rested,
            "whole": self.whole,
            "probe": self.probe,
            "breaker": self.breaker,
            "spent": self.spent,
            "known": self.known,
            "reread": self.reread,
            "replayed": self.replayed,
            "index": self.index,
            "seconds": round(self.seconds, 2),
            "dropped": dict(self.report.dropped),
            "notes": self.notes + self.report.notes[:20],
        }
