"""The schema of a platform file; the text under each field is its documentation in docs/adding-a-platform.md."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from collectors.selectors import check_css, check_jmespath
from collectors.spec_answers import Answer
from collectors.spec_fields import Fields, ListingKind, Strict, V, pattern
from collectors.spec_interface import Interface
from collectors.spec_parts import Block, Check, Gone, Handover, NoResults, Proof, Rate, Sitemap
from collectors.spec_plan import Breaker, Expect, Revisit, Terms
from collectors.spec_render import R
from collectors.spec_replies import Replies

Kind = Literal["html", "json", "signed_json", "feed", "structured", "sitemap", "handover"]
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


def _url(value: Any) -> Any:
    """A plain string is short for ``url``."""
    return {"url": value} if isinstance(value, str) else value


class Paging(Strict):
    """How to get from one page of a list to the next; a page that brings nothing new always ends it."""

    by: Literal["none", "page", "offset", "cursor", "next_link", "link_header", "scroll", "more"] = "none"
    """The way; scroll and more (a button) go on within one rendered page."""
    start: int = 1
    """Number of the first page."""
    size: int | None = None
    """Items a page, for {offset} and {size}."""
    next: str | None = None
    """Selector of the next link (its href) or of the cursor in the body; by page, of a value that is sent back; by
    more, of the button."""
    total: str | None = None
    """JMESPath of the number of all items, with size: no page is asked behind the last."""
    max_pages: int = Field(20, ge=1, le=10_000)
    """Pages of one list at most; by scroll and more, how often it goes on."""


class Address(Strict):
    """A page to start from."""

    url: str
    """Address; {term}, {page}, {offset}, {size} and {cursor} are filled in; a path is appended to base_url."""
    method: Literal["GET", "POST"] = "GET"
    """GET or POST."""
    body: Any = None
    """JSON body of a POST; the same marks are filled in inside its strings."""
    label: str | None = None
    """Name of the category."""
    listing_kind: ListingKind | None = None
    """Kind of the listings of this list, if it is not the platform's: comment for a comments feed."""
    paging: Paging | None = None
    """How this list goes on, if it is not the platform's way."""


A = Annotated[Address, BeforeValidator(_url)]


class ListSource(Strict):
    """One list: exactly one of search, category and latest."""

    search: A | None = None
    """Asked once for each search term."""
    category: A | None = None
    """A category page."""
    latest: A | None = None
    """The newest listings."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [way for way in ("search", "category", "latest") if getattr(self, way) is not None]
        if len(given) != 1:
            raise ValueError("write exactly one of search, category and latest")
        if self.search is not None and "{term}" not in f"{self.search.url}{self.search.body}":
            raise ValueError("a search needs {term} in its url or body, such as /search?q={term}")
        return self

    @property
    def way(self) -> str:
        """search, category or latest."""
        return next(way for way in ("search", "category", "latest") if getattr(self, way) is not None)

    @property
    def address(self) -> Address:
        """The address, whichever way it is."""
        found: Address = getattr(self, self.way)
        return found


class Items(Strict):
    """How a list page is read."""

    select: str | None = None
    """Selector of one item (json: of the list of items); feed, structured and sitemap know it themselves."""
    links: str | None = None
    """Instead of select, on a page: regular expression; every link whose address it matches is an item."""
    link: V | None = None
    """Address of the item's own page (an HTML link's href)."""
    fields: Fields = Fields()
    """Fields that stand in the list; with a detail page they fill what that leaves out."""
    no_results: NoResults = NoResults()
    """How an honest empty list looks."""

    _check_links = field_validator("links")(pattern)


class Detail(Strict):
    """How an item's own page is read."""

    kind: Literal["html", "json", "structured"] | None = None
    """If it is not the platform's kind (below a feed: html, below a sitemap: structured)."""
    root: str | None = None
    """Selector of the part that holds the item."""
    fields: Fields = Fields()
    """Fields; title is needed."""
    replies: Replies | None = None
    """How replies to it are read; without it they are not."""
    private: tuple[int, ...] = ()
    """HTTP statuses by which one item is not public: counted, and no block; breaker.failures in a row are one."""


class PlatformSpec(Strict):
    """One platform."""

    name: str
    """The file's name without .yml."""
    label: str
    """Name for people."""
    kind: Kind
    """html, json, signed_json, feed, structured, sitemap or handover."""
    extends: str | None = None
    """A template whose fields stand wherever this file says nothing."""
    base_url: str | None = None
    """Address of the site; a file without it is a template."""
    enabled: bool = True
    """Whether it is patrolled."""
    demo: bool = False
    """Only in the demo."""
    access: Literal["handover", "open_interface", "feed", "public_page"]
    """By what right it is read."""
    basis: str
    """The legal or contractual ground, in words."""
    proven: Proof | None = None
    """What it was tried against, and what is not sure."""
    company: str | None = None
    """Operator of the platform."""
    uscc: str | None = None
    """Its 统一社会信用代码."""
    domicile: str | None = None
    """Its domicile: decides who urges it."""
    contact: str | None = None
    """Who at the platform answers for this access: an office, an address, a number; no private person's."""
    deadline_hours: Annotated[int, Field(ge=1, le=8760)] | None = None
    """Hours that a takedown letter gives it, from the receipt; without it the letter says 及时."""
    deadline_source: str | None = None
    """Where that deadline comes from: a rule or an agreement; the letter names it."""
    rate: Rate = Rate()
    """How fast it may be asked."""
    budget: Annotated[int, Field(ge=1)] | None = None
    """Requests a day at most, of all workers together, robots.txt and repeated ones included."""
    allow_hosts: tuple[str, ...] = ()
    """Private hosts that may be asked: host, host:port or an address."""
    conditional: bool = True
    """Whether what is known may be answered by 304; false where 304 does not tell that an item was removed."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Sent with every request; never secrets."""
    listing_kind: ListingKind = "product"
    """Kind of its listings."""
    lists: tuple[ListSource, ...] = ()
    """Where patrols start."""
    paging: Paging = Paging()
    """How lists go on."""
    items: Items | None = None
    """How a list page is read."""
    detail: Detail | None = None
    """How an item's own page is read; without it the list says all."""
    check: Check | None = None
    """How one listing is looked up again without a page of its own."""
    gone: Gone = Gone()
    """How a removed item answers."""
    answers: dict[str, Answer] = Field(default_factory=dict)
    """What answers without items mean, each by a name of its own."""
    block: Block = Block()
    """How the site refuses us."""
    expect: Expect = Expect()
    """What a healthy day looks like."""
    probe: str | None = None
    """A search term that always has hits: it shows how sure a zero is."""
    breaker: Breaker = Breaker()
    """When a platform that does not answer is left alone for today."""
    terms: Terms = Terms()
    """How the search terms are shared out over days."""
    revisit: Revisit = Revisit()
    """When the page of a known listing is fetched again."""
    sitemap: Sitemap = Sitemap()
    """How far sitemaps are followed."""
    handover: Handover = Handover()
    """Where handed-over files lie."""
    render: R = None
    """Pages that are made by their own scripts: true, or how."""
    interface: Interface | None = None
    """An open interface with keys (signed_json)."""

    @property
    def is_template(self) -> bool:
        """Whether it is only there to be extended."""
        return self.base_url is None and self.kind != "handover"

    @property
    def searched(self) -> bool:
        """Whether it is asked by search terms."""
        return any(source.way == "search" for source in self.lists)

    @property
    def list_kind(self) -> str:
        """How a list's body is opened: a structured page whose items are found by their links is an html page."""
        by_links = self.kind == "structured" and self.items is not None and self.items.links is not None
        return "html" if by_links else self.kind

    @property
    def detail_kind(self) -> str:
        """How an item's own page is opened."""
        if self.detail is not None and self.detail.kind is not None:
            return self.detail.kind
        return {"feed": "html", "sitemap": "structured"}.get(self.kind, self.kind)

    @field_validator("name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            raise ValueError(f"{value!r}: write small letters, digits and _ only, a letter first")
        return value

    @field_validator("base_url")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", value):
            raise ValueError(f"{value!r}: write an address such as https://shop.example")
        return value


def select_checker(kind: str) -> Any:
    """The function that checks a selector of this kind."""
    return check_css if kind == "html" else check_jmespath
