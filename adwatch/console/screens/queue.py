"""线索: the queue, filtered and in pages; saved views; acts on several at once."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form
from starlette.background import BackgroundTask
from starlette.responses import Response

from adwatch.app import accounts, casework, decisions, filing, today
from adwatch.app.queue import contact_filter, count_rows, lead_page
from adwatch.app.routing import others_of
from adwatch.app.words import BANDS, ORIGINS, STATES
from adwatch.console import pages
from adwatch.console.choices import platform_choices, verbs_for
from adwatch.console.desk import At, Desk
from adwatch.console.filters import AGES, EVERY, SCORE_LABELS, Asked, asked, written
from adwatch.console.screens import Screen
from adwatch.errors import UsageError

router = APIRouter()
SCREEN = Screen("queue", "线索", 20, None, router)
PAGE, AT_ONCE = 50, 200
Text = Annotated[str, Form(max_length=3000)]


@router.get("")
def show(desk: At) -> Response:
    """A page of the queue."""
    params = desk.request.query_params
    wanted = asked(desk, params)
    rows, after = lead_page(desk.office, wanted.filters, wanted.after, PAGE)
    most = today.most(desk.who.limited)
    owners = {each["case_id"]: each["owner"] for each in rows} if desk.who.may("decide") else {}
    others = others_of(desk.office, owners, desk.actor.unit)
    total, grouped = count_rows(desk.office, wanted.filters, most) if wanted.after is None else (None, None)
    return desk.page(
        "queue.html",
        rows=rows,
        others=list(others.values()),
        total=total,
        grouped=grouped,
        most=most,
        asked=wanted,
        here_query=pages.query(wanted.given, after=params.get("after")),
        first_query=pages.query(wanted.given),
        next_query=pages.query(wanted.given, after=written(after)) if after else "",
        views=accounts.views(desk.office, desk.who),
        verbs=verbs_for(desk.who),
        codes=decisions.codes(desk.office).values(),
        filings=filing.choices() if any(each["state"] == "confirmed" for each in rows) else [],
        **choices(desk),
    )


def choices(desk: Desk) -> dict[str, Any]:
    """What the selects of the filters offer: (value, label)."""
    office = desk.office
    return {
        "states": [(",".join(("screening", "registered", "reopened")), "待办"), (EVERY, "全部"), *STATES.items()],
        "platforms": platform_choices(office),
        "classes": [(each.id, each.label) for each in office.classes.values()],
        "families": [(each.id, each.label) for each in office.families.values()],
        "bands": BANDS.items(),
        "tiers": (("exact", "原词"), ("folded", "变体")),
        "origins": ORIGINS.items(),
        "scores": SCORE_LABELS.items(),
        "ages": AGES.items(),
    }


@router.post("/contact")
def by_contact(desk: At, contact: Text, query: Text = "") -> Response:
    """A number or account that an officer types becomes its key: it never stands in an address."""
    given = _back(desk, query).given
    typed = contact.strip()
    key = contact_filter(desk.office, typed) if typed else ""
    return desk.go(f"/queue?{pages.query({**given, 'state': EVERY}, contact=key)}")


@router.post("/views")
def save_view(desk: At, name: Text, query: Text = "") -> Response:
    """Save what is chosen now under a name of the account's own."""
    kept = pages.query(_back(desk, query).given)
    accounts.save_view(desk.office, desk.who, name, kept)
    return desk.go(f"/queue?{kept}", said=f"已存为视图“{name.strip()[:40]}”")


@router.post("/views/{view_id}/drop")
def drop_view(desk: At, view_id: int) -> Response:
    """Forget a view."""
    accounts.drop_view(desk.office, desk.who, view_id)
    return desk.go("/queue", said="已删除视图")


@router.post("/act")
def act(
    desk: At,
    verb: Text,
    ids: Annotated[list[int] | None, Form()] = None,
    code: Text = "",
    reason: Text = "",
    query: Text = "",
    filing_as: Text = "",
) -> Response:
    """One act on all that were chosen; what is refused is named and the others go on."""
    desk.need("register" if verb in ("register", "exclude") else "decide")
    chosen = list(dict.fromkeys(ids or []))
    if not chosen:
        raise UsageError("没有选中线索")
    if len(chosen) > AT_ONCE:
        raise UsageError(f"一次最多 {AT_ONCE} 条")
    allowed = desk.allowed(chosen)
    if len(allowed) < len(chosen):
        raise UsageError("选中的线索有的不在本账号的范围内，未作任何处理")
    if verb == "register":
        report, _ = casework.register(desk.office, chosen, desk.actor.person, desk.actor.unit, desk.actor.role)
    elif verb == "file":
        report, _ = filing.decide_filing(desk.office, chosen, filing_as, desk.actor, reason, index=False)
    else:
        report, _ = decisions.decide(desk.office, chosen, verb, desk.actor, reason, code or None, index=False)
    done = f"已处理 {report.kept + report.counts['unchanged']} 条"
    refused = f"；未处理 {report.dropped.total()} 条：{'；'.join(report.notes[:3])}" if report.dropped else ""
    response = desk.go(f"/queue?{pages.query(_back(desk, query).given)}", said=done + refused)
    response.background = BackgroundTask(desk.request.app.state.push)
    return response


def _back(desk: Desk, query: str) -> Asked:
    """The filters that a form carries along."""
    return asked(desk, dict(parse_qsl(query)))
