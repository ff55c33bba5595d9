"""What a queue of cases is chosen by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filters:
    """What a queue is chosen by; empty chooses everything."""

    states: tuple[str, ...] = ()
    """Any of these states."""
    scope: str | None = None
    """safety_production | other_credential."""
    platform: str | None = None
    """Name of the platform."""
    offer_class: str | None = None
    """Id of an offer class that the case has among its own."""
    family: str | None = None
    """Id of a certificate family that it has among its own."""
    contact: str | None = None
    """Contact key."""
    band: str | None = None
    """flagged | review | clear, of the listing as it stands."""
    tier: str | None = None
    """exact | folded."""
    score_from: float | None = None
    """Lowest score, 0..1."""
    score_to: float | None = None
    """Highest score, exclusive."""
    region: str | None = None
    """Begin of the seller's region as shown."""
    owner: str | None = None
    """Id of the authority that confirms."""
    origin: str | None = None
    """Where the lead came from."""
    campaign: str | None = None
    """Id of the campaign that it belongs to."""
    opened_from: str | None = None
    """First patrol day, YYYY-MM-DD."""
    opened_to: str | None = None
    """Last patrol day."""
    subject: int | None = None
    """The subject (主体) that its listings belong to."""
    fold: bool = False
    """Of each subject only the first of these states and this scope: one lead to look at. Not with other conditions,
    since the first may not fit them."""
    only_regions: tuple[str, ...] = ()
    """Begins of regions that a person is limited to; a case of unknown region belongs to everybody."""
    only_families: tuple[str, ...] = ()
    """Certificate families that a person is limited to; a case that names none belongs to everybody."""
