"""Verbs of transfers: draft, decide, facts, attach, send, receipt, answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adwatch.cli.output import (
    JsonFlag,
    case_of,
    checked_time,
    examples,
    print_json,
    safe,
    say_facts,
    tell,
)
from adwatch.errors import UsageError

transfer = typer.Typer(
    help="Transfers (移送): 线索移送, 涉嫌犯罪案件移送, 仿冒网站移送; from the draft to the answer.",
    no_args_is_help=True,
)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of a transfer, as transfer list shows it.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in your words.")]
At = Annotated[str | None, typer.Option("--at", metavar="TIME", help="When it happened, YYYY-MM-DDTHH:MM; now.")]
Reference = Annotated[str, typer.Option("--reference", metavar="TEXT", help="Number of the paper that says so.")]


FACTS = {
    "number": "编号",
    "kind": "类型",
    "kind_label": "类型",
    "cases": "案件",
    "receiver": "送往",
    "step": "现在",
    "step_label": "现在",
    "outcome_label": "结果",
    "document_number": "文号",
    "signatory": "签发人",
    "document_date": "成文日期",
    "name": "文件名",
    "sha256": "SHA-256",
    "size": "字节",
    "manifest_sha256": "清单摘要（manifest.json SHA-256）",
    "file": "材料包",
    "scan": "扫描件摘要",
}
"""Chinese names of what is said of a transfer."""


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(transfer, name="transfer")


def _done(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json([row])
    else:
        say_facts(named(row))


def named(row: dict[str, Any]) -> dict[str, Any]:
    """Facts of a transfer under their Chinese names; the words that JSON has too are left out."""
    left_out = [name for name in row if f"{name}_label" in row]
    shown = {name: value for name, value in row.items() if name not in left_out and value is not None}
    return {FACTS.get(name, name): safe(value) if isinstance(value, str) else value for name, value in shown.items()}


@transfer.command(
    "draft",
    epilog=examples(
        "transfer draft 12 15 --kind clue --to police --addressee 某市公安局 --reason 涉嫌买卖证件 --by 张三",
        "transfer draft 12 --kind case --officer 张三:执法0001 --officer 李四:执法0002 --no-report 无需检验 "
        "--addressee 某市公安局 --reason 涉嫌买卖证件 --by 张三",
    ),
)
def draft(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Confirmed cases, by 案件号 or 线索编号.")],
    by: By,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="clue, case or site.")] = "clue",
    to: Annotated[
        str | None, typer.Option("--to", metavar="WHOM", help="police; of a site: cyberspace, telecom or host.")
    ] = None,
    addressee: Annotated[
        str, typer.Option("--addressee", metavar="NAME", help="Whole name; as the office's tables say.")
    ] = "",
    officer: Annotated[
        list[str] | None, typer.Option("--officer", metavar="NAME:CERTIFICATE", help="承办人 and 执法证号; may repeat.")
    ] = None,
    item: Annotated[list[str] | None, typer.Option("--item", metavar="TEXT", help="涉案物品; may repeat.")] = None,
    no_report: Annotated[
        str, typer.Option("--no-report", metavar="TEXT", help="Why there is no 检验报告或者鉴定结论.")
    ] = "",
    reason: Reason = "",
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a transfer of confirmed cases. 涉嫌犯罪案件移送 (case) needs two officers or more."""
    from adwatch.app import open_office
    from adwatch.app import transfer as work
    from adwatch.app.transfer_form import addressed
    from adwatch.models import Actor

    named = [dict(zip(("name", "certificate"), _pair(each), strict=True)) for each in officer or ()]
    given = {"officers": named, "reason": reason, "items": item or [], "no_report": no_report}
    receiver = to or ("police" if kind != "site" else "")
    with open_office() as office:
        numbers = [case_of(office, each) for each in ids]
        addressee = addressed(office, receiver, addressee, reason)
        actor = Actor(by, office.unit(unit))
        done = work.draft(office, kind, numbers, actor, receiver=receiver, addressee=addressee, **given)
    _done(done, as_json)


def _pair(text: str) -> tuple[str, str]:
    name, mark, certificate = text.replace("：", ":").partition(":")
    if not mark:
        raise UsageError(f"--officer {text[:40]}: write 姓名:执法证号")
    return name, certificate


@transfer.command("decide", epilog=examples("transfer decide ADW-TR-2026-0001 --approve --by 局长"))
def decide(
    number: Number,
    by: By,
    approve: Annotated[bool, typer.Option("--approve/--refuse", help="批准移送, or 不批准.")],
    reason: Reason = "",
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Record the head's decision. It is due 3 days after the report (310号令第五条); a refusal needs its reason."""
    from adwatch.app import open_office
    from adwatch.app import transfer as work
    from adwatch.models import Actor

    with open_office() as office:
        done = work.decide(office, number, approve, Actor(by, office.unit(unit)), reason)
    _done(done, as_json)


@transfer.command(
    "facts", epilog=examples("transfer facts ADW-TR-2026-0001 --document-number 某市监移〔2026〕3号 --by 张三")
)
def facts(
    number: Number,
    by: By,
    document_number: Annotated[str, typer.Option("--document-number", metavar="TEXT", help="文号.")] = "",
    signatory: Annotated[str, typer.Option("--signatory", metavar="NAME", help="签发人.")] = "",
    date: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="成文日期.")] = "",
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Enter what the office's own document system gave. Before the transfer is sent only."""
    from adwatch.app import open_office
    from adwatch.app import transfer as work
    from adwatch.app.document_numbers import with_taken
    from adwatch.cli.output import checked_day
    from adwatch.models import Actor

    with open_office() as office:
        day = checked_day(date, office.settings, "--date") if date else ""
        given = {"document_number": document_number, "signatory": signatory, "document_date": day}
        done = with_taken(office, work.set_facts(office, number, Actor(by, office.unit(unit)), given), given)
    told = done.get("same_number")
    _done(done if as_json else {name: value for name, value in done.items() if name != "same_number"}, as_json)
    if told and not as_json:
        tell(safe(told))


@transfer.command("attach", epilog=examples("transfer attach ADW-TR-2026-0001 鉴定.pdf --kind expert_report --by 张三"))
def attach(
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A scan, a report, a list.")],
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="expert_report, investigation_report, item_list, penalty, receipt, answer, other.",
        ),
    ],
    by: By,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Attach a paper. Once the transfer is sent only receipt and answer."""
    from adwatch.app import open_office
    from adwatch.app import transfer as work
    from adwatch.models import Actor

    with open_office() as office:
        done = work.attach(office, number, kind, file, Actor(by, office.unit(unit)))
    _done(done, as_json)


@transfer.command("send", epilog=examples("transfer send ADW-TR-2026-0001 --by 张三 --out 移送"))
def send(
    number: Number,
    by: By,
    at: At = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for a copy of the package.")] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Make the package of an approved transfer and mark it as sent. Nothing of it is changed after."""
    from adwatch.app import open_office
    from adwatch.app import transfer as work
    from adwatch.models import Actor

    with open_office() as office:
        when = checked_time(at, office.settings)
        done = work.send(office, number, Actor(by, office.unit(unit)), when, out.absolute() if out else None)
    _done(done, as_json)


@transfer.command(
    "receipt", epilog=examples("transfer receipt ADW-TR-2026-0001 --at 2026-11-20T10:00 --reference 回执5号 --by 张三")
)
def receipt(
    number: Number,
    by: By,
    at: At = None,
    reference: Reference = "",
    scan: Annotated[Path | None, typer.Option("--scan", metavar="FILE", help="The signed receipt.")] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Record that it was signed for. The receiver's three days run from then."""
    _record(number, "received", by, at, "", reference, scan, "receipt", unit, as_json)


@transfer.command(
    "answer",
    epilog=examples(
        "transfer answer ADW-TR-2026-0001 filed --reference 某公立字〔2026〕8号 --by 张三",
        "transfer answer ADW-TR-2026-0001 not_filed --reason 没有犯罪事实 --by 张三",
        "transfer answer ADW-TR-2026-0001 reconsideration --reason 金额已达立案标准 --by 张三",
    ),
)
def answer(
    number: Number,
    step: Annotated[
        str,
        typer.Argument(
            metavar="STEP",
            help="filed, not_filed, returned; then reconsideration, upheld, supervision, accepted, handed_over; "
            "of a site handled, refused; void.",
        ),
    ],
    by: By,
    at: At = None,
    reason: Reason = "",
    reference: Reference = "",
    scan: Annotated[Path | None, typer.Option("--scan", metavar="FILE", help="The answer itself.")] = None,
    unit: Unit = None,
    as_json: JsonFlag = False,
) -> None:
    """Record the answer, or what follows it. 立案, 不予立案, 退回; reconsideration, 检察 supervision, 终结."""
    _record(number, step, by, at, reason, reference, scan, "answer", unit, as_json)


def _record(
    number: str,
    step: str,
    by: str,
    at: str | None,
    reason: str,
    reference: str,
    scan: Path | None,
    paper: str,
    unit: str | None,
    as_json: bool,
) -> None:
    from adwatch.app import open_office
    from adwatch.app import transfer as work
    from adwatch.models import Actor

    with open_office() as office:
        actor, when = Actor(by, office.unit(unit)), checked_time(at, office.settings)
        done = work.record(office, number, step, actor, when, reason, reference)
        if scan is not None:
            done["scan"] = work.attach(office, number, paper, scan, actor)["sha256"]
    _done(done, as_json)
