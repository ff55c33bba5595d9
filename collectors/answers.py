"""What an answer without items means, by the platform file's ``answers``: a zero, a block, or that nobody knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from adwatch.http import Fetched
from adwatch.models import Outcome
from collectors import sealed
from collectors.charset import decode_text
from collectors.sealed import failure_in
from collectors.spec import PlatformSpec

OUTCOME_OF: dict[str, Outcome] = {
    "blocked": "blocked",
    "needs_cookie": "blocked",
    "needs_browser": "blocked",
    "busy": "unreachable",
    "unreachable": "unreachable",
    "unknown": "unreachable",
}
"""Outcome of a day on which a platform said this, else error; unknown is no zero: what is there could not be seen."""
ENDS_THE_DAY = ("blocked", "needs_cookie", "needs_browser")
"""After these no further term is asked today."""
_HEAD = 200_000
"""Characters of a body in which a sign is looked for."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a platform said in the place of items."""

    word: str
    """One of ``answers.means``, or of an interface's failures."""
    told: str
    """For people, with the word; never what the answer itself said unless an interface's error did."""
    outcome: Outcome
    """What the day comes to."""
    ends_the_day: bool
    """Whether nothing more is asked today."""


def said_by(spec: PlatformSpec, fetched: Fetched) -> Said | None:
    """The first answer of the file that fits; None where it is to be read as usual.

    Only asked where no item could be read, or the status is an error's: a seller's words never make a block. An
    interface with keys says itself what went wrong.
    """
    failure = failure_in(spec, fetched)
    if failure is not None:
        outcome = sealed.OUTCOME_OF.get(failure.word, "error")
        return Said(failure.word, failure.told, outcome, failure.word in sealed.ENDS_THE_DAY)
    rules = [rule for rule in spec.answers.values() if fetched.status in rule.status]
    if not rules:
        return None
    text = decode_text(fetched.body, fetched.capture.content_type)[:_HEAD]
    path = urlsplit(fetched.url).path
    for rule in rules:
        if (rule.says is None or re.search(rule.says, text)) and (rule.path is None or re.search(rule.path, path)):
            outcome = OUTCOME_OF.get(rule.means, "error")
            return Said(rule.means, f"{rule.means}: {rule.why}", outcome, rule.means in ENDS_THE_DAY)
    return None


def told_statuses(spec: PlatformSpec) -> tuple[int, ...]:
    """Statuses of errors that are read, and not asked for again."""
    return tuple(sorted({status for rule in spec.answers.values() for status in rule.status if status != 200}))
