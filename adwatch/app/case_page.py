"""What the console's page of a case shows besides the case itself, and the notes on it. Everything is masked here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from adwatch.app import keyword_words, page_views, routing, verification
from adwatch.app.office import Office
from adwatch.app.words import EVENTS, folds
from adwatch.archive import read_body
from adwatch.casework import archived_page, marked, notes, unmasking
from adwatch.casework.shown import show
from adwatch.casework.track_table import TRACKS
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.attachments import attachments_of
from adwatch.store.captures import capture_by_id
from adwatch.store.cases import case_by_id, lead_numbers
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.store.queue import limits as conditions
from adwatch.store.queue import within
from adwatch.store.views import ListingView, versions_of
from collectors.charset import decode_text

LINKS = {
    "relisted": "下架后复现",
    "inspection": "检查发现假证倒查",
    "tip": "举报来源",
    "cluster": "同一聚类",
}
"""Chinese names of the kinds of link between cases."""
CONTACTS_SHOWN, MOST = 8, 1000

Row = dict[str, Any]


def mark(office: Office, listing: Row) -> Row:
    """A listing of ``show_case`` with ``pieces``: its masked text, marked with what was found and how it reads.

    ``checks``: looks at it since it was asked to be taken down, oldest first, each with the letter's number.
    """
    found = marked.pieces(listing["marked_text"], listing["evidence"], listing["contacts"])
    for piece in found:
        for each in piece["readings"]:
            each["why"] = folds(each["why"])
    cut = max(0, len(listing["marked_text"]) - marked.LONGEST)
    names = keyword_words.speaks(office)
    why = [
        {
            **each,
            "fold_label": folds(each["fold"]),
            "list_label": names.get(each["list"], each["list"]),
        }
        for each in listing["evidence"]
    ]
    looks = [{**each, "number": asked["number"]} for asked in listing["takedowns"] for each in asked["checks"]]
    checks = verification.told(office, sorted(looks, key=lambda each: each["id"]))
    return {**listing, "pieces": found, "cut": cut, "evidence": why, "checks": checks}


def history(case: Mapping[str, Any]) -> list[Row]:
    """Events of a case with their Chinese names, newest first."""
    return [
        {**each, "label": EVENTS.get(each["kind"], each["kind"]), "moved": _moved(each["detail"])}
        for each in reversed(case["events"])
    ]


def _moved(detail: Mapping[str, Any]) -> str:
    """Of a track that was opened or went on: which, from where and to where."""
    track = TRACKS.get(str(detail.get("track")))
    if track is None:
        return ""
    names = [track.steps[each].label for each in map(str, map(detail.get, ("from", "to"))) if each in track.steps]
    return f"{track.label}：{' → '.join(names)}"


def related(office: Office, case_id: int, limits: Filters | None = None) -> Row:
    """The case's own columns for a screen, linked cases, contacts that other cases share, attachments.

    Of other cases those within a person's limits.
    """
    with reading(office.engine) as connection:
        found = connection.execute(select(s.case).where(s.case.c.id == case_id)).first()
        case, link, tag = found._asdict() if found else {}, s.case_link.c, s.case_tag.c
        rows = connection.execute(select(s.case_link).where((link.case_id == case_id) | (link.other_id == case_id)))
        links = [
            {
                "case_id": row.other_id if row.case_id == case_id else row.case_id,
                "label": LINKS.get(row.kind, row.kind),
                "at": row.at,
            }
            for row in rows
        ]
        if limits is not None:
            seen = within(connection, limits, [each["case_id"] for each in links])
            links = [each for each in links if each["case_id"] in seen]
        leads = lead_numbers(connection, [each["case_id"] for each in links])
        links = [{**each, "lead_number": leads[each["case_id"]]} for each in links]
        keys = list(
            connection.scalars(
                select(tag.value).where(tag.case_id == case_id, tag.kind == "contact").limit(CONTACTS_SHOWN)
            )
        )
        contacts = []
        for key in keys:
            holding = select(tag.case_id).where(tag.kind == "contact", tag.value == key)
            if limits is not None:
                holding = holding.join(s.case, s.case.c.id == tag.case_id).where(*conditions(limits))
            some = holding.limit(MOST).subquery()
            contacts.append({"key": key, "cases": int(connection.scalar(select(func.count()).select_from(some)) or 0)})
        files = attachments_of(connection, "case", [case_id]).get(case_id, [])
    shown = ("owner", "origin", "campaign", "subject_id", "region", "tier", "leased_by", "leased_until")
    owner = routing.routing_of(office).authorities.get(case.get("owner") or "")
    return {
        **{name: case.get(name) for name in shown},
        "owner_label": owner.label if owner else case.get("owner"),
        "links": sorted(links, key=lambda each: each["at"]),
        "contacts": contacts,
        "attachments": files,
    }


def compare(office: Office, case_id: int, listing_id: str, first: int, second: int) -> Row:
    """Two versions of a listing side by side, by their places from 0: title and text in pieces, what differs marked."""
    views = listing_versions(office, case_id, listing_id)
    for place in (first, second):
        if not 0 <= place < len(views):
            raise UsageError(f"版本 {place + 1}: 没有这个版本")
    old, new = views[first], views[second]
    if old.erased or new.erased:  # a note in the place of words is no change of them
        before, after = ([(show(each).whole, False)] for each in (old, new))
    else:
        before, after = marked.differences(show(old).whole, show(new).whole)
    prices = [{"day": each.day, "band": each.verdict.band if each.verdict else None} for each in (old, new)]
    return {"before": before, "after": after, "old": prices[0], "new": prices[1], "first": first, "second": second}


def listing_versions(office: Office, case_id: int, listing_id: str) -> list[ListingView]:
    """Versions of one listing of a case, oldest first; a UsageError where the case has no such listing."""
    with reading(office.engine) as connection:
        case = case_by_id(connection, case_id)
        views = versions_of(connection, case["listings"] if case else [])
    for found in views.values():
        if found[0].listing.listing_id == listing_id:
            return found
    raise UsageError(f"案件 {case_id}: 没有这条信息")


def note(office: Office, case_id: int, text: str, actor: Actor) -> None:
    """Add a note."""
    notes.add_note(office.engine, case_id, text, actor, office.clock.now())


def unmask(office: Office, case_id: int, reason: str, actor: Actor) -> list[Row]:
    """The raw listings of a case, for a reason that is logged."""
    return unmasking.unmask(office.engine, case_id, actor, reason, office.clock.now())


def capture_file(office: Office, case_id: int, capture_id: int, kind: str, actor: Actor) -> tuple[bytes, str, str]:
    """(bytes, media type, name) of a file of a full capture of the case; only a short while after ``unmask``."""
    if not unmasking.may_look(office.engine, case_id, actor, office.clock.now()):
        raise UsageError("网页取证未脱敏：请先写明事由，查看未脱敏内容")
    if capture_id not in {row["id"] for row in page_views.captures_of_case(office, case_id)}:
        raise UsageError(f"案件 {case_id}: 没有这次取证")
    return page_views.capture_file(office, capture_id, kind)


def archived(office: Office, case_id: int, listing_id: str, place: int, actor: Actor) -> bytes:
    """The page that a version was read from, made harmless; only a short while after ``unmask``, since it is raw."""
    if not unmasking.may_look(office.engine, case_id, actor, office.clock.now()):
        raise UsageError("存档网页未脱敏：请先写明事由，查看未脱敏内容")
    views = listing_versions(office, case_id, listing_id)
    if not 0 <= place < len(views):
        raise UsageError(f"版本 {place + 1}: 没有这个版本")
    item = views[place].listing
    capture = None if item.capture_id is None else capture_by_id(office.engine, item.capture_id)
    if capture is None:
        raise UsageError("没有存档网页")
    if capture.status == 0:
        return archived_page.plain(f"平台移交的文件 {capture.url}，第 {item.capture_row or '?'} 行；内容见上。")
    text = decode_text(read_body(office.shelf, capture), capture.content_type)
    looks_html = "html" in (capture.content_type or "html").lower()
    return archived_page.harmless(text) if looks_html else archived_page.plain(text)
