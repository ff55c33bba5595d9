"""Verbs of the keyword lists: check, try, import, approve, hunt back, find slang."""

from __future__ import annotations

from typing import Annotated

import typer

from adwatch.cli.output import DayOption, JsonFlag, checked_day, print_json, print_table, progress_bar, say

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
