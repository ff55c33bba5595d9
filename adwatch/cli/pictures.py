"""Verbs of listings' pictures: pictures read, pictures status, pictures show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.output import JsonFlag, checked_day, examples, print_json, print_table, progress_bar, say, tell, today

pictures = typer.Typer(help="Pictures of listings (图片识读): words, codes, printed addresses.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(pictures, name="pictures")


@pictures.command("read", epilog=examples("pictures read --day 2026-11-22"))
def read(
    day: Annotated[str | None, typer.Option("--day", metavar="DATE", help="YYYY-MM-DD; today if left out.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Read the pictures of listings 识读图片. Those of flagged and doubtful listings and of sellers with hits come
    first, then the rest while the day's budget lasts; a run that was cut off is gone on with.
    """
    from adwatch.app import open_office
    from adwatch.app import pictures as work

    with open_office() as office:
        chosen = checked_day(day, office.settings) if day else today(office.settings)
        with progress_bar("识读图片") as advance:
            report = work.read_pictures(office, chosen, advance)
    if as_json:
        print_json([work.as_row(chosen, report)])
        return
    rows = [(work.ADDRESS_WORDS.get(word, word), word, number) for word, number in sorted(report.counts.items())]
    print_table(f"图片 {chosen}（{report.kept} 条信息）", ("结果", "word", "张"), rows)
    left = report.dropped.total()
    if left:
        say(f"{left} 张留待以后（当日限额或平台暂不可用）")
    for note in report.notes:
        tell(f"adwatch: {note}")


@pictures.command("status", epilog=examples("pictures status"))
def status(
    day: Annotated[str | None, typer.Option("--day", metavar="DATE", help="YYYY-MM-DD; today if left out.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say how many listings wait for their pictures, and what came of those that were asked for."""
    from adwatch.app import open_office
    from adwatch.app import pictures as work

    with open_office() as office:
        row = work.status(office, checked_day(day, office.settings) if day else today(office.settings))
    if as_json:
        print_json([row])
        return
    say(f"待识读 {row['waiting']:,} 条信息；当日已看 {row['today']:,} 张")
    for word, number in row["words"].items():
        say(f"{work.ADDRESS_WORDS.get(word, word)} ({word}): {number:,}")
    if row["missing"]:
        tell(f"adwatch: pictures are not read: {row['missing']}")


@pictures.command("show", epilog=examples("pictures show 海报.png"))
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A picture: JPEG, PNG, WebP, BMP or GIF.")],
    day: Annotated[
        str | None, typer.Option("--day", metavar="DATE", help="For the register of official sites.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Read one picture file and say what it comes to. Nothing is stored; personal data is masked."""
    from adwatch.app import open_office
    from adwatch.app import picture_show as work

    with open_office() as office:
        chosen = checked_day(day, office.settings) if day else today(office.settings)
        row = work.show_file(office, file, chosen)
    if as_json:
        print_json([row])
        return
    say(f"{row['format']} {row['width']}×{row['height']}，判定 {row['band']}，{row['score']:.2f} 分")
    print_table("文字", ("行", "置信度", "位置"), [(e["text"], e["score"], e["box"]) for e in row["lines"]])
    if row["codes"]:
        shown = [(e["how"], e["content"], e["verdict"], "；".join(e["why"])) for e in row["codes"]]
        print_table("码与网址", ("来源", "内容", "判定", "理由"), shown)
    for each in row["numbers"]:
        say(f"证书编号 {each['masked']} {each['label']}：{each['word']} {'；'.join(each['reasons'])}")
