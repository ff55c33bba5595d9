"""Verbs of retention: evidence retention show, plan, hold, release, apply."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adwatch.cli.maintain import evidence
from adwatch.cli.output import JsonFlag, case_of, examples, print_json, print_table, say, say_facts

retention = typer.Typer(
    help="What is kept how long (保存期限): the policy, legal holds (保全), deletion by policy.", no_args_is_help=True
)

By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in your words.")]


def register(app: typer.Typer) -> None:
    """Add the verbs to ``evidence``."""
    del app
    evidence.add_typer(retention, name="retention")


@retention.command("show", epilog=examples("evidence retention show"))
def show(as_json: JsonFlag = False) -> None:
    """Show the policy, the holds, the last run, and what becomes of each WARC file that is old enough."""
    from adwatch.app import open_office
    from adwatch.app import retention as work

    with open_office() as office:
        found = work.show(office)
        zone = office.settings.zone
    if as_json:
        print_json([found])
        return
    print_table("保存期限", ("规则", "适用", "天数", "依据", "说明"), [list(row.values()) for row in found["rules"]])
    if last := found["last"]:
        when = last["at"].astimezone(zone).strftime("%Y-%m-%d %H:%M")
        say(f"上次执行 last run: {when} {last['person']}（{last['unit']}）: {_counted(last['deleted']) or '无可删除'}")
    holds = [
        (
            row["id"],
            row["case_id"] or "全部",
            row["reason"],
            row["placed_by"],
            row["placed_at"].astimezone(zone).strftime("%Y-%m-%d"),
            "已解除" if row["released_at"] else "保全中",
        )
        for row in found["holds"]
    ]
    print_table(f"保全 ({len(holds)})", ("编号", "案件号", "理由", "人员", "日期", "状态"), holds)
    files = [
        (
            row["file"],
            row["captures"],
            " ".join(f"{word}{count}" for word, count in row["stays"].items()) or "可删除",
            " ".join(map(str, row["to_package"])),
        )
        for row in found["files"]
    ]
    print_table(f"归档文件 ({len(files)})", ("文件", "取证", "保存原因", "须先打包的案件"), files)


@retention.command("plan", epilog=examples("evidence retention plan"))
def plan(as_json: JsonFlag = False) -> None:
    """Say what a run would delete, counted by kind and rule, and why the rest stays. Nothing is changed."""
    from adwatch.app import open_office
    from adwatch.app import retention as work

    with open_office() as office:
        found = work.plan(office)
    if as_json:
        print_json([found])
        return
    _print_kinds(found["kinds"])


def _print_kinds(kinds: list[dict[str, Any]]) -> None:
    rows = [(row["label"], _counted(row["may_go"]), _counted(row["stays"])) for row in kinds]
    print_table("保存期限：将删除的和须保存的", ("种类", "可删除（规则）", "须保存（原因）"), rows)


def _counted(counts: dict[str, int]) -> str:
    return "；".join(f"{word} {count:,}" for word, count in counts.items())


@retention.command("hold", epilog=examples("evidence retention hold --case 12 --reason 诉讼中 --by 张三"))
def hold(
    by: By,
    reason: Reason,
    case: Annotated[str | None, typer.Option("--case", metavar="ID", help="A case; else everything.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Hold everything.")] = False,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Keep a case from being deleted until the hold is released. With --all everything."""
    from adwatch.app import open_office
    from adwatch.app import retention as work
    from adwatch.errors import UsageError
    from adwatch.models import Actor

    if (case is None) != everything:
        raise UsageError("write --case ID, or --all to hold everything")
    with open_office() as office:
        number = case_of(office, case) if case is not None else None
        done = work.hold(office, number, reason, Actor(by, office.unit(unit)))
    if as_json:
        print_json([done])
    else:
        say_facts(done)


@retention.command("release", epilog=examples("evidence retention release 3 --reason 已结案 --by 张三"))
def release(
    number: Annotated[int, typer.Argument(metavar="HOLD", help="Number of a hold, as retention show shows it.")],
    by: By,
    reason: Reason,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Release a hold. What it protected follows the policy again."""
    from adwatch.app import open_office
    from adwatch.app import retention as work
    from adwatch.models import Actor

    with open_office() as office:
        done = work.release(office, number, reason, Actor(by, office.unit(unit)))
    if as_json:
        print_json([done])
    else:
        say_facts(done)


@retention.command(
    "apply", epilog=examples("evidence retention apply --dry-run --by 张三", "evidence retention apply --by 张三")
)
def apply(
    by: By,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Delete what has outlived the policy: WARC files, packages, texts, attachments. Logged; holds are obeyed."""
    from adwatch.app import open_office
    from adwatch.app import retention as work
    from adwatch.models import Actor

    with open_office() as office:
        done = work.apply(office, Actor(by, office.unit(unit)), dry_run)
    if as_json:
        print_json([done])
        return
    for case_id in done["packages"]:
        say(f"案件 {case_id}: {'将' if dry_run else '已'}打包")
    for name in done["deleted"]:
        say(f"{name}: {'将' if dry_run else '已'}删除")
    if dry_run:
        _print_kinds(done["kinds"])
    else:
        say(f"已删除内容: {_counted(done['erased']) or '无'}")
        if done["index"]:
            say(done["index"])
    say(f"{len(done['deleted'])} 个文件{'可' if dry_run else '已'}删除，{len(done['stays'])} 个到龄文件仍须保存")
