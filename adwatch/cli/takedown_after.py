"""Verbs of what follows a request (group ``takedown``): reply, reminders, withdraw, escalate; the address book."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.casework import By, Reason, Unit, takedown
from adwatch.cli.output import JsonFlag, checked_day, checked_time, examples, print_json, print_table, safe, say, tell
from adwatch.cli.takedown import Number, answer
from adwatch.errors import UsageError

Listings = Annotated[
    list[str] | None,
    typer.Option("--listing", metavar="N", help="Number in the letter's list (序号); several times; all if left out."),
]


def register(_app: typer.Typer) -> None:
    """The verbs are those of the group ``takedown``."""


@takedown.command(
    "reply",
    epilog=examples(
        "takedown reply ADW-TD-2026-0001 --kind accepted --by 王芳 --file 复函.pdf",
        "takedown reply ADW-TD-2026-0001 --kind refused --listing 2 --by 王芳 --reason 平台认为不属违法",
        "takedown reply ADW-TD-2026-0001 --kind refused --case ADW-2026-000002 --by 王芳 --reason 平台认为不属违法",
    ),
)
def reply(
    number: Number,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="acknowledged, accepted, refused or more.")],
    by: By,
    unit: Unit = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What the platform says.")] = "",
    listing: Listings = None,
    case: Annotated[
        list[str] | None,
        typer.Option("--case", metavar="ID", help="Case (id or lead number) of which it speaks; several times."),
    ] = None,
    file: Annotated[list[Path] | None, typer.Option("--file", metavar="FILE", help="A file of the reply.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="When it came; now if left out.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Record a platform's reply. 签收, 同意并已处置, 不予处置 (with its reason), 要求补充材料; with files."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers
    from adwatch.models import Actor

    with open_office() as office:
        when = checked_time(at, office.settings)
        actor = Actor(by, office.unit(unit))
        more = {"at": when, "reason": reason, "listings": listing or (), "cases": case or (), "paths": file or ()}
        row = papers.reply(office, number, kind, actor, **more)  # type: ignore[arg-type]
    if as_json:
        print_json([row])
    else:
        say(f"{number}: {row['kind_label']}（{row['about_label']}），现为{row['step_label']}")


@takedown.command("reminders", epilog=examples("takedown reminders"))
def reminders(as_json: JsonFlag = False) -> None:
    """List requests to be reminded of or escalated. By their deadlines and the rules of takedown_rules.csv."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers

    with open_office() as office:
        rows = papers.due_list(office)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"待催办 ({len(rows)})",
        ("编号", "平台", "未处置", "自", "已催办", "在办", "建议"),
        [
            (
                *(row["number"], row["platform"], row["listings"]),
                f"{row['since_local']}{'（暂定）' if row['provisional'] else ''}",
                *(row["reminders"], row["under_way"], row["action_label"]),
            )
            for row in rows
        ],
    )


@takedown.command("remind", epilog=examples("takedown remind --by 王芳", "takedown remind ADW-TD-2026-0001 --by 王芳"))
def remind(
    by: By,
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="NUMBER", help="Requests; all that are due if left out.")
    ] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft 催办函. Over what is neither gone nor answered as handled; it goes the steps of every letter."""
    from adwatch.app import open_office
    from adwatch.app import takedown_remind as papers
    from adwatch.models import Actor

    with open_office() as office:
        made = papers.remind(office, numbers or (), Actor(by, office.unit(unit)))
    if not made.rows and not as_json:
        say("没有需要催办的函。")
    for row in made.rows:
        answer(row, as_json)
    for note in made.notes:
        tell(safe(note))


@takedown.command(
    "withdraw", epilog=examples("takedown withdraw ADW-TD-2026-0001 --listing 2 --by 王芳 --reason 经复核不属实")
)
def withdraw(
    number: Number, by: By, reason: Reason, unit: Unit = None, listing: Listings = None, as_json: JsonFlag = False
) -> None:
    """Draft a 撤回函. For a wrong takedown; once sent it is counted, and the cases' 下架 track is closed."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers
    from adwatch.models import Actor

    with open_office() as office:
        answer(papers.withdraw(office, number, Actor(by, office.unit(unit)), listing or (), reason), as_json)


@takedown.command(
    "correct",
    epilog=examples("takedown correct ADW-TD-2026-0001 --listing 2=店铺甲=店铺乙 --by 王芳 --reason 店铺名称误写"),
)
def correct(
    number: Number,
    by: By,
    reason: Reason,
    listing: Annotated[
        list[str], typer.Option("--listing", metavar="N=WAS=IS", help="序号=原文所载=更正为; several times.")
    ],
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a 更正函. For what a letter said wrongly; once sent it is counted."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers
    from adwatch.models import Actor

    corrections: dict[str, tuple[str, str]] = {}
    for each in listing:
        parts = each.split("=", 2)
        if len(parts) != 3 or not all(part.strip() for part in parts):
            raise UsageError(f"--listing {each!r}: write N=WAS=IS, such as 2=店铺甲=店铺乙")
        corrections[parts[0].strip()] = (parts[1], parts[2])
    with open_office() as office:
        answer(papers.correct(office, number, Actor(by, office.unit(unit)), corrections, reason), as_json)


@takedown.command(
    "escalate",
    epilog=examples("takedown escalate ADW-TD-2026-0001 --to cyberspace --by 王芳 --reason 平台逾期未处置"),
)
def escalate(
    number: Number,
    to: Annotated[str, typer.Option("--to", metavar="ID", help="An id of takedown_escalations.csv.")],
    by: By,
    reason: Reason,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a 提请处置函. To 网信, 通信管理, 公安, as the office's table names them."""
    from adwatch.app import open_office
    from adwatch.app import takedown_remind as papers
    from adwatch.models import Actor

    with open_office() as office:
        row = papers.escalate(office, number, to, Actor(by, office.unit(unit)), reason)
    answer(row, as_json)
    if row["left_out"]:
        tell(safe(row["left_out"]))


@takedown.command("contacts", epilog=examples("takedown contacts", "takedown contacts --on 2026-07-01"))
def contacts(
    on: Annotated[
        str | None, typer.Option("--on", metavar="DAY", help="As in force on that day; today if left out.")
    ] = (None),
    as_json: JsonFlag = False,
) -> None:
    """Show the address book. Company, 信用代码, domicile, way, deadline and its source; mistakes by line."""
    from adwatch.app import open_office
    from adwatch.app.address_book import address_book

    with open_office() as office:
        day = None if on is None else date.fromisoformat(checked_day(on, office.settings, "--on"))
        rows, problems = address_book(office, day)
    if as_json:
        print_json([*rows, *problems])
    else:
        print_table(
            f"平台 ({len(rows)})",
            ("平台", "经营者", "信用代码", "住所地", "发函", "邮箱", "期限", "期限来源", "有效期"),
            [
                (
                    *(row["platform"], row["company"] or row["label"], row["uscc"], row["domicile"]),
                    *(row["kind_label"], row["email"], row["deadline"], row["deadline_source"]),
                    "—".join(row[name] or "" for name in ("valid_from", "valid_to")).strip("—"),
                )
                for row in rows
            ],
        )
    for each in problems:
        tell(f"{each['file']}:{each['line']}: {safe(each['message'])}")
    if problems:
        raise typer.Exit(1)


@takedown.command("figures", epilog=examples("takedown figures --json"))
def figures(as_json: JsonFlag = False) -> None:
    """Count letters by kind and step. And the wrong takedowns that were mended (撤回, 更正)."""
    from adwatch.app import open_office
    from adwatch.app import takedown as papers

    with open_office() as office:
        row = papers.figures(office)
    if as_json:
        print_json([row])
        return
    counted = [(each["kind_label"], each["step_label"], each["count"]) for each in row["letters"]]
    print_table("函", ("文种", "现在", "件数"), counted)
    mended = row["mended"]
    say(f"撤回 {mended['withdraw']} 件，更正 {mended['correct']} 件，涉及 {mended['listings']} 条")
