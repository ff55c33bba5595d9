"""Verbs that look after the searches and dashboards in Kibana: kibana export, check, apply."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli.output import JsonFlag, examples, print_json, print_table, say, say_facts, tell
from adwatch.errors import UsageError

kibana = typer.Typer(help="Searches, panels and dashboards for Kibana.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(kibana, name="kibana")


@kibana.command("export", epilog=examples("kibana export", "kibana export --out /tmp/adwatch.ndjson"))
def kibana_export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="File to write, .ndjson.")] = Path(
        "adwatch.ndjson"
    ),
    as_json: JsonFlag = False,
) -> None:
    """Write the file that Kibana imports. Its links lead to ADWATCH_CONSOLE_URL."""
    from adwatch.app import kibana as work
    from adwatch.settings import load_settings

    done = work.export(load_settings(), out)
    if not done["linked"]:
        tell("adwatch: ADWATCH_CONSOLE_URL is not set: the links of the cases lead nowhere")
    if as_json:
        print_json([done])
    else:
        say_facts(done)


@kibana.command("check", epilog=examples("kibana check", "kibana check adwatch.ndjson"))
def kibana_check(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="What kibana export wrote; left out: the shipped file.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check the file as far as one can without a Kibana. Exit status 1 where something is wrong."""
    from adwatch.app import kibana as work
    from adwatch.settings import load_settings

    found = work.problems(load_settings(), file)
    if as_json:
        print_json(found)
    elif found:
        print_table("不合格", ("检查", "问题"), [(row["check"], row["wrong"]) for row in found])
    else:
        say("合格：全部检查通过。")
    if found:
        raise typer.Exit(1)


@kibana.command("apply", epilog=examples("kibana apply", "kibana apply --region yuncheng=运城市"))
def kibana_apply(
    region: Annotated[
        str | None,
        typer.Option("--region", metavar="ID=NAME", help="Also a role that sees one region's sellers (paid licence)."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Put space, roles and all objects into Kibana. The one of ADWATCH_KIBANA_URL; done again, it brings them up to
    date.
    """
    from adwatch.app import kibana as work
    from adwatch.settings import load_settings

    done = work.apply(load_settings(), _region(region))
    if as_json:
        print_json([done])
    else:
        say_facts(done)
        say("已导入；请按 docs/kibana.md“首次安装后核对”一节逐项查看。")


def _region(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    found = re.fullmatch(r"([a-z0-9_-]+)=(\S.*)", text)
    if found is None:
        raise UsageError(f"--region {text!r}: write ID=NAME, such as yuncheng=运城市; the id has a-z, 0-9, _ and -")
    return found[1], found[2]
