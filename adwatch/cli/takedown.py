"""Verbs of takedown papers (group ``takedown``): list, show, files, check, sign, enter, void, send, settle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adwatch.cli.casework import By, Reason, Unit, takedown
from adwatch.cli.output import JsonFlag, examples, print_json, print_table, progress_bar, safe, say, tell
from adwatch.errors import UsageError

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of a letter, as takedown list shows it.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="A note kept with the step.")]
DocumentNumber = Annotated[
    str | None, typer.Option("--document-number", metavar="TEXT", help="文号 of the office's document system.")
]
Signatory = Annotated[str | None, typer.Option("--signatory", metavar="NAME", help="签发人.")]
Date = Annotated[str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="成文日期.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder; takedown/ in home if left out.")]


def register(_app: typer.Typer) -> None:
    """The verbs are those of the group ``takedown``."""


def answer(row: dict[str, Any], as_json: bool) -> None:
    """The letter as it stands after a step."""
    if as_json:
        print_json([row])
        return
    say(f"{row['number']}: {row['kind_label']} {row['step_label']}，{row['count']} 条，{safe(row['addressee'])}")
    if row["notice"]:
        tell(safe(row["notice"]))
    if row.get("same_number"):
        tell(safe(row["same_number"]))


def say_steps(row: dict[str, Any]) -> None:
    """The steps of a letter with who and when."""
    for each in row["steps"]:
        left_out = "（略过）" if each["skipped"] else ""
        say(f"  {each['at']} {each['step_label']}{left_out} {safe(each['person'])} {safe(each['note'])}")


def say_files(paths: list[Path], as_json: bool) -> None:
    """Files that were written."""
    if as_json:
        print_json([{"file": str(path)} for path in paths])
        return
    for path in paths:
        say(str(path))


@takedown.command("list", epilog=examples("takedown list", "takedown list --step sent --platform some_mall"))
def list_letters(
    platform: Annotated[str | None, typer.Option("--platform", metavar="NAME", help="Only this platform.")] = None,
    step: Annotated[
        str | None, typer.Option("--step", metavar="STEP", help="draft, checked, signed, sent, acknowledged, ...")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="urge, assist, refer, remind, withdraw, ...")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """List letters. Platform, step, due date, words of the last checks, last reply; newest first."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers

    with open_office() as office:
        rows = papers.list_letters(office, platform, step, kind)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"函 ({len(rows)})",
        ("编号", "文种", "平台", "现在", "条数", "发出", "期限", "逾期", "核验", "复函"),
        [
            (
                *(row["number"], row["kind_label"], row["platform"]),
                f"{row['step_label']}{'（与现认定不符）' if row['notice'] else ''}",
                *(row["count"], row["sent_at"]),
                f"{row['deadline_at'] or ''}{'（暂定）' if row['provisional'] else ''}",
                *(row["overdue"], row["words_label"], row["last_reply"]),
            )
            for row in rows
        ],
    )


@takedown.command("show", epilog=examples("takedown show ADW-TD-2026-0001"))
def show(number: Number, as_json: JsonFlag = False) -> None:
    """Show one letter. Its steps with who and when, mails, replies, letters about it, its listings."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers

    with open_office() as office:
        row = papers.show_letter(office, number)
    if as_json:
        print_json([row])
        return
    answer(row, False)
    say(
        f"  文号 {row['document_number'] or '待编'} 签发人 {row['signatory'] or '-'} 日期 {row['document_date'] or '-'}"
    )
    if row["replaced"]:
        say(f"  {row['replaced']} 条已由 {'、'.join(row['replaced_by'])} 再次发函，本函不再催办这些")
    provisional = "（暂定）" if row["provisional"] else ""
    say(f"  期限 {row['deadline_at'] or '未规定'}{provisional} {safe(row['deadline_source'])}")
    say_steps(row)
    for each in row["mails"]:
        say(f"  邮件 {each['message_id']} {each['outcome_label']} {safe(each['answer'])}")
    for each in row["replies"]:
        about = "全部" if each["seqs"] is None else f"序号 {'、'.join(map(str, each['seqs']))}"
        say(f"  {each['at']} 复函 {each['kind_label']}（{about}）{safe(each['reason'])} {len(each['files'])} 个附件")
    for each in [*row["files"], *(file for reply in row["replies"] for file in reply["files"])]:
        if each["erased"]:
            say(f"  附件 {safe(each['name'])} {each['erased']}")
    for each in row["letters"]:
        say(f"  {each['number']} {each['kind_label']} {each['step_label']}")
    print_table(
        "清单",
        ("序号", "线索", "链接", "标题", "核验", "复函"),
        [(r["seq"], r["lead_number"], r["url"], r["title"], r["word_label"], r["answer"]) for r in row["listings"]],
    )


@takedown.command("files", epilog=examples("takedown files ADW-TD-2026-0001 --out letters"))
def write_files(
    number: Number,
    out: Out = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a letter's files. The .docx with what was entered, the list (XLSX), JSON, X-ARF, and a mail (.eml)."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers

    with open_office() as office, progress_bar("制作文书"):
        paths = papers.write(office, number, out)
    say_files(paths, as_json)


@takedown.command("check", epilog=examples("takedown check ADW-TD-2026-0001 --by 李建国"))
def check(number: Number, by: By, unit: Unit = None, note: Note = "", as_json: JsonFlag = False) -> None:
    """审核: somebody looked the letter through. Refused where what it says of a case no longer holds."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers
    from adwatch.models import Actor

    with open_office() as office:
        answer(papers.check(office, number, Actor(by, office.unit(unit)), note), as_json)


@takedown.command(
    "sign",
    epilog=examples("takedown sign ADW-TD-2026-0001 --by 王芳 --document-number 某市监函〔2026〕12号 --signatory 张局"),
)
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
    """签发用印: the letter was signed and sealed."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers
    from adwatch.app.document_numbers import with_taken
    from adwatch.models import Actor

    given = {"document_number": document_number, "signatory": signatory, "document_date": date}
    with open_office() as office:
        row = papers.sign(office, number, Actor(by, office.unit(unit)), note, **given)
        answer(with_taken(office, row, given), as_json)


@takedown.command("enter", epilog=examples("takedown enter ADW-TD-2026-0001 --by 王芳 --scan sealed.pdf"))
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
    from adwatch.app import open_office
    from adwatch.app import takedown as papers
    from adwatch.app.document_numbers import with_taken
    from adwatch.models import Actor

    given = {"document_number": document_number, "signatory": signatory, "document_date": date}
    with open_office() as office:
        row = papers.enter(office, number, Actor(by, office.unit(unit)), given, scan)
        answer(with_taken(office, row, given), as_json)


@takedown.command("void", epilog=examples("takedown void ADW-TD-2026-0001 --by 王芳 --reason 一条已改为不属实"))
def void(number: Number, by: By, reason: Reason, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """作废: a letter that was not sent. Its number stays; the listings of a request are drafted again."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers
    from adwatch.models import Actor

    with open_office() as office:
        answer(papers.void(office, number, Actor(by, office.unit(unit)), reason), as_json)


@takedown.command(
    "send",
    epilog=examples(
        "takedown send ADW-TD-2026-0001 --by 王芳",
        "takedown send ADW-TD-2026-0001 --by 王芳 --to a@b.cn",
        "takedown send --due --by 王芳",
    ),
)
def send(
    by: By,
    number: Annotated[str, typer.Argument(metavar="[NUMBER]", help="Of a letter; or --due.", show_default=False)] = "",
    unit: Unit = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="ADDRESS", help="To whom; the address book if left out.")
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="All letters that may go out and have an address.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Send a letter by mail, or all that are due. Never twice: what is unclear after a crash, a person settles."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers
    from adwatch.models import Actor

    if bool(number) == due or (due and to):
        raise UsageError("write one NUMBER, or --due without --to")
    if due:
        _send_due(by, unit, as_json)
        return
    with open_office() as office, progress_bar("发送"):
        row = papers.send(office, number, Actor(by, office.unit(unit)), to or ())
    if as_json:
        print_json([row])
    else:
        say(f"{number}: {row['outcome_label']} {safe(row['answer'])}")
    if row["outcome"] != "accepted":
        raise typer.Exit(1)


def _send_due(by: str, unit: str | None, as_json: bool) -> None:
    from adwatch.app import open_office, takedown_send
    from adwatch.models import Actor

    with open_office() as office, progress_bar("发送"):
        rows, refused = takedown_send.send_due(office, Actor(by, office.unit(unit)))
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            say(f"{row['number']}: {row['outcome_label']} {safe(row['answer'])}")
        say(f"发出 {len(rows)} 件，未发 {len(refused)} 件")
    for each in refused:
        tell(safe(each))
    if refused:
        raise typer.Exit(1)


@takedown.command(
    "settle", epilog=examples("takedown settle ADW-TD-2026-0001 --accepted --by 王芳 --reason 平台电话确认已收到")
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
    """Record what was found out about an unclear mail. Accepted, the letter counts as sent; else it may be sent."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers
    from adwatch.models import Actor

    with open_office() as office:
        answer(papers.settle(office, number, accepted, Actor(by, office.unit(unit)), reason), as_json)
