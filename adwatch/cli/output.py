"""What verbs print: tables for people, JSON lines with ``--json``, a progress bar for what takes over two seconds."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from adwatch.cli.refusal_words import refusal
from adwatch.errors import UsageError
from adwatch.models import StageReport
from adwatch.settings import Settings

if TYPE_CHECKING:
    from adwatch.app.office import Office

MOST = 10_000_000
"""Rows that may be asked for at once."""
LONGEST_NUMBER = 18
"""Digits of the longest number that a store can have."""
FIRST_YEAR, LAST_YEAR = 1980, 2100
"""Years that a day or time on the command line may lie in."""


def examples(*lines: str) -> str:
    """Ends a verb's help: command lines as they are typed, each without the name of the command."""
    return "\b\n" + "\n".join(["示例 Examples:", *(f"  adwatch {line}" for line in lines)])


_LONG = re.compile(r"[^\s/\\、]{200,}")

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]
DayOption = Annotated[
    str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="Day of the work; today if left out.")
]


def print_json(rows: Iterable[Any]) -> None:
    """One JSON object a line; names of columns come as a subclass of str."""
    out = sys.stdout.buffer
    for row in rows:
        out.write(orjson.dumps(row, default=str, option=orjson.OPT_NON_STR_KEYS) + b"\n")
    out.flush()


def safe(value: object) -> str:
    """One cell of a table: hostile text cannot move the cursor or forge a line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        value = " ".join(str(part) for part in value)
    return "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") else char for char in str(value))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table as wide as the terminal."""
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*[Text(safe(cell)) for cell in row])
    console().print(table)


def console() -> Console:
    """Standard output; wide enough to be read when it is no terminal."""
    return Console(soft_wrap=False) if sys.stdout.isatty() else Console(width=140)


def say(message: str) -> None:
    """A line for the user on standard output."""
    sys.stdout.write(message + "\n")


def say_facts(facts: Mapping[str, Any]) -> None:
    """One fact a line: its name, its value; a list by its members."""
    for name, value in facts.items():
        say(f"{name}: {(safe(value) or '-') if isinstance(value, (bool, list, tuple)) else value}")


def tell(message: str) -> None:
    """A line for the user on standard error."""
    sys.stderr.write(message + "\n")


@contextmanager
def progress_bar(label: str, total: int | None = None, unit: str = "") -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error with rate and remaining time; silent when that is no terminal."""
    err = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(label, total=total, rate="")

        def advance(count: int) -> None:
            bar.advance(task, count)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:,.0f} {unit}/s" if speed else "")

        yield advance


def today(settings: Settings) -> str:
    """Today in the office's time zone; under the demo its simulated day."""
    from adwatch.app.demo_day import OfficeClock  # with it comes the whole of app: only verbs that need it wait for it

    return OfficeClock(settings.home).now().astimezone(settings.zone).date().isoformat()


def checked_day(day: str | None, settings: Settings, option: str = "--day") -> str:
    """The day given, or today; an error that says how to write it."""
    if day is None:
        return today(settings)
    try:
        found = date.fromisoformat(day)
    except ValueError as error:
        raise UsageError(f"{option} {day[:40]!r} is no date; write YYYY-MM-DD, such as 2026-11-22") from error
    return _within(found, day).isoformat()


def checked_span(
    first: str | None, last: str | None, settings: Settings, options: tuple[str, str]
) -> tuple[str | None, str | None]:
    """Two days, each of which may be absent, the first not after the last."""
    begin = checked_day(first, settings, options[0]) if first else None
    end = checked_day(last, settings, options[1]) if last else None
    if begin and end and end < begin:
        raise UsageError(f"{options[1]} {end} lies before {options[0]} {begin}")
    return begin, end


def checked_role(role: str | None) -> str | None:
    """A role by its id or Chinese name, as its id; an error that names them."""
    from adwatch.app.accounts import ROLES

    named = {**{each: each for each in ROLES}, **{label: each for each, label in ROLES.items()}}
    if role is not None and role not in named:
        raise UsageError(f"--role {role[:40]}: no such role; write one of {', '.join(ROLES.values())}")
    return None if role is None else named[role]


def case_number(text: str, kind: str = "案件", where: str = "adwatch review list") -> int:
    """A number of the store (a case's, where nothing else is said); an error that says where it is found."""
    if not (text.isascii() and text.isdecimal()):
        raise UsageError(f"{kind} {text[:40]!r}: 编号应为数字；用 {where} 查看")
    if len(text) > LONGEST_NUMBER:
        raise UsageError(f"{kind} {text[:40]}…: 没有这个编号；用 {where} 查看")
    return int(text)


def case_of(office: Office, text: str) -> int:
    """案件号 of a case that a person names by either of its numbers; an error that says where they are found."""
    from adwatch.app.case_numbers import plain

    return case_number(plain(office, text))


def _within(day: date, text: str) -> date:
    """The day, if it is one that an office can mean: clocks near the ends of the calendar overflow."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UsageError(f"{text[:40]}: the year must be {FIRST_YEAR} to {LAST_YEAR}")
    return day


def checked_time(text: str | None, settings: Settings) -> datetime | None:
    """A time given on the command line, in the office's zone unless it names one."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text[:40]!r} is no time; write YYYY-MM-DDTHH:MM") from error
    _within(when.date(), text)
    return when if when.tzinfo else when.replace(tzinfo=settings.zone)


def shortened(message: str) -> str:
    """A message in which what was typed is cut where it is a word longer than any that is meant."""
    return _LONG.sub(lambda found: f"{found[0][:60]}…({len(found[0])} characters)", message)


def finish(report: StageReport, strict_drops: bool = True) -> None:
    """Name what was refused on standard error and exit 1 if there was any."""
    for note in report.notes[:20]:
        tell(f"  拒收 refused: {shortened(safe(note))}")
    if len(report.notes) > 20:
        tell(f"  另有 {len(report.notes) - 20:,} 项 more")
    if report.dropped and strict_drops:
        counted = "，".join(f"{refusal(reason)} {count:,}" for reason, count in sorted(report.dropped.items()))
        tell(f"拒收 refused: {counted}")
        raise typer.Exit(1)


def seconds(span: timedelta | float) -> str:
    """Seconds with one decimal."""
    return f"{span.total_seconds() if isinstance(span, timedelta) else span:.1f}"
