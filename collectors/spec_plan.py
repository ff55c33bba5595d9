"""What a platform file says of a patrol as a whole: what to expect, when to give up, when to look again.

The text under each field is its documentation in docs/adding-a-platform.md.
"""

from __future__ import annotations

from pydantic import Field, field_validator

from collectors.spec_fields import Fields, Strict


class Expect(Strict):
    """What a healthy day looks like."""

    fewest: int = Field(1, ge=0)
    """Listings that a whole patrol finds at least."""
    required: tuple[str, ...] = ()
    """Fields that every listing has; where more than a tenth lack one, the layout has changed."""
    newest_days: int | None = Field(None, ge=1)
    """Days that the newest listing may be old; beyond that the platform is stale."""

    @field_validator("required")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in Fields.model_fields:
                raise ValueError(f"{name!r}: write one of {', '.join(Fields.model_fields)}")
        return value


class Breaker(Strict):
    """When a platform that does not answer is left alone for today; the next run starts with one trial."""

    failures: int = Field(3, ge=1, le=100)
    """Addresses in a row that do not answer."""


class Terms(Strict):
    """How the search terms are shared out over days."""

    days: int = Field(1, ge=1, le=60)
    """Days over which all terms are covered; each day those that found most and those longest unasked are asked."""


class Revisit(Strict):
    """When the page of a known listing is fetched again; a change of what the list shows of it always does."""

    every_days: int = Field(7, ge=1)
    """Days between two looks at a listing."""
    flagged_days: int = Field(1, ge=1)
    """The same for one that is flagged and not dismissed."""
    search_days: int = Field(1, ge=1)
    """Days between two rounds of searches, where the last round found nothing that the other lists do not hold."""
    list_days: int = Field(1, ge=1)
    """Days between two whole readings of a latest list that itself holds the listings; between them it is left at the
    first page on which all is known."""
