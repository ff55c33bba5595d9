"""案件: one case with all that is needed to decide it; deciding leads to the next lead."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form
from starlette.background import BackgroundTask
from starlette.responses import Response

from adwatch.app import case_page, case_pictures, casework, decisions, page_views, takedown, transfer
from adwatch.app.queue import lead_page
from adwatch.app.routing import others_of
from adwatch.app.words import ACTORS, ATTACHED, BANDS, DECISIONS, ORIGINS, SCOPES
from adwatch.console import pages
from adwatch.console.choices import verbs_for
from adwatch.console.desk import At, Desk
from adwatch.console.filters import asked
from adwatch.console.guard import FRAMED
from adwatch.console.screens import Screen
from adwatch.errors import UsageError

router = APIRouter()
SCREEN = Screen("cases", "", 30, None, router)
LISTINGS = 10
"""Listings of one case that its page shows at once."""
Text = Annotated[str, Form(max_length=3000)]
Several = Annotated[list[str] | None, Form()]


@router.get("/next")
def go_on(desk: At, behind: int | None = None) -> Response:
    """The next lead of the queue that is chosen, opened for who may decide."""
    wanted = asked(desk, desk.request.query_params)
    query = pages.query(wanted.given)
    if behind is not None:
        desk.case(behind)
    if desk.who.may("decide"):
        following = decisions.next_number(desk.office, wanted.filters, desk.actor, behind)
    else:
        rows, _ = lead_page(desk.office, wanted.filters, None, 1)
        following = rows[0]["case_id"] if rows and rows[0]["case_id"] != behind else None
    if following is None:
        return desk.go(f"/queue?{query}", said="此处没有更多待办的线索")
    return desk.go(f"/cases/{following}?{query}")


@router.get("/find")
def find(desk: At, number: str = "") -> Response:
    """A case by either of its numbers, as a person writes it."""
    if not number.strip():
        return desk.go("/queue")
    return desk.go(f"/cases/{desk.cases(number[:100])[0]}")


@router.get("/{case_id}")
def show(desk: At, case_id: int, first: int = 0, undo: int | None = None) -> Response:
    """The case; whoever may decide takes the lease by opening it."""
    desk.case(case_id)
    lease = decisions.take_lead(desk.office, case_id, desk.actor) if desk.who.may("decide") else None
    with desk.office.one_view():
        return _shown(desk, case_id, lease, first, undo)


def _shown(desk: Desk, case_id: int, lease: dict[str, Any] | None, first: int, undo: int | None) -> Response:
    office = desk.office
    case = decisions.shown(office, case_id, lease)
    if lease is None:
        case["may"] = _may(desk, case["state"])
    listings = case["listings"][first : first + LISTINGS]
    given = asked(desk, desk.request.query_params).given
    related = case_page.related(office, case_id, desk.limits)
    return desk.page(
        "cases.html",
        case=case,
        listings=[case_page.mark(office, each) for each in listings],
        first=first,
        at_once=LISTINGS,
        related=related,
        others=list(others_of(office, {case_id: related["owner"]}, desk.actor.unit).values()),
        history=case_page.history(case),
        captures=page_views.captures_of_case(office, case_id),
        pictures=case_pictures.of_case(office, case_id),
        letters=takedown.of_case(office, case_id, desk.limits),
        transfers=transfer.of_case(office, case_id, desk.limits),
        verbs=[each for each in verbs_for(desk.who) if each[0] in case["may"] and _fits(case, each[0])]
        + _again(desk, case),
        codes=decisions.codes(office).values(),
        carried=pages.query(given),
        undo=undo if undo is not None and desk.allowed([undo]) else None,
        track_words=decisions.track_words(),
        actors=ACTORS,
        bands=BANDS,
        scopes=SCOPES,
        decided=DECISIONS,
        origins=ORIGINS,
        attached=ATTACHED,
    )


def _may(desk: Desk, state: str) -> list[str]:
    return decisions.may(state) if desk.who.may("register") else []


def _found_so(case: dict[str, Any]) -> bool:
    """Whether its last finding is 属实."""
    return bool(case["decisions"]) and case["decisions"][-1]["result"] == "confirm"


def _fits(case: dict[str, Any], verb: str) -> bool:
    """已改正 is for what was 属实 and offers nothing any more."""
    now = (each for listing in case["listings"] for each in listing["versions"] if each["current"])
    return verb != "rectified" or (_found_so(case) and all(each["band"] != "flagged" for each in now))


def _again(desk: Desk, case: dict[str, Any]) -> list[tuple[str, str, str]]:
    """A case that is 属实, or 办结 upon it, can be decided so again, with a correction."""
    there = case["state"] in ("confirmed", "closed") and _found_so(case)
    return [("confirm", "属实并更正", "c")] if there and desk.who.may("decide") else []


@router.post("/{case_id}/act")
def act(
    desk: At,
    case_id: int,
    verb: Text,
    code: Text = "",
    reason: Text = "",
    query: Text = "",
    scope: Text = "",
    types: Several = None,
    families: Several = None,
) -> Response:
    """An act on the case; a finding leads to the next lead, which can be taken back from there."""
    desk.need("register" if verb in ("register", "exclude") else "decide")
    desk.case(case_id)
    office, wanted = desk.office, asked(desk, dict(parse_qsl(query)))
    carried = pages.query(wanted.given)
    if verb == "register":
        report, rows = casework.register(office, [case_id], desk.actor.person, desk.actor.unit, desk.actor.role)
    else:
        opened = desk.who.may("decide")
        corrected = decisions.correction(office, verb, scope or None, types, families)
        report, rows = decisions.decide(
            *(office, [case_id], verb, desk.actor, reason, code or None),
            opened=opened,
            index=False,
            corrected=corrected,
        )
    if report.dropped:
        raise UsageError("；".join(report.notes))
    done = f"案件 {rows[0]['lead_number'] or case_id}：{rows[0]['state_label']}"
    if rows[0].get("waiting"):
        done = f"案件 {rows[0]['lead_number'] or case_id}：已记下，待另一人复核"
    if verb in ("register", "close"):
        response = desk.go(f"/cases/{case_id}?{carried}", said=done)
    else:
        following = decisions.next_number(office, wanted.filters, desk.actor) if desk.who.may("decide") else None
        where = f"/queue?{carried}" if following is None else f"/cases/{following}?{carried}&undo={case_id}"
        response = desk.go(where, said=f"{done}；此处没有更多待办的线索" if following is None else done)
    response.background = BackgroundTask(desk.request.app.state.push)
    return response


@router.post("/{case_id}/undo")
def undo_act(desk: At, case_id: int, reason: Text = "") -> Response:
    """Take back the own last finding, or the own first of two."""
    desk.need("decide")
    desk.case(case_id)
    done = decisions.undo(desk.office, case_id, desk.actor, reason)
    what = "已撤回本人的结论" if done["withdrawn"] else "已撤销"
    return desk.go(f"/cases/{case_id}", said=f"{what}，现为“{done['state_label']}”")


@router.post("/{case_id}/release")
def release(desk: At, case_id: int, query: Text = "") -> Response:
    """Give the lead back undecided."""
    desk.need("decide")
    desk.case(case_id)
    decisions.release(desk.office, case_id, desk.actor)
    return desk.go(f"/queue?{pages.query(asked(desk, dict(parse_qsl(query))).given)}", said="已放回")


@router.post("/{case_id}/take-over")
def take_over(desk: At, case_id: int) -> Response:
    """The head takes a lead over from whoever has it."""
    desk.need("sign")
    desk.case(case_id)
    decisions.open_lead(desk.office, case_id, desk.actor, take_over=True)
    return desk.go(f"/cases/{case_id}", said="已接管")


@router.post("/{case_id}/note")
def note(desk: At, case_id: int, text: Text) -> Response:
    """Add a note."""
    desk.need("note")
    desk.case(case_id)
    case_page.note(desk.office, case_id, text, desk.actor)
    return desk.go(f"/cases/{case_id}#notes", said="已添加备注")


@router.post("/{case_id}/track")
def track(desk: At, case_id: int, track: Text, to: Text = "", outcome: Text = "") -> Response:
    """Open a track of the case, or take it to its next step."""
    desk.need("decide")
    desk.case(case_id)
    if to:
        report, _ = decisions.move_track(desk.office, [case_id], track, to, desk.actor, outcome or None)
    else:
        report, _ = decisions.open_track(desk.office, [case_id], track, desk.actor)
    if report.dropped:
        raise UsageError("；".join(report.notes))
    return desk.go(f"/cases/{case_id}#tracks", said="分线已更新")


@router.post("/{case_id}/unmask")
def unmask(desk: At, case_id: int, reason: Text = "") -> Response:
    """What is masked elsewhere, for a reason that is logged: a part of the page, which is kept nowhere."""
    desk.need("unmask")
    desk.case(case_id)
    rows = case_page.unmask(desk.office, case_id, reason, desk.actor)
    captures = page_views.captures_of_case(desk.office, case_id)
    shown = case_pictures.of_case(desk.office, case_id)
    return desk.page("cases_raw.html", rows=rows, case_id=case_id, captures=captures, pictures=shown)


@router.get("/{case_id}/picture/{sha256}")
def picture(desk: At, case_id: int, sha256: str) -> Response:
    """A picture of a listing with boxes round what was found in it. Raw, so after ``unmask`` only."""
    desk.need("unmask")
    desk.case(case_id)
    content = case_pictures.picture(desk.office, case_id, sha256, desk.actor)
    return Response(content, media_type="image/jpeg")


@router.get("/{case_id}/capture/{capture_id}/{kind}")
def capture(desk: At, case_id: int, capture_id: int, kind: str) -> Response:
    """A file of a full capture: the screenshot is shown, others are handed out. Raw, so after ``unmask`` only."""
    desk.need("unmask")
    desk.case(case_id)
    content, media, name = case_page.capture_file(desk.office, case_id, capture_id, kind, desk.actor)
    headers = {} if kind == "page_screenshot" else pages.attachment(name)
    return Response(content, media_type=media, headers=headers)


@router.get("/{case_id}/archived/{listing_id}/{place}")
def archived(desk: At, case_id: int, listing_id: str, place: int) -> Response:
    """The archived page for its frame: it runs no script and loads nothing."""
    desk.need("unmask")
    desk.case(case_id)
    page = case_page.archived(desk.office, case_id, listing_id, place, desk.actor)
    return Response(page, media_type="text/html; charset=utf-8", headers=FRAMED)


@router.get("/{case_id}/compare/{listing_id}")
def compare(desk: At, case_id: int, listing_id: str, old: int, new: int) -> Response:
    """Two versions side by side: a part of the page."""
    desk.case(case_id)
    found = case_page.compare(desk.office, case_id, listing_id, old, new)
    return desk.page("cases_compare.html", found=found, bands=BANDS)
