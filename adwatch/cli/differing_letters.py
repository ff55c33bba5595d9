"""Verbs of 更正函 of what differs of papers that went out (group ``differing``): from correct to send."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adwatch.cli.casework import By, Reason, Unit
from adwatch.cli.differing import differing
from adwatch.cli.output import JsonFlag, examples, print_json, print_table, safe, say, tell
from adwatch.cli.takedown import Date, DocumentNumber, Note, Out, Signatory, answer, say_files, say_steps
from adwatch.errors import UsageError

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of a 更正函, as differing letters shows it.")]


def register(_app: typer.Typer) -> None:
    """The verbs are those of the group ``differing``."""


def _answer(row: dict[str, Any], as_json: bool) -> None:
    """The letter as it stands after a step."""
    answer(row, as_json)
    if row.get("warning") and not as_json:
        tell(safe(row["warning"]))


@differing.command(
    "correct",
    epilog=examples(
        "differing correct ADW-TR-2026-0001 --by 王芳 --reason 认定更正",
        "differing correct ADW-JB-2026-0001 --case 12 --by 王芳 --reason 已另行认定",
    ),
)
def correct(
    about: Annotated[str, typer.Argument(metavar="NUMBER", help="Number of a paper as differing list shows it.")],
    by: By,
    reason: Reason,
    case: Annotated[
        list[int] | None, typer.Option("--case", metavar="N", help="Only of this case; several times; all if left out.")
    ] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a 更正函 of what differs of a paper. Once it is marked as sent, just that is named no longer."""
    from adwatch.app import correction_letters, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = correction_letters.draft(office, about, Actor(by, office.unit(unit)), reason, case or ())
    _answer(row, as_json)


@differing.command("letters", epilog=examples("differing letters", "differing letters --json"))
def letters(as_json: JsonFlag = False) -> None:
    """List 更正函 to offices, newest first. Those to platforms: takedown list."""
    from adwatch.app import correction_letters, open_office

    with open_office() as office:
        rows, figures = correction_letters.listed(office), correction_letters.figures(office)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"更正函 ({len(rows)})",
        ("编号", "关于", "主送", "现在", "条数", "发出"),
        [(r["number"], r["about"], r["addressee"], r["step_label"], r["count"], r["sent_at"]) for r in rows],
    )
    say(f"已发出 {figures['sent']} 件，更正 {figures['rows']} 条")


@differing.command("show", epilog=examples("differing show ADW-CL-2026-0001"))
def show(number: Number, as_json: JsonFlag = False) -> None:
    """Show one 更正函. Its words, its list, its steps with who and when."""
    from adwatch.app import correction_letters, open_office

    with open_office() as office:
        row = correction_letters.show(office, number)
    if as_json:
        print_json([row])
        return
    _answer(row, False)
    say(f"  关于 {row['about']} 文号 {row['document_number'] or '待编'} 签发人 {safe(row['signatory'] or '-')}")
    for each in row["paragraphs"]:
        say(f"  {safe(each)}")
    say_steps(row)
    for each in row["mails"]:
        say(f"  邮件 {each['message_id']} {each['outcome_label']} {safe(each['answer'] or '')}")
    for each in row["scans"]:
        say(f"  用印扫描件 {safe(each['name'])} {each['erased'] or each['sha256'][:16]}")
    print_table(
        "更正内容",
        ("序号", "线索", "链接", "原文所载", "更正为"),
        [(r["seq"], r["lead_number"], r["url"], r["was"], r["now"]) for r in row["listings"]],
    )


@differing.command("files", epilog=examples("differing files ADW-CL-2026-0001 --out letters"))
def files(
    number: Number,
    out: Out = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the files of a 更正函. The .docx with what was entered, its list (XLSX), JSON, and a mail (.eml)."""
    from adwatch.app import correction_letters, correction_send, open_office

    with open_office() as office:
        paths = correction_letters.write(office, number, out, correction_send.addresses_of(office, number))
    say_files(paths, as_json)


@differing.command("check", epilog=examples("differing check ADW-CL-2026-0001 --by 李建国"))
def check(number: Number, by: By, unit: Unit = None, note: Note = "", as_json: JsonFlag = False) -> None:
    """审核 of a 更正函. Refused where what it corrects was found otherwise once more, or is settled."""
    from adwatch.app import correction_letters, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = correction_letters.check(office, number, Actor(by, office.unit(unit)), note)
    _answer(row, as_json)


@differing.command("sign", epilog=examples("differing sign ADW-CL-2026-0001 --by 王芳 --signatory 张局"))
def sign(
    number: Number,
    by: By,
    unit: Unit = None,
    note: Note = "",
    document_number: DocumentNumber = None,
    signatory: Signatory = None,
    date: Date = None,
    as_json: JsonFlag = False,
) -> None:
    """签发用印 of a 更正函."""
    from adwatch.app import correction_letters, open_office
    from adwatch.app.document_numbers import with_taken
    from adwatch.models import Actor

    given = {"document_number": document_number, "signatory": signatory, "document_date": date}
    with open_office() as office:
        row = correction_letters.sign(office, number, Actor(by, office.unit(unit)), given, note)
        row = with_taken(office, row, given)
    _answer(row, as_json)


@differing.command(
    "enter", epilog=examples("differing enter ADW-CL-2026-0001 --by 王芳 --document-number 某函〔2026〕3号")
)
def enter(
    number: Number,
    by: By,
    unit: Unit = None,
    document_number: DocumentNumber = None,
    signatory: Signatory = None,
    date: Date = None,
    scan: Annotated[Path | None, typer.Option("--scan", metavar="FILE", help="The sealed scan.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Enter what the document system gave. After sending only what is empty is filled in."""
    from adwatch.app import correction_letters, open_office
    from adwatch.app.document_numbers import with_taken
    from adwatch.models import Actor

    given = {"document_number": document_number, "signatory": signatory, "document_date": date}
    with open_office() as office:
        row = correction_letters.enter(office, number, Actor(by, office.unit(unit)), given, scan)
        row = with_taken(office, row, given)
    _answer(row, as_json)


@differing.command("mark-sent", epilog=examples("differing mark-sent ADW-CL-2026-0001 --by 王芳"))
def mark_sent(number: Number, by: By, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Record that a 更正函 went out. What it corrects is named no longer; it is never changed again."""
    from adwatch.app import correction_letters, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = correction_letters.mark_sent(office, number, Actor(by, office.unit(unit)))
    _answer(row, as_json)


@differing.command("void", epilog=examples("differing void ADW-CL-2026-0001 --by 王芳 --reason 又有更正"))
def void(number: Number, by: By, reason: Reason, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """作废: a 更正函 that was not sent. Its number stays."""
    from adwatch.app import correction_letters, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = correction_letters.void(office, number, Actor(by, office.unit(unit)), reason)
    _answer(row, as_json)


@differing.command(
    "send",
    epilog=examples(
        "differing send ADW-CL-2026-0001 --by 王芳",
        "differing send ADW-CL-2026-0001 --by 王芳 --to a@b.cn",
        "differing send --due --by 王芳",
    ),
)
def send(
    by: By,
    number: Annotated[str, typer.Argument(metavar="[NUMBER]", help="Of a 更正函; or --due.", show_default=False)] = "",
    unit: Unit = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="ADDRESS", help="To whom; the office's tables if left out.")
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="All that may go out and have an address.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Send a 更正函 by mail, or all that are due. Never twice: what is unclear after a crash, a person settles."""
    from adwatch.app import correction_send, open_office
    from adwatch.models import Actor

    if bool(number) == due or (due and to):
        raise UsageError("write one NUMBER, or --due without --to")
    with open_office() as office:
        actor = Actor(by, office.unit(unit))
        if due:
            rows, refused = correction_send.send_due(office, actor)
        else:
            rows, refused = [correction_send.send(office, number, actor, to or ())], []
    if as_json:
        print_json(rows)
    for row in rows:
        if not as_json:
            say(f"{row['number']}: {row['outcome_label']} {safe(row['answer'])}")
        if row["warning"]:
            tell(safe(row["warning"]))
    for each in refused:
        tell(safe(each))
    if refused or any(row["outcome"] != "accepted" for row in rows):
        raise typer.Exit(1)


@differing.command(
    "settle", epilog=examples("differing settle ADW-CL-2026-0001 --accepted --by 王芳 --reason 电话确认已收到")
)
def settle(
    number: Number,
    by: By,
    reason: Reason,
    accepted: Annotated[
        bool, typer.Option("--accepted/--not-accepted", help="Whether the unclear mail was taken.", show_default=False)
    ],
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Record what was found out about an unclear mail. Accepted, the 更正函 counts as sent; else it may be sent."""
    from adwatch.app import correction_send, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = correction_send.settle(office, number, accepted, Actor(by, office.unit(unit)), reason)
    _answer(row, as_json)
