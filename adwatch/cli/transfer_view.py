"""Verbs that look at transfers: list, show, due."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adwatch.cli.output import MOST, JsonFlag, examples, print_json, print_table, safe, say, say_facts, tell
from adwatch.cli.transfer import Number, named, transfer


def register(app: typer.Typer) -> None:
    """The verbs add themselves to ``transfer``."""
    del app


@transfer.command("list", epilog=examples("transfer list", "transfer list --kind case --step sent --json"))
def list_transfers(
    kind: Annotated[str | None, typer.Option("--kind", metavar="KIND", help="clue, case or site.")] = None,
    step: Annotated[str | None, typer.Option("--step", metavar="STEP", help="On this step.")] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=MOST, help="The newest N.")] = 200,
    as_json: JsonFlag = False,
) -> None:
    """Show transfers, newest first."""
    from adwatch.app import open_office
    from adwatch.app import transfer as work

    with open_office() as office:
        rows = work.listed(office, kind, step, limit)
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            row["number"],
            row["kind_label"],
            row["receiver"],
            " ".join(str(each["lead_number"] or each["case_id"]) for each in row["cases"]),
            f"{row['step_label']}{'（与现认定不符）' if row['notice'] else ''}",
            row["outcome_label"],
            row["document_number"],
        )
        for row in rows
    ]
    print_table(f"移送 ({len(rows)})", ("编号", "类型", "送往", "线索", "状态", "结果", "文号"), cells)


@transfer.command("show", epilog=examples("transfer show ADW-TR-2026-0001"))
def show(number: Number, as_json: JsonFlag = False) -> None:
    """Show one transfer. Its steps, papers, running clocks, what it still lacks and what may follow."""
    from adwatch.app import open_office
    from adwatch.app import transfer as work

    with open_office() as office:
        row = work.show(office, number)
        zone = office.settings.zone
    if as_json:
        print_json([row])
        return
    names = ("number", "kind_label", "receiver", "step_label", "outcome_label", "document_number", "manifest_sha256")
    say_facts(named({name: row[name] for name in names if row[name]}))
    if row["package_erased"]:
        say(f"材料包{row['package_erased']}；移送记录和摘要仍在")
    cells = [
        (
            each["label"],
            each["at"].astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            each["person"],
            each["unit"],
            each["note"],
        )
        for each in row["steps"]
    ]
    print_table("经过", ("步骤", "时间", "人员", "单位", "说明"), cells)
    if row["papers"]:
        columns = ("label", "name", "size", "sha256", "erased")
        papers = [tuple(each[name] for name in columns) for each in row["papers"]]
        print_table("材料", ("种类", "名称", "字节", "摘要", "保存"), [(*p[:3], p[3][:16], p[4] or "") for p in papers])
    _clocks(row["clocks"])
    if row["notice"]:
        tell(safe(row["notice"]))
    for each in row["lacking"]:
        tell(f"尚缺: {safe(each)}")
    if row["next"]:
        say("下一步: " + "、".join(f"{each['to']}（{each['label']}）" for each in row["next"]))


@transfer.command("due", epilog=examples("transfer due", "transfer due --overdue --json"))
def due(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what has run out.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show running clocks of transfers. Each with its article; and cases that were fined but not transferred."""
    from adwatch.app import open_office
    from adwatch.app import transfer as work

    with open_office() as office:
        rows = work.due(office, overdue)
    if as_json:
        print_json(rows)
    else:
        _clocks(rows)


def _clocks(rows: list[dict[str, Any]]) -> None:
    cells = [
        (
            row["number"],
            row["clock_label"],
            row["due_at"][:16].replace("T", " "),
            "超期" if row["overdue"] else "",
            row["article"] or row["note"],
        )
        for row in rows
    ]
    print_table(f"移送时限 ({len(rows)})", ("编号", "事项", "期限", "", "依据"), cells)
