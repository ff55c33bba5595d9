"""网站: what may imitate an official look-up: why, where it was met, what each look saw, what to do with it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.background import BackgroundTask
from starlette.responses import Response

from adwatch.app import casework, decisions, site_doubts, site_pages
from adwatch.app import sites as work
from adwatch.console import pages
from adwatch.console.choices import verbs_for
from adwatch.console.desk import At, Desk
from adwatch.console.screens import Screen
from adwatch.errors import UsageError

router = APIRouter()
SCREEN = Screen("sites", "网站", 65, None, router)
PAGE = 50
VERBS = ("register", "exclude", "confirm", "dismiss", "doubt")
"""Acts on its case that the site's page offers; the case's own page has all."""
Text = Annotated[str, Form(max_length=2000)]


@router.get("")
def show_list(
    desk: At, shown: str = "suspected", kind: str = "", name: str = "", before: int | None = None
) -> Response:
    """A page of sites, newest first."""
    given = {"shown": shown, "kind": kind, "name": name.strip()[:100]}
    chosen = {"kind": kind or None, "name": given["name"] or None}
    rows = site_pages.listed(desk.office, shown, desk.limits, **chosen, before=before, most=PAGE)
    return desk.page(
        "sites.html",
        rows=rows,
        given=given,
        choices=site_pages.SHOWN.items(),
        kinds=site_pages.KIND_LABELS.items(),
        waiting=site_pages.waiting(desk.office, desk.limits),
        most=site_pages.MOST,
        next_query=pages.query(given, before=rows[-1]["id"]) if len(rows) == PAGE else "",
    )


@router.post("/add")
def add(
    desk: At, name: Text, kind: Text = "site", maker: Text = "", subject: Text = "", link: Text = "", filing: Text = ""
) -> Response:
    """登记 of what somebody reported; nothing is fetched."""
    desk.need("register")
    desk.need_whole()
    about = {"maker": maker, "subject": subject, "store_link": link, "filing": filing}
    row = work.add(desk.office, kind, name, desk.actor, **about)
    said = "；".join(row["why"][:2]) or "名称未见仿冒"
    return desk.go(f"/sites/{row['id']}", said=f"已登记：{said}")


@router.get("/{number}")
def show(desk: At, number: int) -> Response:
    """One site."""
    row = site_pages.one(desk.office, number, desk.limits)
    may = decisions.may(row["state"]) if row["case_id"] else []
    verbs = [each for each in verbs_for(desk.who) if each[0] in VERBS and each[0] in may]
    settles = desk.who.may("decide") and site_doubts.may_settle(row)
    return desk.page("sites_one.html", site=row, verbs=verbs, settles=settles, case={"case_id": row["case_id"]})


@router.get("/{number}/network.{form}")
def network(desk: At, number: int, form: str) -> Response:
    """The whole network round it as a file (GraphML, JSON)."""
    desk.need("export")
    desk.need_whole()
    _seen(desk, number)
    content = work.graph(desk.office, [str(number)], form)
    media = "application/json" if form == "json" else "application/xml"
    return Response(content, media_type=media, headers=pages.attachment(f"site-{number}.{form}"))


@router.post("/{number}/look")
def look(desk: At, number: int) -> Response:
    """再看一次: now, as ``adwatch sites look``; the page comes when the look is done."""
    desk.need("register")
    row = _seen(desk, number)
    if row["kind"] != "site":
        raise UsageError(f"{row['kind_label']}没有采集接口，由人查看")
    [seen] = work.look(desk.office, [str(number)], desk.actor)
    return desk.go(f"/sites/{number}", said=f"已查看：{seen['word_label']}（{seen['score']:.1f} 分）")


@router.post("/{number}/act")
def act(desk: At, number: int, verb: Text, reason: Text = "") -> Response:
    """登记、排除、认定 of its case, by the same functions as everywhere."""
    if verb not in VERBS:
        raise UsageError(f"{verb[:20]}: 此处没有这种操作，请到案件页办理")
    desk.need("register" if verb in ("register", "exclude") else "decide")
    case = _seen(desk, number)["case_id"]
    if case is None:
        raise UsageError(f"网站 {number}: 没有案件")
    desk.case(case)
    office, who = desk.office, desk.actor
    if verb == "register":
        report, rows = casework.register(office, [case], who.person, who.unit, who.role)
    else:
        opened = desk.who.may("decide")
        if opened:
            decisions.open_lead(office, case, who)
        report, rows = decisions.decide(office, [case], verb, who, reason, opened=opened, index=False)
    if report.dropped:
        raise UsageError("；".join(report.notes))
    waits = "（待另一人复核）" if rows[0].get("waiting") else ""
    response = desk.go(f"/sites/{number}", said=f"{rows[0]['lead_number'] or case}：{rows[0]['state_label']}{waits}")
    response.background = BackgroundTask(desk.request.app.state.push)
    return response


@router.post("/{number}/doubt")
def doubt(desk: At, number: int, verb: Text, reason: Text = "", family: Text = "") -> Response:
    """立案、排除 of a doubtful site by a person, once."""
    desk.need("decide")
    _seen(desk, number)
    if verb == "open":
        row = site_doubts.open_case(desk.office, str(number), desk.actor, reason, (family,) if family else ())
        said = f"已立案：案件 {row['case_id']}{'；请再看一次，随案取证' if row['kind'] == 'site' else ''}"
    elif verb == "dismiss":
        site_doubts.dismiss(desk.office, str(number), desk.actor, reason)
        said = "已排除，不再自动查看"
    else:
        raise UsageError(f"{verb[:20]}: 可以立案（open）或者排除（dismiss）")
    return desk.go(f"/sites/{number}", said=said)


@router.post("/{number}/route")
def route(desk: At, number: int) -> Response:
    """拟函 to 网信, 通信管理, 公安 and whoever hosts it."""
    desk.need("transfer")
    _seen(desk, number)
    rows = work.route(desk.office, [str(number)], desk.actor)
    told = "、".join(f"{row['addressee']} {row['number']}" for row in rows)
    notes = "".join(f"。{note}" for note in dict.fromkeys(row["note"] for row in rows if row["note"]))
    return desk.go(f"/sites/{number}", said=f"已拟函：{told}{notes}" if rows else "应送的单位都已拟函")


def _seen(desk: Desk, number: int) -> dict[str, Any]:
    """The site, or the error of an unknown one where the account may not see it."""
    return site_pages.one(desk.office, number, desk.limits)
