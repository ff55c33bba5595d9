"""The command ``adwatch``; errors become one line and an exit status, never a traceback for bad input."""

from __future__ import annotations

import os
import sys
from copy import copy
from functools import cache

import typer

from adwatch.errors import AdWatchError, UsageError

HELP = """AdWatch 证巡: patrol public listings for illegal offers of safety certificates,
and carry each hit to a closed case.

\b
The day:    patrol → review list → review confirm → takedown draft → takedown verify
The week:   export --week 2026-W47
Handed in:  ingest FILE --platform NAME
Look up:    search WORDS or LINK
Start here: demo (an invented shop, patrolled), then doctor and docs/operating.md

\b
Exit status: 0 all is well · 1 done, but some input was refused (each named) · 2 wrong usage or settings ·
3 a platform or stage ended in error · 4 another run holds the lock.
Settings come from ADWATCH_* variables or a .env file: docs/settings.md.
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@cache
def whole() -> typer.Typer:
    """The command with all its verbs."""
    from adwatch.cli.archive import register as archive
    from adwatch.cli.audit import register as audit
    from adwatch.cli.bulletins import register as bulletins
    from adwatch.cli.campaigns import register as campaigns
    from adwatch.cli.casework import register as casework
    from adwatch.cli.console import register as console
    from adwatch.cli.database import register as database
    from adwatch.cli.detect import register as detect
    from adwatch.cli.differing import register as differing
    from adwatch.cli.differing_letters import register as differing_letters
    from adwatch.cli.keywords import register as keywords
    from adwatch.cli.kibana import register as kibana
    from adwatch.cli.learn import register as learn
    from adwatch.cli.ledger import register as ledger
    from adwatch.cli.letters import register as letters
    from adwatch.cli.maintain import register as maintain
    from adwatch.cli.officials import register as officials
    from adwatch.cli.package import register as package
    from adwatch.cli.page_capture import register as page_capture
    from adwatch.cli.pictures import register as pictures
    from adwatch.cli.reports import register as reports
    from adwatch.cli.retention import register as retention
    from adwatch.cli.review_findings import register as findings
    from adwatch.cli.review_quality import register as quality
    from adwatch.cli.review_tracks import register as tracks
    from adwatch.cli.review_work import register as review_work
    from adwatch.cli.routing import register as routing
    from adwatch.cli.run import register as run
    from adwatch.cli.sites import register as sites
    from adwatch.cli.sources import register as sources
    from adwatch.cli.subjects import register as subjects
    from adwatch.cli.takedown import register as takedown
    from adwatch.cli.takedown_after import register as takedown_after
    from adwatch.cli.transfer import register as transfer
    from adwatch.cli.transfer_view import register as transfer_view
    from adwatch.cli.verification import register as verification
    from adwatch.cli.watch import register as watch

    for register in (
        run,
        detect,
        keywords,
        learn,
        casework,
        findings,
        review_work,
        tracks,
        quality,
        letters,
        takedown,
        takedown_after,
        differing,
        differing_letters,
        routing,
        subjects,
        sources,
        campaigns,
        bulletins,
        reports,
        ledger,
        officials,
        sites,
        audit,
        transfer,
        transfer_view,
        package,
        retention,
        maintain,
        page_capture,
        pictures,
        archive,
        database,
        kibana,
        console,
        verification,
        watch,
    ):
        register(app)
    return app


def _asked_for(verb: str) -> typer.Typer:
    """The command with the group of that name alone, where there is one: to draw up all four hundred verbs takes longer
    than most of them run.
    """
    command = whole()
    groups = [
        group
        for group in command.registered_groups
        if verb in (group.name, group.typer_instance and group.typer_instance.info.name)
    ]
    if groups:
        command = copy(command)
        command.registered_commands, command.registered_groups = [], groups
    return command


def main() -> None:
    """Entry point of the command."""
    command = _asked_for(next(iter(sys.argv[1:]), ""))
    try:
        _refuse_undecodable(sys.argv[1:])
        command()
    except AdWatchError as error:
        sys.stderr.write(f"adwatch: {_printable(str(error))}\n")
        sys.exit(error.exit_status)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _refuse_undecodable(arguments: list[str]) -> None:
    """Bytes that are no UTF-8 come as lone surrogates, which neither a store nor a screen takes."""
    for place, argument in enumerate(arguments, 1):
        if any("\ud800" <= char <= "\udfff" for char in argument):
            shown = argument[:40].encode("utf-8", "replace").decode()
            raise UsageError(f"argument {place} ({shown}) is no UTF-8 text")


def _printable(message: str) -> str:
    """What was typed may stand in a message: controls and what turns the direction of writing are shown as U+FFFD."""
    from adwatch.cli.output import shortened

    return shortened("".join(char if char == "\n" or char.isprintable() else "\ufffd" for char in message))
