"""Verbs that seal and check what proves a case: evidence package, evidence verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.maintain import evidence
from adwatch.cli.output import (
    JsonFlag,
    case_of,
    examples,
    print_json,
    progress_bar,
    safe,
    say,
    say_facts,
    tell,
)
from adwatch.cli.package_view import show_package
from adwatch.errors import AdWatchError, Deleted


def register(app: typer.Typer) -> None:
    """The verbs add themselves to ``evidence``."""
    del app


@evidence.command("package", epilog=examples("evidence package --case 12 --out 证据 --by 张三"))
def package(
    case: Annotated[str, typer.Option("--case", metavar="ID", help="Number of a case, as review list shows it.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="The person who does it.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for a copy of the package.")] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="UNIT", help="For which unit; ADWATCH_UNIT if left out.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Seal what proves a case in one ZIP. Records, decisions, letters, files, chain; unmasked: sealed evidence."""
    from adwatch.app import open_office
    from adwatch.app import package as work
    from adwatch.models import Actor

    with open_office() as office:
        done = work.make(office, case_of(office, case), out.absolute() if out else None, Actor(by, office.unit(unit)))
    if as_json:
        print_json([done])
    else:
        say_facts(done)


@evidence.command("verify", epilog=examples("evidence verify", "evidence verify CASE-12.zip --sha256 3b5d..."))
def evidence_verify(
    package: Annotated[
        Path | None, typer.Argument(metavar="[PACKAGE]", help="A package of a case or a transfer; else the archive.")
    ] = None,
    sha256: Annotated[
        str | None,
        typer.Option("--sha256", metavar="SHA256", help="Digest of the package's manifest, noted elsewhere."),
    ] = None,
    authority: Annotated[
        Path | None, typer.Option("--tsa-ca", metavar="FILE", help="Certificate by which its time stamps are checked.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check all captures against the archive, or a package by itself. Offline; names whatever was altered, cut or lost.

    A package needs nothing but its file: no store, no settings.
    """
    from adwatch.app import evidence as work
    from adwatch.app import open_office

    if package is not None:
        if not package.exists():
            _refuse_deleted(package)
        show_package(package, sha256, authority, as_json)
        return
    with open_office() as office, progress_bar("核验", work.size(office), "bytes") as advance:
        result = work.verify(office, advance)
    if as_json:
        print_json([result])
    else:
        for problem in result["problems"]:
            tell(safe(problem))
        say(f"{result['captures']:,} captures in {result['files']:,} files checked, {len(result['problems'])} problems")
    if result["problems"]:
        raise typer.Exit(3)


def _refuse_deleted(package: Path) -> None:
    """Say of a file that is not there that the policy deleted it, where this office knows; else nothing."""
    from adwatch.app import open_office
    from adwatch.app import package as work
    from adwatch.settings import load_settings

    try:
        if not load_settings().home.is_dir():
            return
        with open_office() as office:
            said = work.deleted(office, package)
    except AdWatchError:
        return  # a package is checked without an office too: then the file is simply not there
    if said:
        raise Deleted(f"{package.name}: 材料包{said}；记录和摘要仍在，用 adwatch evidence retention show 查看保存期限")
