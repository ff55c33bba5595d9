"""Verbs that prove what was done: audit verify, list, export; evidence root, stamp."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.maintain import evidence
from adwatch.cli.output import (
    MOST,
    JsonFlag,
    checked_day,
    examples,
    print_json,
    print_table,
    safe,
    say,
    say_facts,
    tell,
)

audit = typer.Typer(help="The audit log: who did what, chained; whether it still stands.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(audit, name="audit")


@audit.command("verify", epilog=examples("audit verify"))
def verify(
    head: Annotated[
        str | None, typer.Option("--head", metavar="SHA256", help="A digest noted earlier, which must be in the chain.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check the chain of the audit log. Names the first entry altered, removed, inserted or reordered."""
    from adwatch.app import audit as work
    from adwatch.app import open_office

    with open_office() as office:
        result = work.verify(office, head)
    fault = result["fault"]
    if as_json:
        print_json([result])
    else:
        if fault:
            tell(f"第 {fault['seq']} 条 entry {fault['seq']}: {fault['word']}: {safe(fault['message'])}")
        word = "断裂 broken" if fault else "完整 whole"
        say(f"审计链{word}：{result['entries']:,} 条，末条摘要 {result['head']}")
    if fault:
        raise typer.Exit(3)


@audit.command("list", epilog=examples("audit list", "audit list --subject case:12"))
def list_entries(
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="KIND[:NUMBER]", help="case, takedown, export or day; case:12.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=MOST, help="The newest N.")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """The newest entries of the audit log."""
    from adwatch.app import audit as work
    from adwatch.app import open_office

    with open_office() as office:
        rows = work.entries(office, subject, limit)
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            row["seq"],
            row["at"],
            row["person"],
            row["unit"] or "",
            " ".join(dict.fromkeys((row["action_label"], row["action"]))),
            f"{row['subject']}:{row['subject_id']}",
            row["sha256"][:16],
        )
        for row in rows
    ]
    print_table("审计日志", ("序号", "时间", "人员", "单位", "操作", "对象", "摘要"), cells)


@audit.command("export", epilog=examples("audit export --to audit.jsonl"))
def export(
    file: Annotated[Path, typer.Option("--to", metavar="FILE", help="File to write, JSON lines.")],
    as_json: JsonFlag = False,
) -> None:
    """Write the whole audit log with its digests. Kept elsewhere, it proves the log as it was that day."""
    from adwatch.app import audit as work
    from adwatch.app import open_office

    with open_office() as office:
        done = work.export(office, file)
    if as_json:
        print_json([done])
    else:
        say_facts(done)


@evidence.command("root", epilog=examples("evidence root --day 2026-11-22"))
def root(
    day: Annotated[str, typer.Option("--day", metavar="YYYY-MM-DD", help="A day that is over.")],
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who asks; the machine if left out.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="Unit; by default ADWATCH_UNIT.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """One digest over a day's captures and audit entries. Kept in the audit log, compared with those kept before."""
    from adwatch.app import audit as work
    from adwatch.app import open_office

    with open_office() as office:
        done = work.day_root(office, checked_day(day, office.settings), by, unit)
    if as_json:
        print_json([done])
    else:
        for fault in done["faults"]:
            tell(f"{day}: {safe(fault)}")
        say(f"{day} 日根 root: {done['root']}（取证 {done['captures']:,} 件，审计 {done['entries']:,} 条）")
    if done["faults"]:
        raise typer.Exit(3)


@evidence.command("stamp", epilog=examples("evidence stamp --day 2026-11-22"))
def stamp(
    day: Annotated[str, typer.Option("--day", metavar="YYYY-MM-DD", help="A day whose root is kept.")],
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who asks; the machine if left out.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="Unit; by default ADWATCH_UNIT.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Have a day's root time-stamped (RFC 3161). A stamp that is kept is checked again, without network."""
    from adwatch.app import audit as work
    from adwatch.app import open_office

    with open_office() as office:
        done = work.day_stamp(office, checked_day(day, office.settings), by, unit)
    if as_json:
        print_json([done])
    else:
        say(f"{day} 日根的时间戳 time stamp: {done['time']}，核验一致")
