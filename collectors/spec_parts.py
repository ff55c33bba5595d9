"""Smaller sections of a platform file: what pages without items look like, rate, sitemap, hand-over.

The text under each field is its documentation in docs/adding-a-platform.md.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from collectors.selectors import check_jmespath
from collectors.spec_fields import Fields, ListingKind, Strict


class NoResults(Strict):
    """How an honest empty list looks, to tell it from a changed layout."""

    select: str | None = None
    """Something that matches only there."""
    words: tuple[str, ...] = ()
    """Words of it."""


class Gone(Strict):
    """How a removed item answers; a block page or an outage is never taken for it."""

    status: tuple[int, ...] = (404, 410)
    """HTTP statuses."""
    words: tuple[str, ...] = ()
    """Words of a page that says so; they count only where no item can be read."""
    select: str | None = None
    """Something that matches only on such a page."""
    general: bool = True
    """Whether a page that says nothing but 不存在 or 已删除 in general words (page_words.csv) counts as well."""


class Block(Strict):
    """How the site refuses us; recorded, never worked around."""

    status: tuple[int, ...] = ()
    """Statuses besides 401, 403, 407, 451 and 429."""
    words: tuple[str, ...] = ()
    """Words of block, captcha and login pages; they count only where no item can be read."""
    paths: tuple[str, ...] = ()
    """Parts of the addresses of such pages, such as /login."""


class Proof(Strict):
    """What shows that the file reads what it says; a table of all files is made of it."""

    by: Literal["real", "standin", "document"]
    """real: the program itself was patrolled; standin: another's server after the documents; document: the form."""
    against: str
    """Program and version, interface, or document."""
    unverified: tuple[str, ...] = ()
    """Facts that no document and no program showed; where there are two readings, both are taken."""


class Rate(Strict):
    """How fast the platform may be asked."""

    per_second: float = Field(1.0, gt=0, le=200)
    """Requests a second and host."""
    agreed: str | None = None
    """Who declared another rate than ours; it then stands in the place of robots' Crawl-delay."""
    retries: int = Field(3, ge=0, le=5)
    """Further attempts where no answer comes, or one of 429, or of 500 and more."""

    @model_validator(mode="after")
    def _needs_consent(self) -> Self:
        if self.per_second > 1 and not self.agreed:
            raise ValueError("more than 1 a second needs `agreed:` with who declared it and where")
        return self


class Check(Strict):
    """How one known listing is looked up again where it has no page of its own, or not the one that people see."""

    url: str
    """Address with {native_id}; it answers like a list page, empty if the item is gone, or as detail where that is."""


class Sitemap(Strict):
    """How far sitemaps are followed; each file of them is a page of the list, for paging.max_pages too."""

    depth: int = Field(3, ge=1, le=10)
    """Sitemaps below sitemaps; deeper ones are left out."""
    most: int = Field(50_000, ge=1)
    """Item pages taken from sitemaps in one patrol; those changed last come first."""


class Shape(Strict):
    """One form in which a browser's capture holds an item; the first that fits is taken."""

    source: str
    """What the tool calls the platform: Zeeschuimer's source_platform."""
    host: str | None = None
    """Whose answers in a HAR hold such items, names below it too; without it the source."""
    when: str
    """JMESPath that finds something in such an item and in no other."""
    listing_kind: ListingKind | None = None
    """Kind of the listing, if it is not the platform's."""
    fields: Fields
    """Fields, by JMESPath; what the tool says of the item lies under capture_meta."""

    _check_when = field_validator("when")(check_jmespath)


class Handover(Strict):
    """A folder into which a platform's files are put."""

    folder: str | None = None
    """Relative to ADWATCH_HOME; without it inbox/<name>."""
    columns: dict[str, str] = Field(default_factory=dict)
    """Further column names of its files, as heading: field; text+ adds a line to the text, - leaves out."""
    captured: tuple[Shape, ...] = ()
    """How captures of officers' browsers hold its items: Zeeschuimer's file, 4CAT's of it, HAR."""
