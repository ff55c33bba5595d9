"""Verbs of a reviewer's work (group ``review``): open, next, release, undo, exclude, close, codes, due, extend."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adwatch.cli.casework import By, Code, Ids, Reason, Unit, review
from adwatch.cli.output import (
    JsonFlag,
    case_of,
    checked_role,
    examples,
    finish,
    print_json,
    print_table,
    say,
    tell,
)

Case = Annotated[str, typer.Argument(metavar="ID", help="A case, by 案件号 or 线索编号 (ADW-…).")]
Role = Annotated[str | None, typer.Option("--role", metavar="ROLE", help="Role of the person, such as 负责人.")]


def register(_app: typer.Typer) -> None:
    """The verbs are those of the group ``review``."""


@review.command(
    "open", epilog=examples("review open 12 --by 李建国", "review open 12 --by 赵敏 --role 负责人 --take-over")
)
def open_lead(
    case_id: Case,
    by: By,
    unit: Unit = None,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="From whoever has it open; the head's (--role 负责人).")
    ] = False,
    role: Role = None,
    as_json: JsonFlag = False,
) -> None:
    """Open a lead. Nobody else decides it until you have or give it back, for ADWATCH_LEASE_MINUTES."""
    from adwatch.app import decisions, open_office
    from adwatch.models import Actor

    with open_office() as office:
        case = decisions.open_lead(
            office, case_of(office, case_id), Actor(by, office.unit(unit), checked_role(role)), take_over
        )
        zone = office.settings.zone
    _print_lead(case, zone, as_json)


@review.command("next", epilog=examples("review next --by 李建国", "review next --by 李建国 --scope safety_production"))
def next_lead(
    by: By,
    unit: Unit = None,
    scope: Annotated[
        str | None, typer.Option("--scope", metavar="SCOPE", help="safety_production or other_credential.")
    ] = None,
    platform: Annotated[str | None, typer.Option("--platform", metavar="NAME", help="Only of this platform.")] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="ID", help="Only of this authority, an id of authorities.csv.")
    ] = None,
    skip: Annotated[
        str | None, typer.Option("--skip", metavar="ID", help="Give this one back, go on behind it.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Open the next lead. It waits for a finding, and nobody else has it open."""
    from adwatch.app import decisions, open_office
    from adwatch.app.queue import Filters
    from adwatch.app.rows import known_case
    from adwatch.models import Actor

    with open_office() as office:
        filters = Filters(scope=scope, platform=platform, owner=owner)
        behind = None if skip is None else case_of(office, skip)
        if behind is not None:
            known_case(office, behind)
        case = decisions.next_lead(office, filters, Actor(by, office.unit(unit)), behind)
        zone = office.settings.zone
    if case is None:
        tell("没有待办线索")
    else:
        _print_lead(case, zone, as_json)


def _print_lead(case: dict[str, Any], zone: Any, as_json: bool) -> None:
    from adwatch.cli.case_view import print_case

    if as_json:
        print_json([case])
        return
    print_case(case, zone)
    lease = case["lease"]
    if lease["mine"]:
        say(f"已打开，至 {lease['until'].astimezone(zone):%H:%M} 由您办理；可: {' '.join(case['may'])}")
    else:
        tell(f"{lease['by']} 正在办理；只可查看")
    if lease["look"]:
        say(f"两人复核: {lease['look']['stage_label']}")


@review.command("release", epilog=examples("review release 12 --by 李建国"))
def release(case_id: Case, by: By, unit: Unit = None) -> None:
    """Give a lead back undecided."""
    from adwatch.app import decisions, open_office
    from adwatch.models import Actor

    with open_office() as office:
        given = decisions.release(office, case_of(office, case_id), Actor(by, office.unit(unit)))
    if not given:
        tell(f"案件 {case_id}: 未由本人打开")
        raise typer.Exit(1)


@review.command("undo", epilog=examples("review undo 12 --by 李建国 --reason 点错"))
def undo(case_id: Case, by: By, reason: Reason, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Take back your own last finding. Within ADWATCH_UNDO_MINUTES, while nothing is built on it; it is appended.

    Also a finding that waits for a second person, until that person has found or has the lead open.
    """
    from adwatch.app import decisions, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = decisions.undo(office, case_of(office, case_id), Actor(by, office.unit(unit)), reason)
    if as_json:
        print_json([row])
    else:
        done = "已撤回本人的结论" if row["withdrawn"] else "已撤销"
        say(f"{row['case_id']}: {done}，现为“{row['state_label']}”")


def _act(result: str, ids: list[str], by: str, unit: str | None, reason: str, code: str | None, as_json: bool) -> None:
    from adwatch.app import decisions, open_office
    from adwatch.models import Actor

    with open_office() as office:
        report, rows = decisions.decide(office, ids, result, Actor(by, office.unit(unit)), reason, code)
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            say(f"{row['case_id']}: {row['state_label']}{'（待另一人复核）' if row.get('waiting') else ''}")
    finish(report)


@review.command("exclude", epilog=examples("review exclude 14 15 --by 王芳 --reason 与证书无关"))
def exclude(ids: Ids, by: By, reason: Reason, unit: Unit = None, code: Code = None, as_json: JsonFlag = False) -> None:
    """排除: no lead at all. It gets no lead number and starts no clock (初筛)."""
    _act("exclude", ids, by, unit, reason, code, as_json)


@review.command("close", epilog=examples("review close 12 --by 王芳 --reason 已转办"))
def close(ids: Ids, by: By, reason: Reason, unit: Unit = None, code: Code = None, as_json: JsonFlag = False) -> None:
    """办结: by hand. A case with tracks is closed by the last of them, and never before."""
    _act("close", ids, by, unit, reason, code, as_json)


@review.command("codes", epilog=examples("review codes"))
def codes(as_json: JsonFlag = False) -> None:
    """List the reason codes of findings (reason_codes.csv)."""
    from adwatch.app import decisions, open_office
    from adwatch.app.words import MOVE_LABELS

    with open_office() as office:
        known = decisions.codes(office).values()
    if as_json:
        print_json({"code": c.code, "label": c.label, "findings": list(c.findings), "note": c.note} for c in known)
        return
    rows = [(c.code, c.label, "、".join(MOVE_LABELS[each] for each in c.findings), c.note) for c in known]
    print_table("理由代码", ("代码", "理由", "用于", "备注"), rows)


@review.command("due", epilog=examples("review due", "review due --overdue --json"))
def due(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what has run out.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show the legal clocks that run since 线索登记. What is due first comes first; days are statutory working days."""
    from adwatch.app import decisions, open_office

    with open_office() as office:
        rows = decisions.due(office, overdue)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"时限 ({len(rows)})",
        ("案件号", "线索编号", "状态", "时限", "起算", "届满", "余日", "超期", "延长", "说明", "依据"),
        [
            (
                *(row["case_id"], row["lead_number"], row["state_label"], row["clock_label"], row["started_on"]),
                *(row["due_on"], row["days_left"], row["overdue"], row["extended"], row["provisional"]),
                row["article"],
            )
            for row in rows
        ],
    )


@review.command("extend", epilog=examples("review extend 12 --clock filing_decision --by 赵敏 --reason 案情复杂"))
def extend(
    case_id: Case,
    by: By,
    reason: Reason,
    clock: Annotated[str, typer.Option("--clock", metavar="CLOCK", help="Which clock, an id of clocks.csv.")] = (
        "filing_decision"
    ),
    unit: Unit = None,
    role: Role = None,
    as_json: JsonFlag = False,
) -> None:
    """Extend a clock, once. With the approval of the head, who is named by --by."""
    from adwatch.app import decisions, open_office
    from adwatch.models import Actor

    with open_office() as office:
        actor = Actor(by, office.unit(unit), checked_role(role))
        row = decisions.extend_clock(office, case_of(office, case_id), clock, reason, actor)
    if as_json:
        print_json([row])
    else:
        say(f"{row['case_id']}: “{row['label']}”已延长")
