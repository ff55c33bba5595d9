"""Verbs of subjects (主体): list, show, merge, split, undo, rebuild."""

from __future__ import annotations

from typing import Annotated

import typer

from adwatch.cli.output import MOST, JsonFlag, case_number, examples, print_json, print_table, progress_bar, safe, say

subject = typer.Typer(help="Sellers (主体): which accounts are one, and why; merge, split, undo.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in your words.")]
Number = Annotated[str, typer.Argument(metavar="ID", help="Number (编号) of a subject, as subject list shows it.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(subject, name="subject")


def _number(text: str) -> int:
    return case_number(text, "主体", "adwatch subject list")


@subject.command("list", epilog=examples("subject list", "subject list --contact 13800138000"))
def list_subjects(
    contact: Annotated[str | None, typer.Option("--contact", metavar="TEXT", help="Only those that show it.")] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=MOST, help="At most so many.")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """List subjects, those with most cases first."""
    from adwatch.app import open_office, subjects

    with open_office() as office:
        rows = subjects.list_subjects(office, limit, contact=contact)
    if as_json:
        print_json(rows)
        return
    names = ("编号", "店铺", "案件", "状态", "账号", "平台", "联系方式")
    cells = [
        (
            *(row["subject_id"], row["name"], row["cases"], "、".join(f"{k}{v}" for k, v in row["states"].items())),
            *(row["accounts"], "、".join(row["platforms"]), "、".join(row["contacts"])),
        )
        for row in rows
    ]
    print_table(f"主体 ({len(rows)})", names, cells)


@subject.command("show", epilog=examples("subject show 12"))
def show(number: Number, as_json: JsonFlag = False) -> None:
    """Show one subject. Accounts on all platforms, listings, what links them, what persons said, who else it may be."""
    from adwatch.app import open_office, subjects

    with open_office() as office:
        found = subjects.show_subject(office, _number(number))
        drawn = subjects.graph(office, found)
    if as_json:
        print_json([{**found, "graph": {name: drawn[name] for name in ("nodes", "edges", "left_out")}}])
        return
    merged = f"（{found['asked']} 已并入）" if found["asked"] != found["subject_id"] else ""
    say(f"主体 {found['subject_id']}{merged}: {found['cases']} 件 {found['states']}")
    say(f"  联系方式: {safe('、'.join(found['contacts'])) or '-'}")
    accounts = [(each["account_id"], each["platform"], each["seller_name"]) for each in found["accounts"]]
    print_table("账号", ("账号编号", "平台", "店铺"), accounts)
    shared = [(each["label"], each["shown"], "、".join(map(str, each["accounts"]))) for each in found["shared"]]
    print_table("关联依据", ("依据", "内容", "账号编号"), shared)
    listings = [
        (each["case_id"], each["state_label"], each["platform"], each["title"], each["opened_day"], each["account_id"])
        for each in found["listings"]
    ]
    print_table("案件", ("编号", "状态", "平台", "标题", "发现", "账号编号"), listings)
    for rule in found["rules"]:
        undone = f"（已由第 {rule['undone_by']} 号撤销）" if rule["undone_by"] else ""
        say(f"  第 {rule['id']} 号{rule['label']} {safe(rule['person'])} {safe(rule['reason'])}{undone}")
    for each in found["near"]:
        say(f"  可能相关: 主体 {each['subject_id']} {'、'.join(each['kinds'])}")


@subject.command("merge", epilog=examples("subject merge 12 15 --by 王芳 --reason 同一人收款"))
def merge(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Two subjects or more.")],
    by: By,
    reason: Reason,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Say that subjects are one seller. It holds whatever the machine finds later."""
    from adwatch.app import open_office, subjects
    from adwatch.models import Actor

    with open_office() as office:
        done = subjects.merge(office, [_number(each) for each in ids], Actor(by, office.unit(unit)), reason)
    _told(done, f"已合并为主体 {done['subject_id']}（第 {done['rule']} 号）", as_json)


@subject.command("split", epilog=examples("subject split 12 --account 34 --account 35 --by 王芳 --reason 盗图"))
def split(
    number: Number,
    accounts: Annotated[list[str], typer.Option("--account", metavar="ID", help="Account (账号编号) that is another.")],
    by: By,
    reason: Reason,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Say that accounts are another seller. The machine never joins them with the others again."""
    from adwatch.app import open_office, subjects
    from adwatch.models import Actor

    with open_office() as office:
        out = [_number(each) for each in accounts]
        done = subjects.split(office, _number(number), out, Actor(by, office.unit(unit)), reason)
    _told(done, f"已拆出主体 {done['new_subject_id']}（第 {done['rule']} 号）", as_json)


@subject.command("undo", epilog=examples("subject undo 3 --by 王芳 --reason 弄错了"))
def undo(
    rule: Annotated[str, typer.Argument(metavar="NUMBER", help="Number (第…号) of a merge or split.")],
    by: By,
    reason: Reason,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Undo a merge or split. It stays in the history with the undo beside it."""
    from adwatch.app import open_office, subjects
    from adwatch.models import Actor

    with open_office() as office:
        done = subjects.undo(office, _number(rule), Actor(by, office.unit(unit)), reason)
    _told(done, f"已撤销第 {done['rule']} 号（第 {done['undo']} 号）", as_json)


def _told(done: dict[str, object], said: str, as_json: bool) -> None:
    if as_json:
        print_json([done])
    else:
        say(said if done["changed"] else "已是如此，未作改动")


@subject.command("rebuild", epilog=examples("subject rebuild"))
def rebuild(as_json: JsonFlag = False) -> None:
    """Link everything anew, as after a change of links.csv. What persons merged and split stays so."""
    from adwatch.app import open_office, subjects

    with open_office() as office, progress_bar("link") as progress:
        done = subjects.rebuild(office, progress)
    if as_json:
        print_json([done])
    else:
        say(f"重新关联 {done['linked']} 条，共 {done['subjects']} 个主体")
