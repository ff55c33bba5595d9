"""Verbs of the tables that fall due: due, show, enter, import, submit, restate, export."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from adwatch.cli.output import (
    JsonFlag,
    case_of,
    checked_day,
    examples,
    finish,
    print_json,
    print_table,
    safe,
    say,
    tell,
)
from adwatch.errors import UsageError

report = typer.Typer(
    help="Tables that fall due (统计表): look, fill in, take in, submit, restate.", no_args_is_help=True
)

Form = Annotated[str, typer.Argument(metavar="FORM", help="Name of a table, as report due shows it.")]
Period = Annotated[str, typer.Argument(metavar="PERIOD", help="YYYY-MM of its last day; YYYY of a yearly table.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it (填报人).")]
Contact = Annotated[str, typer.Option("--contact", metavar="TEXT", help="联系方式 in the head of the sheet.")]
Issue = Annotated[
    int | None,
    typer.Option("--issue", metavar="N", min=1, help="As it was submitted: 1, or a restatement: 2 and later."),
]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(report, name="report")


@report.command("due", epilog=examples("report due", "report due --all --json"))
def due(
    everything: Annotated[bool, typer.Option("--all", help="Also what was submitted, or ended too early.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show what falls due. Tables of the next 40 days and those overdue, due days moved to working days."""
    from adwatch.app import open_office, reports

    with open_office() as office:
        rows = reports.due(office, everything)
    if as_json:
        print_json(rows)
    else:
        print_table(
            f"统计报表 ({len(rows)})",
            ("报表", "名称", "期次", "统计期间", "报送期限", "剩余天数", "状态"),
            [
                (
                    row["form"],
                    row["title"],
                    row["period"],
                    f"{row['first']} 至 {row['last']}",
                    row["due"] or f"{row['nominal']}（未按工作日顺延）",
                    row["days_left"],
                    row["state_label"],
                )
                for row in rows
            ],
        )
    if unknown := [row for row in rows if row["problem"]]:
        tell(f"{len(unknown)} 项的报送期限不能确定: {unknown[0]['problem']}")
        raise typer.Exit(1)


@report.command(
    "show",
    epilog=examples("report show two_monthly 2026-11", "report show two_monthly 2026-11 --cell removed"),
)
def show(
    form: Form,
    period: Period,
    cell: Annotated[
        str | None, typer.Option("--cell", metavar="COLUMN", help="What stands behind a column: its listings.")
    ] = None,
    issue: Issue = None,
    as_json: JsonFlag = False,
) -> None:
    """Show a table. As it now stands, with what has changed since it was submitted; or as it was submitted."""
    from adwatch.app import open_office, reports

    with open_office() as office:
        table = reports.content(office, form, period, issue)
        behind = reports.behind(office, table, cell) if cell else []
    if as_json:
        print_json(behind if cell else [table])
    elif cell:
        _print_behind(cell, behind)
    else:
        _print(table)


def _print(table: dict[str, Any]) -> None:
    shown = {
        name: cells
        for name, cells in table["shown"].items()
        if name not in table["departments"] or any(value is not None for value in cells.values())
    }
    print_table(
        f"{table['title']} {table['first']} 至 {table['last']}",
        ("列", "名称", *shown),
        [
            (
                column["id"],
                f"{column['group']} {column['heading']}".strip() + ("（计算）" if column["computed"] else ""),
                *(cells.get(column["id"]) for cells in shown.values()),
            )
            for column in table["columns"]
        ],
    )
    if table["issue"]:
        say(f"第{table['issue']}次报送，{safe(table['by'])}，{table['as_of_local']} {safe(table['reason'])}".rstrip())
    elif table["issues"]:
        say(f"已报送 {table['issues']} 次；以上为现在的数。")
    for change in table["changes"]:
        was = f"{safe(change['before'])} → {safe(change['after'])}"
        say(f"  与前次不同: {change['department']} {change['heading']} {was}")
    say(f"小结: {safe(table['narrative'])}")


def _print_behind(column: str, rows: list[dict[str, Any]]) -> None:
    print_table(
        f"{column} ({len(rows)})",
        ("部门", "线索编号", "平台", "标题", "链接", "计入日期"),
        [
            (
                row["department"],
                row["lead_number"] or row["case_id"],
                row["platform"],
                row["title"],
                row["url"],
                row["day"],
            )
            for row in rows
            if row["source"] == "computed"
        ],
    )
    for row in rows:
        if row["source"] == "entered":
            say(f"{row['department']}: {safe(row['value'])}，{safe(row['by'])} {row['at']} 填报")
        elif row["source"] == "declared":
            say(f"{row['department']}: {safe(row['unit'])}申报 {safe(row['value'])}")


@report.command(
    "enter",
    epilog=examples(
        "report enter two_monthly 2026-11 inspected 12 --by 王芳",
        "report enter two_monthly 2026-11 police 3 --department 公安 --by 王芳",
        "report enter two_monthly 2026-11 online_transferred --lead 12 --lead 15 --by 王芳",
    ),
)
def enter(
    form: Form,
    period: Period,
    column: Annotated[str, typer.Argument(metavar="COLUMN", help="Id of the column, as report show lists it.")],
    by: By,
    value: Annotated[str | None, typer.Argument(metavar="VALUE", help="Number or text.")] = None,
    department: Annotated[
        str | None, typer.Option("--department", metavar="NAME", help="Row (部门); our own if left out.")
    ] = None,
    lead: Annotated[
        list[str] | None,
        typer.Option("--lead", metavar="ID", help="Instead of VALUE: a confirmed case that was transferred."),
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="Day of the transfer; today if left out.")
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Count the leads in no column any more.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Fill in a cell. By hand, with who and when; or name transferred leads, each counted in one column only."""
    from adwatch.app import open_office, reports

    if (value is None) == (not lead):
        raise UsageError("write either VALUE or --lead ID")
    with open_office() as office:
        if lead:
            reports.chosen(office, form, period)
            reports.form_of(office, form).column(column)
            on = date.fromisoformat(checked_day(day, office.settings))
            numbers = [case_of(office, each) for each in lead]
            rows = reports.count_leads(office, form, None if withdraw else column, numbers, on, by)
        else:
            rows = [reports.enter(office, form, period, department, column, value or "", by)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        if lead:
            counted = "不再计入" if row["column"] is None else f"计入 {row['column']}"
            say(f"线索 {row['case_id']}: {counted} {row['day']}")
        else:
            say(f"{row['department']} {row['column']}: {safe(row['value'])}")
            if row["submitted_before"]:
                say("本期已报送；这一改动在 adwatch report restate 后才报出。")


@report.command("import", epilog=examples("report import two_monthly 2026-11 各县/*.xlsx --by 王芳"))
def hand_in(
    form: Form,
    period: Period,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="XLSX in the layout of report export.")],
    by: By,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="UNIT", help="Who filled it in, where its head does not say.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Take in sheets of counties and departments. They are added up; a unit's later sheet replaces its earlier one."""
    from adwatch.app import open_office, reports

    with open_office() as office:
        done, rows = reports.hand_in(office, form, period, files, unit, by)
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            said = "已导入" if row["new"] else "与该单位上次的文件相同"
            say(f"{row['file']}: {safe(row['unit'])} {said}，{row['rows']} 行，未采用 {row['refused']} 处")
    finish(done)


def _frozen(table: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json([table])
        return
    say(f"{table['title']} {table['period']}: 第{table['issue']}次报送，已冻结")
    for change in table["changes"]:
        say(f"  更正: {change['department']} {change['heading']} {safe(change['before'])} → {safe(change['after'])}")
    own = table["own"][table["own_department"]]
    empty = [column["id"] for column in table["columns"] if column["id"] not in own]
    if empty:
        tell(f"{table['own_department']}未填: {'、'.join(empty)}")
    say(f"下一步: adwatch report export {table['form']} {table['period']} --issue {table['issue']}")


@report.command("submit", epilog=examples("report submit two_monthly 2026-11 --by 王芳 --contact 科室电话"))
def submit(form: Form, period: Period, by: By, contact: Contact = "", as_json: JsonFlag = False) -> None:
    """Freeze a table. What was submitted can always be written again; later changes need a restatement."""
    from adwatch.app import open_office, reports

    with open_office() as office:
        table = reports.submit(office, form, period, by, contact)
    _frozen(table, as_json)


@report.command("restate", epilog=examples("report restate two_monthly 2026-11 --reason 某县补报 --by 王芳"))
def restate(
    form: Form,
    period: Period,
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why the figures differ.")],
    contact: Contact = "",
    as_json: JsonFlag = False,
) -> None:
    """State a submitted table anew. Says what differs from the last issue, and why; earlier issues stay."""
    from adwatch.app import open_office, reports

    with open_office() as office:
        table = reports.restate(office, form, period, by, contact, reason)
    _frozen(table, as_json)


@report.command(
    "export",
    epilog=examples("report export two_monthly 2026-11", "report export two_monthly 2026-11 --issue 1 --format csv"),
)
def export(
    form: Form,
    period: Period,
    fmt: Annotated[str, typer.Option("--format", metavar="FORM", help="xlsx, csv or json.")] = "xlsx",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder; reports/ in home if left out.")
    ] = None,
    issue: Issue = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a table's file. The draft as it now stands, or an issue as it was submitted, in the layout of the form."""
    from adwatch.app import open_office, reports

    with open_office() as office:
        file = reports.export(office, form, period, fmt, out, issue)
    if as_json:
        print_json([{"file": str(file)}])
    else:
        say(str(file))
