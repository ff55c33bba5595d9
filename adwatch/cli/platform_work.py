"""Verbs for whoever writes a platform file: its cases recorded and replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adwatch.cli.output import (
    DayOption,
    JsonFlag,
    checked_day,
    examples,
    finish,
    print_json,
    print_table,
    progress_bar,
    safe,
    say,
)
from adwatch.cli.platform_view import show_draft


def register(platforms: typer.Typer) -> None:
    """Add the verbs to the group."""
    platforms.command(
        "new",
        epilog=examples("platforms new https://shop.example/new", "platforms new http://127.0.0.1:8802/ --private"),
    )(new)
    platforms.command("plan", epilog=examples("platforms plan jd", "platforms plan jd --day 2026-11-22"))(plan)
    platforms.command("test", epilog=examples("platforms test", "platforms test corner_shop"))(test)
    platforms.command(
        "record",
        epilog=examples(
            "platforms record corner_shop", "platforms record corner_shop --url https://shop.example/i/7 --case gone"
        ),
    )(record)


def new(
    url: Annotated[str, typer.Argument(metavar="URL", help="Front page or, better, a list of the newest items.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Name of the file; else made of the host.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="The host lies in our own network and may be asked.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the file; else ADWATCH_DATA/platforms.")
    ] = None,
    day: DayOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a platform file. A polite look at the site (robots, feeds, sitemap, structured data, known software, lists)
    shows how it can be read; the draft is commented and switched off until a person has read it.
    """
    from adwatch.app import open_office
    from adwatch.app import platform_files as work

    with open_office() as office, progress_bar("看一看", None, "pages"):
        found = work.new(office, url, checked_day(day, office.settings), name=name, private=private, out=out)
        zone = office.settings.zone
    if as_json:
        print_json([found])
    else:
        show_draft(found, zone)
    if not found["samples"]:
        raise typer.Exit(3)


def test(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Platform files; all that have cases if left out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Replay recorded cases. What a platform file reads out of each recorded page is compared with what it should."""
    from adwatch.app import open_office
    from adwatch.app import platform_files as work

    with open_office() as office:
        rows = work.test(office, names)
    if as_json:
        print_json(rows)
    else:
        heads = ("平台 platform", "案例 case", "信息 listings", "结果")
        cells = [(row["platform"], row["case"], row["listings"], _result(row)) for row in rows]
        print_table("回放 cases", heads, cells)
        for row in rows:
            for line in row["wrong"][:20]:
                say(f"  ! {row['platform']}/{row['case']}: {safe(line)}")
        if len(names or ()) == 1 and not any(row["wrong"] for row in rows):
            say(f"可以巡查了 adwatch patrol --platform {rows[0]['platform']}")
    if any(row["wrong"] for row in rows):
        raise typer.Exit(3)


def _result(row: dict[str, Any]) -> str:
    return f"不符 {len(row['wrong'])} 处" if row["wrong"] else "相符 ok"


def record(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a platform file.")],
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="This archived page; else the newest list and item.")
    ] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="CASE", help="Name of the case's folder.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of cases; else ADWATCH_DATA/cases.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Record archived pages as cases. Contacts, ID numbers, sellers' names and tokens are masked; nothing is fetched.
    What is expected is what the file reads now: compare it with the page before you keep it.
    """
    from adwatch.app import open_office
    from adwatch.app import platform_files as work

    with open_office() as office:
        report, rows = work.record_cases(office, name, url=url, case=case, out=out)
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            say(f"{row['folder']}: {row['listings']} 条信息 listings，{row['links']} 个链接 links")
            if not row["listings"] and not row["links"]:
                say("  ! 存档的列表页上都没有条目 no archived list page has items; 先用有结果的词巡查或检查，再记录")
            if row["unmasked"]:
                say(f"  ! 太短、未遮盖的卖家名 too short to mask: {safe('、'.join(row['unmasked']))}")
        if rows:
            say("请逐项核对 expected.json 与网页是否一致（时间是 UTC，卖家已遮盖为“某某”，列表页只有链接）；")
            say("再运行 adwatch platforms test " + name)
    finish(report)


def plan(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the platform file.")],
    day: DayOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the search terms of a day in their order. With what each found before."""
    from adwatch.app import open_office, term_plan

    with open_office() as office:
        day = checked_day(day, office.settings)
        rows = term_plan.show(office, name, day)
    if as_json:
        print_json(rows)
        return
    heads = ("序 place", "搜索词 term", "缘由 why", "上次 last", "应答 answers", "新命中 new hits")
    whys = {"best": "命中多 best", "turn": "轮到 turn", "rests": "改日 rests"}
    cells = [
        [row["place"] or "–", safe(row["term"]), whys[row["why"]], row["last_day"] or "–", row["pages"], row["hits"]]
        for row in rows
    ]
    print_table(f"{name} {day} 搜索词安排", heads, cells)
