"""Verbs of the archive in an object store: archive sync, status, verify."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adwatch.cli.output import JsonFlag, examples, print_json, progress_bar, safe, say_facts, tell

archive = typer.Typer(help="The archive in an object store (ADWATCH_ARCHIVE_URL=s3://...).", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(archive, name="archive")


@archive.command("sync", epilog=examples("archive sync", "archive sync --adopt"))
def archive_sync(
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Also take over files that only the store knows, each read back.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bring finished WARC files into the object store. An interrupted upload is taken up; each file is proven."""
    from adwatch.app import archive as work
    from adwatch.app import open_office

    with open_office() as office, progress_bar("上传", work.waiting(office), "files") as advance:
        done = work.sync(office, adopt, advance)
    _facts(done, as_json)


@archive.command("status")
def archive_status(as_json: JsonFlag = False) -> None:
    """Show what is in the object store and what waits. Size and mark of each object are compared, none is read."""
    from adwatch.app import archive as work
    from adwatch.app import open_office

    with open_office() as office:
        done = work.status(office)
    _facts(done, as_json)


@archive.command("verify")
def archive_verify(as_json: JsonFlag = False) -> None:
    """Read every stored file back and compare its digest with the one it was sent with."""
    from adwatch.app import archive as work
    from adwatch.app import open_office

    with open_office() as office, progress_bar("核验", work.stored_bytes(office), "bytes") as advance:
        done = work.verify(office, advance)
    _facts(done, as_json)


def _facts(done: dict[str, Any], as_json: bool) -> None:
    """Facts on standard output, problems on standard error; exit 3 where there are some."""
    if as_json:
        print_json([done])
    else:
        say_facts({name: value for name, value in done.items() if name != "problems"})
        for problem in done["problems"]:
            tell(safe(problem))
    if done["problems"]:
        raise typer.Exit(3)
