"""What the schedule that sends takedown requests calls: the batch as it would be sent, and its sending.

What is shown is what the letters say, masked as they are; a request that is drafted later is not in the batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adwatch.app import casework, correction_send, takedown_send
from adwatch.app.markdown import CASEWORK, cell, keep, table
from adwatch.app.office import Office
from adwatch.app.schedule import Row
from adwatch.casework.differing import Tables
from adwatch.casework.takedown_differing import held_back
from adwatch.errors import StageError, UsageError
from adwatch.models import Actor
from adwatch.store.engine import reading
from adwatch.store.takedowns import requests

SHOWN = 50
"""Listings of a request that are shown one by one."""
APPROVED = "Approve"


def asks_first(office: Office, params: Mapping[str, Any]) -> bool:
    """Whether a person is asked: by the param ``approval``, else by the setting; off by default."""
    given = params["approval"]
    return office.settings.takedown_approval if given is None else bool(given)


def batch(office: Office, params: Mapping[str, Any]) -> Row:
    """Draft what is due and show all drafts: ``numbers``, whether a person is ``asked``, and the ``text`` for them.

    A UsageError where nobody is asked and nobody is named: a request is sent by a person.
    """
    asked = asks_first(office, params)
    if not asked and not (params["by"] or "").strip():
        raise UsageError(
            "by: name the person who sends, or ask for approval (param approval, ADWATCH_TAKEDOWN_APPROVAL)"
        )
    report, _ = casework.draft(office, None)
    with reading(office.engine) as connection:
        drafts = requests(connection, state="draft")
    lines = [f"# 下架函 {len(drafts)} 件待发", ""]
    for draft in drafts:
        lines += _request(draft["content"])
    corrections = correction_send.waiting(office) if takedown_send.mails_out(office) else []
    if corrections:
        lines += [f"# 更正函 {len(corrections)} 件待发", ""]
        lines += [f"- {each['number']} 致 {cell(each['addressee'])}：更正 {each['count']} 条" for each in corrections]
        lines += [""]
    lines += [f"未列入函件：{cell(note)}" for note in report.notes]
    numbers = [each["number"] for each in (*drafts, *corrections)]
    name = f"takedown-{numbers[0]}-{numbers[-1]}" if numbers else "takedown-none"
    text = keep(office, name, lines, CASEWORK)
    return {"numbers": numbers, "asked": asked, "name": name, "text": text}


def _request(content: Mapping[str, Any]) -> list[str]:
    hours = content["deadline_hours"]
    due = f"{hours} 小时" if hours is not None else "未规定"
    rows = content["listings"]
    shown = [
        (row["lead_number"] or row["case_id"], row["title"], "、".join(row["offer_labels"]), row["decided_by"])
        for row in rows[:SHOWN]
    ]
    head = f"{content['number']} 致 {content['addressee']}（{content['platform_label']}）"
    more = [f"另有 {len(rows) - SHOWN} 条，见函件。"] if len(rows) > SHOWN else []
    told = f"链接 {len(rows)} 条，处置期限 {due}；函件 takedown/{content['number']}.docx"
    return [f"## {cell(head)}", "", told, "", *table(("线索", "标题", "违法类型", "甄别单位"), shown), *more, ""]


def send(office: Office, params: Mapping[str, Any], made: Row, answer: Mapping[str, Any] | None) -> Row:
    """Send the batch by mail, or where no mail server is set mark it as sent; by the person named, else by the one who
    approved it; ``answer`` is the gate's. What cannot be mailed is named and stays as it is; a second run sends none
    twice.

    A StageError where a person had to be asked and did not approve: nothing is sent by mistake of a schedule.
    """
    approved_by = None
    if made["asked"]:
        if not answer or list(answer["chosen_options"]) != [APPROVED]:
            raise StageError("the batch was not approved: nothing is sent")
        approved_by = str((answer.get("responded_by_user") or {}).get("name") or "")
    by = (params["by"] or "").strip() or approved_by
    if not by:
        raise StageError("nobody is named who sends: give the param by")
    if takedown_send.mails_out(office):
        sent, refused = takedown_send.send_due(office, Actor(by, office.unit(None)), made["numbers"])
        return {"sent": sent, "by": by, "approved_by": approved_by, "refused": refused, "mailed": True}
    with reading(office.engine) as connection:  # a 更正函 that is not mailed a person sends and registers
        kept = held_back(connection, made["numbers"], Tables(office.law, office.classes))
    numbers = [each for each in made["numbers"] if each not in kept]
    report, rows = casework.mark_sent(office, numbers, by, None)
    refused = [*kept.values(), *report.notes]
    return {"sent": rows, "by": by, "approved_by": approved_by, "refused": refused, "mailed": False}


def summary(office: Office, made: Row | None, done: Row | None) -> str:
    """What became of a batch, in Markdown."""
    if made is None:
        raise StageError("no batch: see the task that prepares it")
    if not made["numbers"]:
        return keep(office, made["name"], ["# 下架函", "", "没有待发的下架函。"], CASEWORK)
    if done is None:
        lines = [f"# 下架函 {len(made['numbers'])} 件未发", "", "未获批准（或逾时未答），或发函的任务失败；仍是拟稿。"]
        return keep(office, made["name"], [*lines, "", *(f"- {number}" for number in made["numbers"])], CASEWORK)
    approved = f"，{cell(done['approved_by'])} 批准" if done["approved_by"] else ""
    rows = [(row["number"], row["sent_at"], row.get("deadline_at") or "") for row in done["sent"]]
    way = "以邮件发出" if done["mailed"] else "发出"
    lines = [f"# 下架函 {len(rows)} 件已发", "", f"{cell(done['by'])} {way}{approved}", ""]
    lines += [*table(("编号", "发出", "处置期限"), rows), *(cell(note) for note in done["refused"])]
    return keep(office, made["name"], lines, CASEWORK)
