"""Verbs of confirmation by letter (甄别函): review letter draft, void, sent, import, chase, list."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.casework import review
from adwatch.cli.output import (
    JsonFlag,
    checked_day,
    checked_time,
    examples,
    finish,
    print_json,
    print_table,
    safe,
    say,
    tell,
)

letter = typer.Typer(help="Confirmation by letter (甄别函): authorities that have no account.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the batch, as review letter list shows it.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder; letters/ in home if left out.")]


def register(_app: typer.Typer) -> None:
    """Add the verbs to the group ``review``."""
    review.add_typer(letter, name="letter")


@letter.command(
    "draft", epilog=examples("review letter draft --by 王芳", "review letter draft --authority housing --by 王芳")
)
def draft(
    by: By,
    authority: Annotated[
        str | None, typer.Option("--authority", metavar="ID", help="Only this one, an id of authorities.csv.")
    ] = None,
    out: Out = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft one batch per authority. A letter (.docx) and a list (.xlsx) whose lead numbers are locked."""
    from adwatch.app import confirmation, open_office
    from adwatch.models import Actor

    with open_office() as office:
        rows = confirmation.draft(office, Actor(by, office.unit(unit)), authority, out)
        drafts = [row for row in confirmation.listed(office) if row["state"] == "draft" and row["notice"]]
    for row in drafts:
        tell(safe(f"{row['number']}: {row['notice']}；命令：adwatch review letter void {row['number']}"))
    if as_json:
        print_json(rows)
        return
    if not rows:
        say("没有待发的线索：先 review register 登记，并用 route apply 分派。")
        return
    print_table(
        "甄别函",
        ("编号", "甄别单位", "线索数", "函件", "清单"),
        [(r["number"], r["addressee"], r["leads"], r["letter"], r["sheet"]) for r in rows],
    )
    say("下一步: 核对、用印、发出后 adwatch review letter sent 编号 --by 姓名")


@letter.command("void", epilog=examples("review letter void ADW-ZB-2026-0001 --by 王芳 --reason 线索已认定"))
def void(
    number: Number,
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """作废: a batch that was not sent. Its number stays, its leads wait for another letter (review letter draft)."""
    from adwatch.app import confirmation, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = confirmation.void(office, number, Actor(by, office.unit(unit)), reason)
    if as_json:
        print_json([row])
    else:
        say(f"{row['number']}: 已作废；待甄别的线索用 adwatch review letter draft 另行拟函")


@letter.command("sent", epilog=examples("review letter sent ADW-ZB-2026-0001 --by 王芳 --document 某市监函〔2026〕5号"))
def sent(
    number: Number,
    by: By,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="When; now if left out.")] = None,
    document: Annotated[str, typer.Option("--document", metavar="TEXT", help="文号 of our letter.")] = "",
    due: Annotated[
        str | None,
        typer.Option("--due", metavar="YYYY-MM-DD", help="Answer wanted by; else working days by the table."),
    ] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Record that a batch went out. The time to answer runs from here; one that says what no longer holds is named."""
    from adwatch.app import confirmation, open_office
    from adwatch.app.document_numbers import with_taken
    from adwatch.models import Actor

    with open_office() as office:
        when = checked_time(at, office.settings)
        ends = date.fromisoformat(checked_day(due, office.settings, "--due")) if due else None
        row = confirmation.mark_sent(office, number, Actor(by, office.unit(unit)), when, document, ends)
        row = with_taken(office, row, {"document_number": document})
    if as_json:
        print_json([row])
    else:
        say(f"{row['number']}: 已发出，反馈期限 {row['due_on'] or '未定'}")
    for told in filter(None, (row["warning"], row["same_number"])):
        tell(safe(told))


@letter.command(
    "import",
    epilog=examples(
        "review letter import 回复.xlsx --by 王芳 --reply-number 某市应急函〔2026〕8号 --reply-date 2026-11-27",
        "review letter import 回复.et --number ADW-ZB-2026-0001 --scan 复函.pdf --by 王芳",
    ),
)
def take_reply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The returned list: XLSX, XLS, ET, ODS or CSV.")],
    by: By,
    number: Annotated[
        str | None,
        typer.Option("--number", metavar="NUMBER", help="The batch, where its number is gone from the head."),
    ] = None,
    reply_number: Annotated[str, typer.Option("--reply-number", metavar="TEXT", help="文号 of the reply.")] = "",
    reply_date: Annotated[
        str | None, typer.Option("--reply-date", metavar="YYYY-MM-DD", help="Day of the reply; today if left out.")
    ] = None,
    scan: Annotated[Path | None, typer.Option("--scan", metavar="FILE", help="Scan of the sealed reply.")] = None,
    correct: Annotated[bool, typer.Option("--correct", help="The authority mends an earlier answer.")] = False,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Take in a returned list. Each row becomes a decision of the authority's person; what cannot be taken is named."""
    from adwatch.app import confirmation, open_office
    from adwatch.models import Actor

    with open_office() as office:
        day = date.fromisoformat(checked_day(reply_date, office.settings, "--reply-date")) if reply_date else None
        about = {"number": number, "reply_number": reply_number, "reply_on": day, "scan": scan, "correct": correct}
        report, row = confirmation.take_reply(office, file, Actor(by, office.unit(unit)), **about)  # type: ignore[arg-type]
    counts = {"taken": report.kept, **report.counts, "refused": sum(report.dropped.values())}
    if as_json:
        print_json([{**counts, "notes": report.notes, "batch": row}])
    else:
        say(f"{row['number']}: 采用 {report.kept} 行，认定 {report.counts['decided']} 条，尚缺 {row['missing']} 条")
        if row["missing"]:
            say("  未反馈: " + "、".join(row["missing_numbers"][:20]))
    finish(report)


@letter.command("chase", epilog=examples("review letter chase --by 王芳", "review letter chase --early --by 王芳"))
def chase(
    by: By,
    number: Annotated[str | None, typer.Option("--number", metavar="NUMBER", help="Only this batch.")] = None,
    early: Annotated[bool, typer.Option("--early", help="Also batches whose time is not over.")] = False,
    out: Out = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask for missing rows. A reminder (.docx) and a list with just those rows, importable like the first."""
    from adwatch.app import confirmation, open_office
    from adwatch.models import Actor

    with open_office() as office:
        rows = confirmation.chase(office, Actor(by, office.unit(unit)), number, out, early)
    if as_json:
        print_json(rows)
    elif not rows:
        say("没有逾期未反馈的甄别函。")
    else:
        print_table(
            "催办",
            ("编号", "第几次", "缺", "函件", "清单"),
            [(r["number"], r["times"], r["missing"], r["letter"], r["sheet"]) for r in rows],
        )


@letter.command("list", epilog=examples("review letter list", "review letter list --number ADW-ZB-2026-0001"))
def list_letters(
    number: Annotated[str | None, typer.Option("--number", metavar="NUMBER", help="One batch with its rows.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show batches. What went to whom, when the answer is due, what is missing."""
    from adwatch.app import confirmation, open_office

    with open_office() as office:
        rows = confirmation.listed(office, number)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"甄别函 ({len(rows)})",
        ("编号", "甄别单位", "状态", "反馈期限", "线索", "未反馈", "回函"),
        [
            (
                row["number"],
                row["authority_label"],
                row["state_label"]
                + ("（逾期）" if row["overdue"] else "")
                + ("（与现认定不符）" if row["notice"] else ""),
                row["due_on"],
                row["leads"],
                row["missing"],
                f"{row['reply_number'] or ''} {row['reply_on'] or ''}".strip(),
            )
            for row in rows
        ],
    )
    for row in rows if number else ():
        if row["notice"]:
            tell(safe(f"{row['number']}: {row['notice']}"))
    for row in rows:
        if row["conflicts"]:
            tell(f"{row['number']}: 不能认定，请人工处理: {'、'.join(row['conflicts'])}")
    for each in rows[0]["rows"] if number and rows else ():
        said = f"{each['answer_label'] or '未反馈'} {each['person'] or ''} {each['day'] or ''} {each['reason'] or ''}"
        say(f"  {each['seq']:>4} {each['lead_number']} {safe(said).strip()} {each['settled_label']}")
