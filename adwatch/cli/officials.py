"""Verbs of the register of official look-ups, and the filter that finds look-alikes among hosts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.output import JsonFlag, checked_day, examples, print_json, print_table, say

officials = typer.Typer(help="Official look-ups (官方查询渠道) and hosts that imitate them.", no_args_is_help=True)

WORDS = {
    "official": "官方",
    "official_once": "曾为官方",
    "look_alike": "疑似仿冒",
    "other": "其他",
    "not_registered": "不在登记册",
}


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(officials, name="officials")


@officials.command("check", epilog=examples("officials check"))
def check(as_json: JsonFlag = False) -> None:
    """Check the register. What is wrong is named by line and column."""
    from adwatch.app import officials as work
    from adwatch.app import open_office

    with open_office() as office:
        row = work.check(office)
    if as_json:
        print_json([row])
    else:
        say(f"{row['file']}: {row['entries']} 条，今日有效 {row['valid_today']} 条")


@officials.command("on", epilog=examples("officials on 2018-06-01 www.lnsafety.gov.cn"))
def on(
    day: Annotated[str, typer.Argument(metavar="DATE", help="YYYY-MM-DD.")],
    host: Annotated[str, typer.Argument(metavar="HOST", help="Host or URL.")],
    as_json: JsonFlag = False,
) -> None:
    """Say whether a host was official on a day."""
    from datetime import date

    from adwatch.app import officials as work
    from adwatch.app import open_office

    with open_office() as office:
        row = work.on(office, date.fromisoformat(checked_day(day, office.settings)), host)
    if as_json:
        print_json([row])
    else:
        about = f" {row['source']}（{row['region']}）{row['note']}" if "source" in row else ""
        say(f"{row['host']}: {WORDS[row['verdict']]}{about}")


@officials.command(
    "add", epilog=examples("officials add cx.some.gov.cn --families special_operations --source 某省应急管理厅")
)
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Host, or name of the account or mini program.")],
    families: Annotated[
        list[str], typer.Option("--families", metavar="FAMILY", help="Family that it may confirm; may repeat.")
    ],
    source: Annotated[str, typer.Option("--source", metavar="TEXT", help="Authority that runs it, or document.")],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="host, account or mini_program.")] = "host",
    region: Annotated[str, typer.Option("--region", metavar="TEXT", help="Where it is competent.")] = "",
    valid_from: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day.")] = "",
    valid_to: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day.")] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What is to be known of it.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Add to the office's own register, in ADWATCH_DATA/tables."""
    from adwatch.app import officials as work
    from adwatch.app import open_office

    row = {"kind": kind, "name": name, "families": " ".join(families), "region": region, "source": source, "note": note}
    with open_office() as office:
        done = work.add(office, {**row, "valid_from": valid_from, "valid_to": valid_to})
    if as_json:
        print_json([done])
    else:
        say(f"{done['kind_label']} {done['name']} 已登记，共 {done['entries']} 条: {done['file']}")


@officials.command("page", epilog=examples("officials page saved.html --url http://cx-mem-gov.example/"))
def page(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The page as it was saved.")],
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Address that it was opened at.")],
    day: Annotated[
        str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="As of this day; today if left out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say why a saved page looks like a false look-up, or does not. The page is only read."""
    from datetime import date

    from adwatch.app import officials as work
    from adwatch.app import open_office

    with open_office() as office:
        when = date.fromisoformat(checked_day(day, office.settings)) if day else work.today(office)
        row = work.page(office, file, url, when)
    if as_json:
        print_json([row])
        return
    say(f"{row['word_label']}  {row['score']:.1f} 分")
    print_table("", ("分值", "依据"), [(f"{each['points']:+.1f}", each["why"]) for each in row["points"]])
    if row["filings"]:
        say(f"备案号: {'、'.join(row['filings'])}")


@officials.command("score", epilog=examples("officials score --day 2026-11-28 < hosts.txt"))
def score(
    day: Annotated[
        str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="As of this day; today if left out.")
    ] = None,
) -> None:
    """Filter: a host or URL a line in, a JSON line out. Verdict official, official_once, look_alike or other."""
    from datetime import date

    import orjson

    from adwatch.app import officials as work
    from adwatch.app import open_office

    with open_office() as office:
        when = date.fromisoformat(checked_day(day, office.settings)) if day else work.today(office)
        data = office.settings.data
    lines = (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
    out = sys.stdout.buffer
    for row in work.scores(data, lines, when):
        out.write(orjson.dumps(row) + b"\n")
    out.flush()
