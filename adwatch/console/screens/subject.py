"""主体: sellers across platforms, what links them, the graph; merge, split, undo."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from adwatch.app import subjects
from adwatch.console.confirm import Sure
from adwatch.console.desk import At, Denied, Desk
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("subject", "主体", 40, None, router)
PAGE = 50
Text = Annotated[str, Form(max_length=500)]


@router.get("")
def show_list(desk: At, contact: str = "", offset: int = 0) -> Response:
    """Subjects with most cases first; with a contact those that show it."""
    typed = contact.strip()[:100]
    offset = min(max(offset, 0), 100_000)
    rows = subjects.list_subjects(desk.office, PAGE, offset, typed or None, desk.limits)
    more = offset + PAGE if len(rows) == PAGE and not typed else None
    return desk.page("subject.html", rows=rows, contact=typed, more=more, offset=offset)


@router.get("/{number}")
def show(desk: At, number: int) -> Response:
    """One subject."""
    found = subjects.show_subject(desk.office, number, desk.limits)
    return desk.page("subject_one.html", subject=found, graph=subjects.graph(desk.office, found))


@router.get("/{number}/graph.svg")
def drawing(desk: At, number: int) -> Response:
    """Its graph as a picture, in which nothing runs."""
    drawn = subjects.graph(desk.office, subjects.show_subject(desk.office, number, desk.limits))
    return Response(drawn["svg"], media_type="image/svg+xml")


@router.post("/merge")
def merge(desk: At, reason: Text, ids: Annotated[str, Form(max_length=200)]) -> Response:
    """合并: the numbers as typed, with spaces or commas between them."""
    desk.need("decide")
    numbers = subjects.numbers(ids)
    for number in numbers:
        _whole(desk, number)
    done = subjects.merge(desk.office, numbers, desk.actor, reason)
    said = f"已合并（第 {done['rule']} 号），可在下方撤销" if done["changed"] else "已是同一主体"
    return desk.go(f"/subject/{done['subject_id']}", said=said)


@router.post("/{number}/split")
def split(desk: At, number: int, sure: Sure, reason: Text, accounts: Annotated[list[int], Form()]) -> Response:
    """拆分: the chosen accounts are another seller."""
    desk.need("decide")
    _whole(desk, number)
    if page := sure.first(
        f"拆分主体 {number}：拆出账号 {'、'.join(map(str, accounts))}",
        "拆分后系统不再把它们归为同一卖家；以后撤销须另写理由，两次认定都留在记录中。",
        f"/subject/{number}",
    ):
        return page
    done = subjects.split(desk.office, number, accounts, desk.actor, reason)
    return desk.go(
        f"/subject/{done['subject_id']}", said=f"已拆出主体 {done['new_subject_id']}（第 {done['rule']} 号）"
    )


@router.post("/{number}/undo")
def undo(desk: At, number: int, rule: Annotated[int, Form()], reason: Text) -> Response:
    """撤销 of a merge or split."""
    desk.need("decide")
    if desk.who.limited and rule not in {each["id"] for each in _whole(desk, number)["rules"]}:
        raise Denied(f"主体 {number} 没有第 {rule} 号认定", 404)
    done = subjects.undo(desk.office, rule, desk.actor, reason)
    return desk.go(f"/subject/{number}", said=f"已撤销第 {rule} 号" if done["changed"] else f"第 {rule} 号早已撤销")


def _whole(desk: Desk, number: int) -> dict[str, Any]:
    """The subject, of which no case lies outside the account's limits: an act on it is one on all its accounts."""
    if not desk.who.limited:
        return {}
    found = subjects.show_subject(desk.office, number, desk.limits)
    if not found["whole"]:
        raise Denied(f"主体 {number} 另有本账号范围以外的案件，合并、拆分、撤销请由不受限的账号办理")
    return found
