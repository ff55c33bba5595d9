"""Verbs of tracks (group ``review``): tracks, track-open, track-move, filing."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adwatch.cli.casework import By, Ids, Unit, review
from adwatch.cli.output import JsonFlag, case_of, examples, finish, print_json, print_table, say

Track = Annotated[
    str, typer.Option("--track", metavar="TRACK", help="takedown 下架, investigation 查处, crime 涉刑 or site 网站.")
]


def register(_app: typer.Typer) -> None:
    """The verbs are those of the group ``review``."""


@review.command("tracks", epilog=examples("review tracks 12"))
def show_tracks(
    case_id: Annotated[str, typer.Argument(metavar="ID", help="A case, by 案件号 or 线索编号 (ADW-…).")],
    as_json: JsonFlag = False,
) -> None:
    """Show a case's tracks and the steps that may follow."""
    from adwatch.app import decisions, open_office
    from adwatch.app.rows import known_case

    with open_office() as office:
        number = case_of(office, case_id)
        known_case(office, number)
        rows = decisions.tracks_of(office, [number]).get(number, [])
    if as_json:
        print_json(rows)
        return
    print_table(
        f"分线 ({len(rows)})",
        ("分线", "现在", "结果", "未结", "可转到"),
        [
            (
                *(row["track_label"], row["step_label"], row["outcome_label"], row["open"]),
                "、".join(f"{each['to']} {each['label']}" for each in row["next"]),
            )
            for row in rows
        ],
    )


@review.command("track-open", epilog=examples("review track-open 12 13 --track investigation --by 王芳"))
def open_track(ids: Ids, track: Track, by: By, unit: Unit = None, as_json: JsonFlag = False) -> None:
    """Open a track of confirmed cases (属实)."""
    from adwatch.app import decisions, open_office
    from adwatch.models import Actor

    with open_office() as office:
        report, rows = decisions.open_track(office, ids, track, Actor(by, office.unit(unit)))
    _answer(rows, as_json)
    finish(report)


@review.command(
    "track-move", epilog=examples("review track-move 12 --track investigation --to not_filed --outcome talk --by 王芳")
)
def move_track(
    ids: Ids,
    track: Track,
    to: Annotated[str, typer.Option("--to", metavar="STEP", help="The step, as review tracks shows them.")],
    by: By,
    outcome: Annotated[
        str | None,
        typer.Option(
            "--outcome",
            metavar="OUTCOME",
            help="talk 约谈告诫, rectify 责令改正, penalty 行政处罚, joint_discipline 联合惩戒, transfer 移送 or "
            "no_offence 不构成.",
        ),
    ] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a track to its next step. The case is closed (办结) with the last of its tracks."""
    from adwatch.app import decisions, open_office
    from adwatch.models import Actor

    with open_office() as office:
        report, rows = decisions.move_track(office, ids, track, to, Actor(by, office.unit(unit)), outcome)
    _answer(rows, as_json)
    finish(report)


@review.command(
    "filing", epilog=examples("review filing 12 13 --as not_filed:talk --reason 情节轻微并已改正 --by 王芳")
)
def filing(
    ids: Ids,
    decided: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="DECISION",
            help="filed 立案; 不予立案: not_filed:no_offence 不构成, not_filed:talk 约谈告诫, "
            "not_filed:rectify 责令改正.",
        ),
    ],
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; needed for 不予立案.")] = "",
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """立案 or 不予立案 of confirmed cases; opens 查处 where it is not."""
    from adwatch.app import open_office
    from adwatch.app.filing import decide_filing
    from adwatch.models import Actor

    with open_office() as office:
        report, rows = decide_filing(office, ids, decided, Actor(by, office.unit(unit)), reason)
    _answer(rows, as_json)
    finish(report)


def _answer(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            said = f"（{row['outcome_label']}）" if row["outcome_label"] else ""
            say(f"{row['case_id']}: {row['track_label']} {row['step_label']}{said}")
