"""Verbs of the keyword lists: check, try, import, approve, hunt back, judge anew, find slang."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.keyword_view import print_dry_run, print_edited, print_suggestions, print_versions
from adwatch.cli.output import (
    MOST,
    DayOption,
    JsonFlag,
    checked_day,
    examples,
    finish,
    print_json,
    print_table,
    progress_bar,
    say,
)

keywords = typer.Typer(
    help="Keyword lists: check, dry-run before approval, import, approve, suggest slang, accept.", no_args_is_help=True
)
KindOption = Annotated[str, typer.Option("--kind", help="Part that the word plays (keywords/README.md).")]
WeightOption = Annotated[int, typer.Option("--weight", min=1, max=3, help="3 says it alone, 1 hardly.")]
ForOption = Annotated[str | None, typer.Option("--for", help="Offer class or certificate family it speaks for.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(keywords, name="keywords")
    app.command("retrohunt")(retrohunt)
    app.command("reclassify", epilog=examples("reclassify", "reclassify --platform some_mall --since 2026-10"))(
        reclassify
    )


def retrohunt(
    what: Annotated[str, typer.Argument(help="A word, or the file of a list's new version (.txt).")],
    day: DayOption = None,
    kind: KindOption = "promise",
    weight: WeightOption = 3,
    speaks_for: ForOption = None,
    as_json: JsonFlag = False,
) -> None:
    """回溯: look for a new word, or a list's new version, in all stored listings; new hits open cases, found late.

    The index names the candidates, in any writing of the word; only these are judged. Run again, it goes on.
    """
    from adwatch.app import open_office
    from adwatch.app import retrohunt as work

    with open_office() as office:
        day = checked_day(day, office.settings)
        hunt = work.plan(office, what, day, kind, weight, speaks_for)
        with progress_bar("回溯", len(hunt.candidates), "listings") as advance:
            row = work.run(office, hunt, day, advance)
    if as_json:
        print_json([row])
        return
    names = ("candidates", "already", "judged", "flagged", "review", "opened", "reopened", "seconds")
    heads = ("候选", "已判过", "本次判定", "命中", "待复核", "新开线索", "重开线索", "秒")
    columns = [f"{head} {name}" for head, name in zip(heads, names, strict=True)]
    print_table(f"回溯 {row['what']} · 词表 {row['keyword_versions']}", columns, [[row[name] for name in names]])
    if not row["in_force"]:
        say("该词（词表）尚未生效：判定按“现行词表加上它”作出并记录。生效: adwatch keywords accept 或 approve")
    if row["opened"] or row["reopened"]:
        say("下一步: adwatch review list（“迟发现”一列标明回溯发现）")


def reclassify(
    day: DayOption = None,
    platform: Annotated[str | None, typer.Option("--platform", metavar="NAME", help="Only this platform.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="YYYY-MM", help="Only listings first seen in this month or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="YYYY-MM", help="Only listings first seen up to this month.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """重新判定: judge everything stored by the classifier in force, by platform and month. Without it the next patrol
    does so after new lists or a new model. Run again, it goes on.
    """
    from adwatch.app import open_office
    from adwatch.app import reclassify as work

    with open_office() as office:
        day = checked_day(day, office.settings)
        parts = work.plan(office, day, platform, since, until)
        with progress_bar("重新判定", sum(part["listings"] for part in parts), "listings") as advance:
            rows = [work.run_part(office, day, part, advance) for part in parts]
        work.finish(office, day)
    if as_json:
        print_json(rows)
        return
    names = ("platform", "month", "listings", "judged", "flagged", "review", "opened", "reopened", "seconds")
    heads = ("平台", "首见月", "信息", "本次判定", "命中", "待复核", "新开线索", "重开线索", "秒")
    print_table("重新判定", heads, [[row[name] for name in names] for row in rows])


LEVELS = {"error": "错误", "warning": "警告", "note": "提示"}


@keywords.command("check")
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Only these files; all lists in force if left out.")
    ] = None,
    store: Annotated[bool, typer.Option("--store/--no-store", help="Also name entries never hit in the store.")] = True,
    everything: Annotated[
        bool, typer.Option("--all", help="Print notes one by one too, not only their number.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check lists: schema with file and line, duplicates, entries that fold to the same, entries never hit."""
    from adwatch.app import keywords as work
    from adwatch.app import open_office
    from adwatch.cli.output import today

    with open_office() as office:
        total = work.entries_to_look_for(office, files or []) if store else None
        with progress_bar("检查词条", total, "entries") as advance:
            rows = work.check(office, files or [], today(office.settings), store, advance)
    if as_json:
        print_json(rows)
    else:
        shown = [row for row in rows if everything or row["level"] != "note"]
        cells = [
            (LEVELS[row["level"]], row["kind"], f"{Path(row['file']).name}:{row['line']}", row["word"], row["message"])
            for row in shown
        ]
        print_table(f"词表检查 check ({len(rows)})", ("级别", "种类 kind", "位置", "词", "说明"), cells)
        for kind, count in sorted(Counter(row["kind"] for row in rows if row["level"] == "note").items()):
            say(f"提示 {kind}: {count:,}" + ("" if everything else "（--all 逐条列出）"))
    if any(row["level"] == "error" for row in rows):
        raise typer.Exit(1)


@keywords.command("dry-run")
def dry_run(
    file: Annotated[Path, typer.Argument(help="A new list, or the new version of one.")],
    days: Annotated[int, typer.Option("--days", help="Over the listings last seen within so many days.")] = 30,
    day: DayOption = None,
    samples: Annotated[int, typer.Option("--samples", help="Examples of each kind.")] = 10,
    as_json: JsonFlag = False,
) -> None:
    """试运行: what a list would gain and lose over stored listings, with masked samples; nothing is stored."""
    from adwatch.app import dryrun as work
    from adwatch.app import open_office

    with open_office() as office, progress_bar("试运行", None, "listings") as advance:
        result = work.dry_run(office, file, days, checked_day(day, office.settings), samples, advance)
    if as_json:
        print_json([result])
    else:
        print_dry_run(result)


@keywords.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="XLSX, XLS, CSV or Word (.docx) with a table of words.")],
    owner: Annotated[str, typer.Option("--owner", help="Authority that supplies the list.")],
    document: Annotated[str, typer.Option("--document", help="Number of the document it came with.")],
    name: Annotated[str | None, typer.Option("--list", help="Name of the list; the file's if left out.")] = None,
    version: Annotated[str, typer.Option("--version", help="As the authority counts; the next if left out.")] = "",
    start: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day; today.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day; open if left out.")] = None,
    kind: KindOption = "promise",
    weight: WeightOption = 3,
    speaks_for: ForOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="File of the list; a draft in home if left out.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a draft that is there.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """导入: make a list of an authority's table; refused rows are named with sheet and row. Nothing is in force yet."""
    from adwatch.app import keyword_edit as work
    from adwatch.app import open_office

    with open_office() as office:
        head = {"owner": owner, "document": document, "version": version}
        head["effective_from"] = checked_day(start, office.settings)
        head["effective_to"] = checked_day(end, office.settings) if end else ""
        report, row = work.import_list(office, file, head, name, (kind, weight, speaks_for), out, replace)
    if as_json:
        print_json([row])
    else:
        heads = ("词表 list", "版本 version", "词条 entries", "拒收 refused", "文件", "拒收清单")
        cells = ("list", "version", "entries", "refused", "file", "rejects")
        print_table(f"导入 {file.name}", heads, [[row[cell] for cell in cells]])
        if row["file"]:
            say(f"下一步: adwatch keywords check {row['file']} · adwatch keywords dry-run {row['file']}")
    finish(report)


@keywords.command("approve")
def approve(
    file: Annotated[Path, typer.Argument(help="The list.")],
    by: Annotated[str, typer.Option("--by", help="Who approves it.")],
    day: DayOption = None,
    as_json: JsonFlag = False,
) -> None:
    """批准: put a list in force (ADWATCH_DATA/keywords), with who approved it; the version before is kept."""
    from adwatch.app import keyword_edit as work
    from adwatch.app import open_office

    with open_office() as office:
        row = work.approve_list(office, file, by, checked_day(day, office.settings))
    print_edited("批准生效", row, as_json)


@keywords.command("accept")
def accept(
    word: Annotated[str, typer.Argument(help="The word.")],
    by: Annotated[str, typer.Option("--by", help="Who accepts it.")],
    kind: KindOption = "promise",
    weight: WeightOption = 2,
    speaks_for: ForOption = None,
    search: Annotated[bool, typer.Option("--search", help="A patrol asks platforms for it.")] = False,
    note: Annotated[str, typer.Option("--note", help="Why, or where it was seen.")] = "",
    name: Annotated[str, typer.Option("--list", help="One of the office's own lists.")] = "accepted",
    day: DayOption = None,
    as_json: JsonFlag = False,
) -> None:
    """采纳: write a word into one of the office's own lists, with who accepted it and when."""
    from adwatch.app import keyword_edit as work
    from adwatch.app import open_office

    with open_office() as office:
        day = checked_day(day, office.settings)
        row = work.accept_word(office, word, day, by, (kind, weight, speaks_for), search, note, name)
    print_edited(f"采纳 {word}", row, as_json)
    if not as_json:
        say(f"下一步: adwatch retrohunt {word}")


@keywords.command("versions")
def versions(
    digest: Annotated[str | None, typer.Argument(help="keyword_versions of a verdict; all if left out.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """版本: which lists, of which version and document, stand behind the digest that a verdict carries."""
    from adwatch.app import keywords as work
    from adwatch.app import open_office

    with open_office() as office:
        rows = work.versions(office, digest)
    if as_json:
        print_json(rows)
    else:
        print_versions(rows, digest)


@keywords.command("suggest")
def suggest(
    least: Annotated[int, typer.Option("--least", min=1, help="Confirmed texts that hold the word.")] = 3,
    sellers: Annotated[int, typer.Option("--sellers", min=1, help="Different shops among them.")] = 2,
    z: Annotated[float, typer.Option("--z", help="Log-odds over its standard error.")] = 1.96,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST, help="At most so many words.")] = 50,
    examples: Annotated[int, typer.Option("--examples", min=0, help="Masked examples of each.")] = 2,
    day: DayOption = None,
    as_json: JsonFlag = False,
) -> None:
    """新词: words that mark confirmed cases and not dismissed or ordinary text, and new writings of listed words."""
    from adwatch.app import open_office
    from adwatch.app import suggest as work

    with open_office() as office:
        day = checked_day(day, office.settings)
        result = work.suggest(office, day, work.Thresholds(least, sellers, z), limit, examples)
    if as_json:
        print_json(result["suggestions"])
    else:
        print_suggestions(result)
