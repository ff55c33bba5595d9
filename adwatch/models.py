"""The types that pass between stages: frozen, slotted; the docstring under a field is its dictionary entry."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import orjson

from adwatch.errors import UsageError

Band = Literal["flagged", "review", "clear"]
Tier = Literal["exact", "folded"]
Outcome = Literal["ok", "empty", "robots_denied", "stale", "layout_changed", "blocked", "unreachable", "error"]

OUTCOMES: tuple[Outcome, ...] = (
    "ok",
    "empty",
    "robots_denied",
    "stale",
    "layout_changed",
    "blocked",
    "unreachable",
    "error",
)
"""Best first: a platform's outcome of a day is the worst word that occurred."""

LISTING_KINDS = (
    "product",
    "post",
    "comment",
    "page",
    "video",
    "live",
    "account",
    "group",
    "mini_program",
    "app",
    "tip",
)


@dataclass(frozen=True, slots=True)
class Capture:
    """One HTTP exchange, or one handed-over file, kept as evidence in a WARC."""

    platform: str
    """Name of the platform file."""
    day: str
    """The patrol day it belongs to, YYYY-MM-DD in the office's time zone."""
    role: str
    """robots | list | detail | check | resource: what the page was fetched for."""
    url: str
    """Target address as requested (or file: name for a handed-over file)."""
    fetched_at: datetime
    """UTC, to the millisecond."""
    status: int
    """HTTP status; 0 for a handed-over file."""
    sha256: str
    """Hex digest of the payload as archived (decoded body)."""
    warc: str
    """WARC file, relative to the archive's root."""
    offset: int
    """Byte offset of the response (or resource) record in that file."""
    record_id: str
    """WARC-Record-ID of that record."""
    content_type: str | None = None
    """Content-Type header as sent."""
    server_ip: str | None = None
    """Address connected to."""
    operator: str | None = None
    """Contact of the office that ran the patrol (ADWATCH_CONTACT)."""
    software: str = ""
    """Product and version that captured."""
    context: dict[str, object] = field(default_factory=dict)
    """What extraction needs besides the body: search term, page, fields read from the list page."""
    id: int | None = None
    """Surrogate key once stored."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One public item as it stood at one time."""

    platform: str
    """Name of the platform file."""
    native_id: str
    """The platform's own identifier; the url where it has none."""
    kind: str = "product"
    """product, post, comment, page, video, live, account, group, mini_program, app, tip."""
    url: str | None = None
    """Address of the item."""
    url_norm: str | None = None
    """Address with scheme and host lowered and tracking parameters cut (see adwatch.text.urls)."""
    title: str | None = None
    """Headline as shown."""
    text: str | None = None
    """Body text as shown, paragraphs separated by newlines."""
    price_fen: int | None = None
    """Price in fen (0.01 CNY)."""
    price_text: str | None = None
    """Price as shown."""
    seller_id: str | None = None
    """The platform's identifier of the shop or account."""
    seller_name: str | None = None
    """Name of the shop or account as shown."""
    seller_region: str | None = None
    """Where the seller is, as far as known."""
    seller_region_source: str | None = None
    """亮照 | 发货地 | IP属地 | 自述 | 协查回复 | unknown."""
    operator_name: str | None = None
    """Legal operator shown on the shop's licence."""
    uscc: str | None = None
    """统一社会信用代码 of the operator (GB 32100-2015)."""
    sales_text: str | None = None
    """Sales figure as shown."""
    reviews_count: int | None = None
    """Number of reviews shown."""
    images: tuple[str, ...] = ()
    """Addresses of pictures."""
    links: tuple[str, ...] = ()
    """Addresses that the text links to."""
    posted_at: datetime | None = None
    """When the seller put it up, UTC."""
    captured_at: datetime | None = None
    """When it was captured, UTC."""
    capture_id: int | None = None
    """Capture it was read from."""
    capture_row: int | None = None
    """Row number in a handed-over file, from 1."""

    @property
    def listing_id(self) -> str:
        """Stable public identifier: 32 hex digits of the digest of platform and native id."""
        return listing_key(self.platform, self.native_id).hex()

    @property
    def content_sha256(self) -> str:
        """Digest of title, text and sorted images: never of price, counters or times."""
        content = [self.title, self.text, sorted(self.images)]
        return hashlib.sha256(orjson.dumps(content)).hexdigest()


def listing_key(platform: str, native_id: str) -> bytes:
    """16-byte stable key of a listing: the unique index stays narrow however long the native ids are."""
    return hashlib.sha256(f"{platform}\0{native_id}".encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding in the raw text."""

    start: int
    """Offset in characters of title + newline + text, an absent title counting as empty."""
    end: int
    """End offset, exclusive."""
    surface: str
    """The raw text between the offsets."""
    keyword: str
    """The list entry or rule that matched."""
    list: str
    """The keyword list (or rule set) it stands in."""
    fold: str
    """Foldings that were needed, joined by +, e.g. traditional+separators; "none" for an exact hit."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach the seller."""

    kind: str
    """phone | wechat | qq | email | url | telegram | account."""
    start: int
    """Offset in the raw text, as in Evidence."""
    end: int
    """End offset, exclusive."""
    value: str
    """Normalised for linking; personal data, never shown or indexed."""
    masked: str
    """Masked form, safe to show."""


@dataclass(frozen=True, slots=True)
class PictureFinding:
    """What the words and codes of one of a listing's pictures come to; judged apart from the listing's own words."""

    sha256: str
    """Digest of the picture's bytes."""
    text: str
    """Its words as read, lines in the reader's order; personal data is raw."""
    band: Band
    """flagged | review | clear."""
    score: float
    """0..1."""
    evidence: tuple[Evidence, ...] = ()
    """Spans in ``text``."""
    contacts: tuple[Contact, ...] = ()
    """Contacts in ``text``."""
    codes: tuple[str, ...] = ()
    """Why codes or printed addresses in it are findings, in words."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the machine thinks of one version of a listing. It proposes; a Decision is a person's."""

    band: Band
    """flagged | review | clear."""
    score: float
    """0..1."""
    scope: str | None = None
    """safety_production | other_credential; None when nothing is offered."""
    offer_types: tuple[str, ...] = ()
    """Ids of offer classes, strongest first."""
    certificate_kinds: tuple[str, ...] = ()
    """Ids of certificate families."""
    reason: str | None = None
    """Why, in one word: an offer rule, or for a not-offer report, notice, question, demand, school_clue, lawful ..."""
    tier: Tier | None = None
    """exact: the words as written but for width and traditional forms; folded: a disguise was undone."""
    evidence: tuple[Evidence, ...] = ()
    """Spans in the raw text."""
    contacts: tuple[Contact, ...] = ()
    """Contacts found, also in clear texts (they are masked in every index)."""
    basis: tuple[str, ...] = ()
    """Ids of legal bases."""
    classifier_version: str = ""
    """Version of rules, model and folds."""
    keyword_versions: str = ""
    """Digest of the keyword lists in force."""
    pictures: tuple[PictureFinding, ...] = ()
    """Of the pictures that say something: an offer, a doubt, a contact or a false look-up."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's finding on a case, with what it corrects of the verdict. Appended, never overwritten."""

    case_id: int
    """The case."""
    result: str
    """属实 | 不属实 | 存疑补证 | 非本部门转办, as confirm | dismiss | doubt | refer."""
    person: str
    """Who decided."""
    unit: str
    """For which unit."""
    reason: str
    """In their words."""
    at: datetime
    """UTC."""
    may_train: bool = False
    """Whether the person consents that the classifier learns from it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: the machine acts under the name ``machine``."""

    person: str
    """Name of the person."""
    unit: str
    """For which unit."""
    role: str | None = None
    """The role of the account, where the person signed in."""

    def __post_init__(self) -> None:
        if not self.person.strip() or not self.unit.strip():
            raise UsageError("a person and a unit are needed; write --by NAME and --unit UNIT")


@dataclass(slots=True)
class StageReport:
    """What a stage did: nothing is silently skipped."""

    stage: str
    """Name of the stage."""
    kept: int = 0
    """Items passed on."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Items not passed on, by reason."""
    counts: Counter[str] = field(default_factory=Counter)
    """What became of the kept items: new, changed, unchanged, repeated, ..."""
    notes: list[str] = field(default_factory=list)
    """Sentences for the user, naming file, line or platform."""

    def drop(self, reason: str, note: str | None = None) -> None:
        """Count an item that was not passed on; keep at most 1,000 notes."""
        self.dropped[reason] += 1
        if note is not None and len(self.notes) < 1000:
            self.notes.append(note)

    def merge(self, other: StageReport) -> None:
        """Add another report's figures to this one."""
        self.kept += other.kept
        self.dropped.update(other.dropped)
        self.counts.update(other.counts)
        self.notes.extend(other.notes)
