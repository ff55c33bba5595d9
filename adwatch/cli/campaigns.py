"""Verbs of campaigns (专项行动): list, show, assign, enter."""

from __future__ import annotations

from typing import Annotated

import typer

from adwatch.cli.output import JsonFlag, case_of, examples, finish, print_json, print_table, safe, say

campaign = typer.Typer(help="Campaigns (专项行动): their cases and their indicators.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of its file in ADWATCH_DATA/campaigns.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(campaign, name="campaign")


@campaign.command("list", epilog=examples("campaign list"))
def list_campaigns(as_json: JsonFlag = False) -> None:
    """Show the campaigns. Document, period, members."""
    from adwatch.app import campaigns, open_office

    with open_office() as office:
        rows = campaigns.listed(office)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"专项行动 ({len(rows)})",
        ("名称", "标题", "文号", "起止", "进行中", "成员"),
        [
            (r["name"], r["title"], r["document"], f"{r['first']} 至 {r['last']}", r["running"], r["members"])
            for r in rows
        ],
    )
    if not rows:
        say("没有专项行动：在 ADWATCH_DATA/campaigns 中写一个 YAML 文件（docs/casework.md）。")


@campaign.command("show", epilog=examples("campaign show jiazheng2026"))
def show(name: Name, as_json: JsonFlag = False) -> None:
    """Show a campaign. Its cases by state and its indicators, by department and county."""
    from adwatch.app import campaigns, open_office

    with open_office() as office:
        row = campaigns.show(office, name)
    if as_json:
        print_json([row])
        return
    say(f"{row['title']}（{row['document']}）{row['first']} 至 {row['last']}")
    say(f"  案件 {row['cases']}: " + "、".join(f"{state} {count}" for state, count in row["states"].items()))
    for each in row["due"]:
        say(f"  {each['day']} {safe(each['what'])}（剩 {each['days_left']} 天）")
    print_table(
        "指标",
        ("指标", "名称", "数值", "目标", "来源", "分部门", "分县区"),
        [
            (
                each["id"],
                each["label"],
                f"{each['value']}{each['unit']}",
                each["target"],
                {"computed": "系统计算", "table": "统计表", "entered": "人工填写", "bulletins": "已发通报"}[
                    each["kind"]
                ],
                "、".join(f"{part['department'] or '本单位'} {part['value']}" for part in each["departments"]),
                "、".join(f"{part['county']} {part['value']}" for part in each["counties"]),
            )
            for each in row["indicators"]
        ],
    )


@campaign.command("assign", epilog=examples("campaign assign jiazheng2026 12 13 --by 王芳"))
def assign(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the campaign; - for none.")],
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Cases, by 案件号 or 线索编号 (ADW-…).")],
    by: By,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Let cases belong to a campaign. A case belongs to one; - takes it out."""
    from adwatch.app import campaigns, open_office
    from adwatch.models import Actor

    with open_office() as office:
        numbers = [case_of(office, each) for each in ids]
        report = campaigns.assign(office, None if name == "-" else name, numbers, Actor(by, office.unit(unit)))
    if as_json:
        print_json([{"assigned": report.kept, **report.counts, "notes": report.notes}])
    else:
        say(f"{report.kept} 件归入 {name}")
    finish(report)


@campaign.command(
    "enter", epilog=examples("campaign enter jiazheng2026 rectified 12 --department 应急管理 --county 甲县 --by 王芳")
)
def enter(
    name: Name,
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR", help="Id of the indicator (campaign show).")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="A number.")],
    department: Annotated[str, typer.Option("--department", metavar="NAME", help="Whose figure.")],
    by: By,
    county: Annotated[
        str, typer.Option("--county", metavar="NAME", help="Of which county; none: the prefecture.")
    ] = "",
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Enter an indicator by hand. One figure a department and county; the last holds, earlier ones are kept."""
    from adwatch.app import campaigns, open_office
    from adwatch.models import Actor

    with open_office() as office:
        row = campaigns.enter(office, name, indicator, value, department, county, Actor(by, office.unit(unit)))
    if as_json:
        print_json([row])
    else:
        say(f"{row['indicator']} {row['department']} {row['county']}: {row['value']}".replace(" :", ":"))
