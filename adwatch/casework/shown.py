"""What may be shown of a listing: contacts and personal numbers masked, quotations cut from the masked text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from adwatch.models import Contact, Verdict
from adwatch.store.views import ListingView
from adwatch.tables import Law, OfferClass

_PERSONAL = re.compile(r"(?<!\d)(?:\d{17}[\dXxＸｘ]|(?:\d[\s.·—_-]?){10,}\d)(?!\d)")
"""ID numbers, and runs of eleven or more digits (telephones, bank cards) that no classifier took for a contact."""
_HANDLE = re.compile(
    r"(?<![A-Za-z0-9_./:@-])(?=[A-Za-z0-9-]*[0-9_])[A-Za-z][A-Za-z0-9_-]{5,19}(?![A-Za-z0-9_/@-]|\.[A-Za-z0-9])"
)
"""Names of accounts (letters with a digit or an underscore) that no classifier took for a contact."""
_NUMBER_IN_NAME = re.compile(r"\d(?:[\s.·—_-]?\d){4,}")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"[\s\u2028\u2029]+")
_SENTENCE_END = "。！？!?；;\n\r"

AROUND = 24
"""Characters quoted on either side of a finding, at most."""
QUOTES = 6
"""Passages quoted of one listing, at most."""
OPENING = 160
"""Characters quoted from the beginning of a text whose offer was told by the whole of it, at most."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A version as it may be shown; offsets are those of the raw text."""

    whole: str
    """title + newline + text, masked at the same length."""
    title: str
    """Masked headline, on one line."""
    text: str
    """Masked body."""
    seller: str
    """Name of the shop, numbers and contacts in it covered."""
    quotes: list[str]
    """The passages with the findings."""
    contacts: list[str]
    """Masked contacts, each once."""


def show(view: ListingView) -> Shown:
    """Everything of a version that letters, sheets and screens say; of one whose words were deleted, when and why."""
    if view.erased is not None:
        said = f"（文字{view.erased.said}）"
        return Shown(said, said, "", "", [], [])
    title, text = view.listing.title or "", view.listing.text or ""
    raw = f"{title}\n{text}"
    verdict = view.reading
    contacts = verdict.contacts if verdict else ()
    whole = masked(raw, contacts)
    return Shown(
        whole=whole,
        title=printable(whole[: len(title)]),
        text=without_controls(whole[len(title) + 1 :]),
        seller=printable(_seller(view.listing.seller_name or "", raw, contacts)),
        quotes=[*quotes(whole, verdict), *_from_pictures(verdict)][:QUOTES] if verdict else [],
        contacts=[printable(contact) for contact in dict.fromkeys(c.masked for c in _everywhere(verdict))],
    )


def _everywhere(verdict: Verdict | None) -> Iterator[Contact]:
    """Contacts of the text, then of the pictures."""
    if verdict is not None:
        yield from verdict.contacts
        for picture in verdict.pictures:
            yield from picture.contacts


def _from_pictures(verdict: Verdict) -> Iterator[str]:
    """What the pictures say that offer something, and where their codes lead."""
    for picture in verdict.pictures:
        if picture.band == "clear":
            continue
        said = replace(verdict, evidence=picture.evidence)
        for quote in quotes(masked(picture.text, picture.contacts), said) if picture.text else ():
            yield f"（图片文字）{quote}"
        yield from (f"（图片中的码或网址）{printable(why)}" for why in picture.codes)


def masked(raw: str, contacts: Iterable[Contact]) -> str:
    """The text with contacts and personal numbers masked, at the same length; where contacts overlap all is starred."""
    chars = list(raw)
    covered: set[int] = set()
    for contact in sorted(contacts, key=lambda c: (c.start, -c.end)):
        length = contact.end - contact.start
        for at, char in zip(range(contact.start, contact.end), contact.masked[:length].ljust(length, "*"), strict=True):
            if at < len(chars):
                chars[at] = "*" if at in covered else char
                covered.add(at)
    return _HANDLE.sub(_stars, _PERSONAL.sub(_stars, "".join(chars)))


def _stars(found: re.Match[str]) -> str:
    return found[0][:3] + "*" * (len(found[0]) - 3)


def _seller(name: str, raw: str, contacts: Iterable[Contact]) -> str:
    for contact in contacts:
        for spelling in (contact.value, raw[contact.start : contact.end]):
            if spelling:
                name = name.replace(spelling, "*" * len(spelling))
    return _HANDLE.sub(_stars, _NUMBER_IN_NAME.sub(_stars, name))


def printable(text: str) -> str:
    """On one line, without the control and direction characters that files and screens cannot take."""
    return without_controls(_SPACE.sub(" ", text)).strip()


def without_controls(text: str) -> str:
    """Without the control and direction characters that XML and screens cannot take; spaces and lines stay."""
    return _UNPRINTABLE.sub("\ufffd", text)


def quotes(whole: str, verdict: Verdict) -> list[str]:
    """The sentences around the findings, cut to AROUND characters on either side, in order and without overlaps.

    Where no finding speaks for the offer itself (only a trade or a contact was named, the rest told the classifier),
    the beginning of the text is quoted too: a reader must see what is said to be unlawful.
    """
    wanted = [_sentence(whole, found.start, found.end) for found in verdict.evidence]
    found = (*verdict.evidence, *(each for picture in verdict.pictures for each in picture.evidence))
    if not any(each.list in verdict.offer_types for each in found):
        wanted.append(_opening(whole))
    spans: list[list[int]] = []
    for start, end in sorted(wanted):
        if spans and start <= spans[-1][1]:
            spans[-1][1] = max(end, spans[-1][1])
        else:
            spans.append([start, end])
    passages = (_passage(whole, start, end) for start, end in spans)
    return list(dict.fromkeys(passage for passage in passages if passage))[:QUOTES]


def _passage(whole: str, start: int, end: int) -> str:
    """The passage, with an ellipsis where a sentence was cut."""
    passage = printable(whole[start:end])
    if not passage:
        return ""
    before = "…" if start and whole[start - 1] not in _SENTENCE_END else ""
    after = "…" if end < len(whole) and whole[end] not in _SENTENCE_END else ""
    return f"{before}{passage}{after}"


def _opening(whole: str) -> tuple[int, int]:
    """The first sentences of the text, of the title where there is no text."""
    head, _, body = whole.partition("\n")
    if not body.strip():
        return 0, len(head)
    start = len(head) + 1
    end = min(len(whole), start + OPENING)
    if end < len(whole):
        ends = [at for at in range(start, end) if whole[at] in _SENTENCE_END]
        end = ends[-1] if ends else end
    return start, end


def _sentence(whole: str, start: int, end: int) -> tuple[int, int]:
    first, last = start, end
    while first > max(0, start - AROUND) and whole[first - 1] not in _SENTENCE_END:
        first -= 1
    while last < min(len(whole), end + AROUND) and whole[last] not in _SENTENCE_END:
        last += 1
    return first, last


def labels(ids: Iterable[str], table: Mapping[str, object]) -> list[str]:
    """Chinese names of ids; an id that the table does not know stands for itself."""
    return [str(getattr(table[each], "label", each)) if each in table else each for each in ids]


def cites(verdict: Verdict | None, day: str, law: Law, classes: Mapping[str, OfferClass]) -> list[str]:
    """Articles in force on the day of the act: the verdict's, else those of its offer classes."""
    if verdict is None:
        return []
    bases = verdict.basis or tuple(b for each in verdict.offer_types if each in classes for b in classes[each].basis)
    return list(dict.fromkeys(law.cites(bases, date.fromisoformat(day))))


def evidence_number(view: ListingView) -> str:
    """Number of the capture record and the beginning of its digest; a handed-over file's row is named."""
    item = view.listing
    if item.capture_id is None:
        return ""
    row = f" 第{item.capture_row}行" if item.capture_row else ""
    return f"CAP-{item.capture_id}-{(view.capture_sha256 or '')[:16]}{row}"


def local(when: datetime | None, zone: tzinfo) -> str:
    """Local time to the minute; empty where there is none."""
    return when.astimezone(zone).strftime("%Y-%m-%d %H:%M") if when else ""
