"""Verbs of second looks (group ``review``): sample, looks, look, gold, quality."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from adwatch.cli.casework import By, Code, Unit, review
from adwatch.cli.output import (
    MOST,
    JsonFlag,
    case_number,
    checked_span,
    examples,
    finish,
    print_json,
    print_table,
    say,
    say_facts,
    today,
)
from adwatch.settings import Settings

From = Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day.")]
To = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day; today if left out.")]
Result = Annotated[str, typer.Option("--result", metavar="RESULT", help="confirm (违法要约) or dismiss (不是).")]


def register(_app: typer.Typer) -> None:
    """The verbs are those of the group ``review``."""


def _span(settings: Settings, first: str, last: str | None) -> tuple[str, str]:
    begin, end = checked_span(first, last or today(settings), settings, ("--from", "--to"))
    return str(begin), str(end)


@review.command("sample", epilog=examples("review sample --from 2026-11-16 --to 2026-11-22 --by 赵敏"))
def sample(first: From, by: By, last: To = None, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Draw what is looked at again. A share of the dismissed and of the unflagged (second_look.csv); drawn twice, the
    same is drawn.
    """
    from adwatch.app import open_office, second_looks
    from adwatch.models import Actor

    with open_office() as office:
        begin, end = _span(office.settings, first, last)
        row = second_looks.draw(office, begin, end, Actor(by, office.unit(unit)))
    if as_json:
        print_json([row])
    else:
        for kind, label in (("dismissed", "不属实"), ("unflagged", "未命中")):
            say(f"{label}: {row[kind]['of']} 件中新抽 {row[kind]['drawn']} 件")


@review.command("looks", epilog=examples("review looks --by 周强"))
def looks(
    by: By,
    unit: Unit = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=MOST, help="At most so many.")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """List what waits for your second look. The listing only: nobody's finding is shown."""
    from adwatch.app import open_office, second_looks
    from adwatch.models import Actor

    with open_office() as office:
        rows = second_looks.waiting(office, Actor(by, office.unit(unit)), limit)
    if as_json:
        print_json(rows)
        return
    print_table(
        f"复看 ({len(rows)})",
        ("编号", "平台", "标题", "原文", "链接"),
        [(row["look_id"], row["platform"], row["title"], row["text"], row["url"]) for row in rows],
    )


@review.command("look", epilog=examples("review look 3 --result dismiss --by 周强 --reason 媒体报道"))
def look(
    look_id: Annotated[str, typer.Argument(metavar="LOOK", help="Number as review looks shows it.")],
    result: Result,
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in your words.")] = "",
    code: Code = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Say what you find at a second look. Where it differs from the first finding, a third person decides."""
    from adwatch.app import open_office, second_looks
    from adwatch.models import Actor

    with open_office() as office:
        actor = Actor(by, office.unit(unit))
        row = second_looks.answer(office, case_number(look_id), result, reason, actor, code)
    if as_json:
        print_json([row])
    else:
        say(f"{row['look_id']}: {'已结' if row['stage'] == 'settled' else '已记录'}")


@review.command("gold", epilog=examples("review gold 0f3c... --result dismiss --by 赵敏"))
def gold(
    listing_ids: Annotated[list[str], typer.Argument(metavar="LISTING", help="Ids of listings, as search shows them.")],
    result: Result,
    by: By,
    unit: Unit = None,
) -> None:
    """Make listings gold items. Their answer is known, and each reviewer is asked."""
    from adwatch.app import open_office, second_looks
    from adwatch.models import Actor

    with open_office() as office:
        report = second_looks.add_gold(office, listing_ids, result, Actor(by, office.unit(unit)))
    say(f"校准题: 新增 {report.kept}")
    finish(report)


@review.command("quality", epilog=examples("review quality --from 2026-11-01 --to 2026-11-30 --json"))
def quality(first: From, last: To = None, as_json: JsonFlag = False) -> None:
    """Show how good review is. Cohen's kappa, overturn rate, time per decision, as docs/casework.md defines them."""
    from adwatch.app import open_office, second_looks

    with open_office() as office:
        begin, end = _span(office.settings, first, last)
        row = second_looks.quality(office, date.fromisoformat(begin), date.fromisoformat(end))
    if as_json:
        print_json([row])
        return
    agreement, answers = row.pop("agreement"), row.pop("gold")
    say_facts(row)
    print_table(
        "一致性",
        ("类别", "对数", "一致", "一致率", "kappa", "改判"),
        [
            (kind, *(each[n] for n in ("pairs", "agreed", "agreement", "kappa", "first_overturned")))
            for kind, each in agreement.items()
        ],
    )
    print_table("校准题", ("姓名", "单位", "作答", "正确", "正确率"), [tuple(each.values()) for each in answers])
