"""Verbs of findings (group ``review``): confirm, dismiss, doubt, refer."""

from __future__ import annotations

from typing import Annotated

import typer

from adwatch.cli.casework import By, Code, Ids, Reason, Unit, print_cases, review
from adwatch.cli.output import JsonFlag, examples, finish

Learn = Annotated[
    bool | None,
    typer.Option("--learn/--no-learn", help="Whether adwatch train may learn from it; ADWATCH_LEARN if left out."),
]


def register(_app: typer.Typer) -> None:
    """The verbs are those of the group ``review``."""


def _decide(
    result: str,
    ids: list[str],
    by: str,
    unit: str | None,
    reason: str,
    code: str | None,
    as_json: bool,
    learn: bool | None = None,
    scope: str | None = None,
    types: list[str] | None = None,
    families: list[str] | None = None,
) -> None:
    from adwatch.app import casework, decisions, open_office

    with open_office() as office:
        corrected = decisions.correction(office, result, scope, types, families)
        report, rows = casework.decide(office, ids, result, by, unit, reason, learn, code, corrected)
    print_cases(rows, as_json)
    finish(report)


@review.command(
    "confirm",
    epilog=examples(
        "review confirm 12 13 --by 李建国 --unit 某市应急管理局 --reason 页面承诺免考",
        "review confirm 12 --by 李建国 --reason 高压电工证 --scope safety_production --family special_operations",
    ),
)
def confirm(
    ids: Ids,
    by: By,
    reason: Reason,
    unit: Unit = None,
    code: Code = None,
    learn: Learn = None,
    scope: Annotated[
        str | None, typer.Option("--scope", metavar="SCOPE", help="Correct it: safety_production or other_credential.")
    ] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", metavar="CLASS", help="Correct the classes; may be repeated.")
    ] = None,
    families: Annotated[
        list[str] | None, typer.Option("--family", metavar="FAMILY", help="Correct the families; may be repeated.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """属实: the offer is what it looks like. Or as you correct it; a case that is 属实 can be corrected again."""
    _decide("confirm", ids, by, unit, reason, code, as_json, learn, scope, types, families)


@review.command("rectified", epilog=examples("review rectified 30 --by 李建国 --code C08 --reason 平台告知已修改"))
def rectified(
    ids: Ids, by: By, reason: Reason, unit: Unit = None, code: Code = None, as_json: JsonFlag = False
) -> None:
    """已改正: it was 属实 and was mended since; the finding stands."""
    _decide("rectified", ids, by, unit, reason, code, as_json)


@review.command("dismiss", epilog=examples("review dismiss 14 --by 李建国 --code D01 --reason 转载警示信息"))
def dismiss(
    ids: Ids,
    by: By,
    reason: Reason,
    unit: Unit = None,
    code: Code = None,
    learn: Learn = None,
    as_json: JsonFlag = False,
) -> None:
    """不属实: no illegal offer."""
    _decide("dismiss", ids, by, unit, reason, code, as_json, learn)


@review.command("doubt", epilog=examples("review doubt 15 --by 李建国 --reason 需调取聊天记录"))
def doubt(ids: Ids, by: By, reason: Reason, unit: Unit = None, code: Code = None, as_json: JsonFlag = False) -> None:
    """存疑补证: cannot be decided yet; more evidence is needed."""
    _decide("doubt", ids, by, unit, reason, code, as_json)


@review.command("refer", epilog=examples("review refer 16 --by 李建国 --reason 属住建部门证书"))
def refer(ids: Ids, by: By, reason: Reason, unit: Unit = None, code: Code = None, as_json: JsonFlag = False) -> None:
    """非本部门转办: another department's."""
    _decide("refer", ids, by, unit, reason, code, as_json)
