"""Verbs that look after the store itself: db migrate, backup, restore, move."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adwatch.cli.output import JsonFlag, examples, print_json, print_table, progress_bar, safe, say, say_facts, tell

db = typer.Typer(help="The store itself: schema, backup, another database.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(db, name="db")


@db.command("migrate", epilog=examples("db migrate"))
def db_migrate(as_json: JsonFlag = False) -> None:
    """Bring the schema up to date. Every verb does so by itself; on a large store do it alone, after an update."""
    from adwatch.app import database as work
    from adwatch.app import open_office

    with open_office() as office:
        done = work.bring_up_to_date(office)
    _facts(done, as_json)


@db.command("backup", epilog=examples("db backup --to /backup/adwatch-2026-11-28"))
def db_backup(
    file: Annotated[Path, typer.Option("--to", metavar="FILE", help="File to write; it must not exist.")],
    as_json: JsonFlag = False,
) -> None:
    """Write a consistent copy, while others go on working.

    The files that its rows name come along; digests stand beside it.
    Ends with 1 where a file that a row names is missing or altered: it is named, everything else is in the backup.
    """
    from adwatch.app import database as work
    from adwatch.app import open_office

    with open_office() as office, progress_bar("备份"):
        done = work.back_up(office, file)
    _facts(done, as_json)


@db.command("restore", epilog=examples("db restore /backup/adwatch-2026-11-28"))
def db_restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What db backup wrote.")],
    as_json: JsonFlag = False,
) -> None:
    """Fill the store, which must be empty, from a backup.

    With its files. Then make the index anew: index rebuild.
    """
    from adwatch.app import database as work
    from adwatch.app import open_office

    with open_office() as office, progress_bar("恢复"):
        done = work.restore(office, file)
    if not as_json:
        say("已恢复；请接着运行 adwatch index rebuild 重建检索。")
    _facts(done, as_json)


@db.command("move", epilog=examples("db move --to postgresql://adwatch@db.office.example/adwatch"))
def db_move(
    target: Annotated[str, typer.Option("--to", metavar="URL", help="The other, empty database.")],
    as_json: JsonFlag = False,
) -> None:
    """Copy the store to another, empty database. Tables are compared by digest; nobody writes meanwhile."""
    from adwatch.app import database as work
    from adwatch.app import open_office

    with open_office() as office, progress_bar("迁移", work.size(office), "rows") as advance:
        rows = work.move(office, target, advance)
    if as_json:
        print_json(rows)
        return
    cells = [(row["table"], f"{row['rows']:,}", row["sha256"][:16]) for row in rows]
    print_table("已迁移，逐表核对一致", ("表", "行", "SHA-256"), cells)
    say("请将 ADWATCH_DATABASE_URL 设为新地址；原库未改动。")


def _facts(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json([done])
    else:
        say_facts({name: value for name, value in done.items() if name != "missing"})
    for each in done.get("missing", ()):
        tell(f"缺文件 missing: {safe(each)}")
    if done.get("missing"):
        raise typer.Exit(1)
