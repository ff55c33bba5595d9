"""Verbs that look up and look after: search, index, evidence, platforms, dump, doctor."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from adwatch.cli import platform_work
from adwatch.cli.index_view import show_comparison
from adwatch.cli.output import (
    MOST,
    DayOption,
    JsonFlag,
    checked_day,
    checked_span,
    examples,
    finish,
    print_json,
    print_table,
    progress_bar,
    safe,
    say,
    say_facts,
    tell,
)
from adwatch.cli.platform_view import show_check, show_coverage, show_platforms

index = typer.Typer(help="The search index: a view of the store that can be made anew.", no_args_is_help=True)
evidence = typer.Typer(help="The archive of captures.", no_args_is_help=True)
platforms = typer.Typer(help="The platform files.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    shown = ("search 包过 --from 2026-11-16", "search https://shop.example/item/1 --all", "search --saved 03")
    app.command("search", epilog=examples(*shown))(search)
    app.add_typer(index, name="index")
    app.add_typer(evidence, name="evidence")
    platform_work.register(platforms)
    app.add_typer(platforms, name="platforms")
    app.command("coverage", epilog=examples("coverage --day 2026-11-16 --to 2026-11-22"))(coverage)
    app.command("dump", epilog=examples("dump --canonical"))(dump)
    app.command("doctor")(doctor)


def search(
    query: Annotated[
        str, typer.Argument(metavar="[QUERY]", help="Words, a link, or a contact; with --saved it narrows.")
    ] = "",
    platform: Annotated[str | None, typer.Option("--platform", metavar="NAME", help="Only this platform.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="Seen on this day or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Seen on this day or earlier.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also listings that are not flagged.")] = False,
    saved: Annotated[
        str | None, typer.Option("--saved", metavar="NAME", help="A search of Kibana's, such as 03, on this index.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=MOST, help="At most so many.")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Find listings by words, link or contact. Width, case, traditional forms and separators do not matter; any length
    from one character.
    """
    from adwatch.app import open_office
    from adwatch.app import search as work
    from adwatch.app.words import STATES

    if saved is not None:
        _saved(saved, query, platform, limit, as_json, (since, until, everything))
        return
    with open_office() as office:
        first, last = checked_span(since, until, office.settings, ("--from", "--to"))
        rows = work.search(office, query, platform, first, last, everything, limit)
    if as_json:
        print_json(rows)
        return
    columns = ("platform", "native_id", "title", "snippet", "flagged", "state", "url")
    heads = ("平台", "编号", "标题", "片段", "命中", "状态", "链接")
    named = [{**row, "state": STATES.get(row["state"], row["state"])} for row in rows]
    print_table(f"检索 {safe(query)} ({len(rows)})", heads, [[row[c] for c in columns] for row in named])
    if not rows and not everything:
        say("命中的信息中没有；加 --all 在全部信息中检索。")


def _saved(
    name: str, query: str, platform: str | None, limit: int, as_json: bool, others: tuple[str | None, str | None, bool]
) -> None:
    from adwatch.app import open_office, saved_search
    from adwatch.errors import UsageError

    if any(others):
        raise UsageError("--saved has its own period and scope: leave --from, --to and --all away")
    with open_office() as office:
        one, rows = saved_search.run(office, name, query, platform, limit)
    if as_json:
        print_json(rows)
        return
    shown = [[safe(saved_search.words(column, row[column])) for column in one["columns"]] for row in rows]
    print_table(f"{one['title']} ({one['found']})", one["heads"], shown)
    say(one["about"])


@index.command("push")
def index_push(as_json: JsonFlag = False) -> None:
    """Send what has changed in the store to the index."""
    _index_work("push", as_json)


@index.command("rebuild")
def index_rebuild(as_json: JsonFlag = False) -> None:
    """Make the index anew from the store. One that was cut off goes on where it was; searches go on meanwhile."""
    _index_work("rebuild", as_json)


def _index_work(verb: str, as_json: bool) -> None:
    from adwatch.app import open_office
    from adwatch.app import search as work

    with open_office() as office, progress_bar("索引", None, "listings") as advance:
        report = getattr(work, verb)(office, advance)
    if as_json:
        print_json([{"kept": report.kept, "dropped": dict(report.dropped)}])
    else:
        if after := report.counts["continued_after"]:
            say(f"接着上次中断处继续 continued after listing {after}")
        say(f"{report.kept:,} listings indexed")
    report.notes = [note for note in report.notes if report.dropped["refused"]]
    report.dropped = Counter({"refused": report.dropped["refused"]} if report.dropped["refused"] else {})
    finish(report)


@index.command("status")
def index_status(as_json: JsonFlag = False) -> None:
    """How many documents the index holds and how many changes wait."""
    from adwatch.app import open_office
    from adwatch.app import search as work

    with open_office() as office:
        status = work.status(office)
    if as_json:
        print_json([status])
    else:
        say_facts(status)


@index.command("verify")
def index_verify(as_json: JsonFlag = False) -> None:
    """Compare the index with the store. Counts a day, missing listings and orphans, digests of sampled documents."""
    from adwatch.app import open_office
    from adwatch.app import search as work

    with open_office() as office, progress_bar("比对"):
        result = work.verify(office)
    if as_json:
        print_json([result])
    else:
        show_comparison(result)
    if not result["equal"]:
        raise typer.Exit(3)


@index.command("snapshot", epilog=examples("index snapshot --keep 14"))
def index_snapshot(
    keep: Annotated[
        int | None, typer.Option("--keep", metavar="N", min=1, help="Delete older ones of ours, all but N.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Let Elasticsearch take a snapshot of the index now. ADWATCH_SEARCH_SNAPSHOTS says where."""
    from adwatch.app import open_office
    from adwatch.app import search as work

    with open_office() as office, progress_bar("快照"):
        done = work.snapshot(office, keep)
    if as_json:
        print_json([done])
    else:
        say_facts(done)


@platforms.command("list")
def platforms_list(as_json: JsonFlag = False) -> None:
    """The platform files in force."""
    from adwatch.app import open_office
    from adwatch.app import patrol as work

    with open_office() as office:
        rows = work.platform_rows(office)
        broken = office.platform_errors
    if as_json:
        print_json(rows)
    else:
        show_platforms(rows)
    for error in broken:
        tell(f"adwatch: left out: {error}")
    if broken:
        raise typer.Exit(1)


@platforms.command("check")
def platforms_check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a platform file.")],
    day: DayOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Try a platform file on its site. One list page and one item are fetched, politely, to see how the file fits."""
    from adwatch.app import open_office
    from adwatch.app import patrol as work

    with open_office() as office:
        found = work.check(office, name, checked_day(day, office.settings))
        zone = office.settings.zone
    if as_json:
        print_json([found])
    else:
        show_check(found, zone)
    if found["verdict"] == "broken":
        raise typer.Exit(3)


@platforms.command("pools", epilog=examples("platforms pools", "platforms pools --out /srv/airflow/adwatch-pools.json"))
def platforms_pools(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write them for airflow pools import and the patrol.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show hosts that platforms share. Each can have a pool in Airflow, which bounds how many are patrolled at once."""
    from adwatch.app import open_office
    from adwatch.app import pools as work

    with open_office() as office:
        rows = work.host_pools(office)
    if out is not None:
        work.write_pools(out, rows)
    if as_json:
        print_json(rows)
    else:
        heads = ("池 pool", "同时 slots", "主机 host", "平台 platforms")
        print_table("共用主机的平台 pools", heads, [list(row.values()) for row in rows])


def coverage(
    day: DayOption = None,
    until: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="Last day, for several days.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show what patrols saw and did not see. A row a day and platform: terms, pages, seen, new, vanished, and what was
    blocked, unreachable or stale.
    """
    from adwatch.app import coverage as work
    from adwatch.app import open_office

    with open_office() as office:
        first = checked_day(day, office.settings)
        last = checked_span(first, until, office.settings, ("--day", "--to"))[1] or first
        rows = work.coverage(office.engine, first, last)
        unseen = work.missing(office, first, last)
    if as_json:
        print_json([*rows, *({"platform": name, "outcome": "not patrolled"} for name in unseen)])
        return
    show_coverage(rows, work.HEADS)
    for name in unseen:
        say(f"{name}: 未巡查 not patrolled")


def dump(
    canonical: Annotated[bool, typer.Option("--canonical", help="Sorted, without clocks and surrogate ids.")] = False,
) -> None:
    """Print the whole state. Two states are the same if dump --canonical prints the same."""
    from adwatch.app import open_office
    from adwatch.errors import UsageError

    if not canonical:
        raise UsageError("adwatch dump prints the canonical form only; write adwatch dump --canonical")
    with open_office() as office:
        for line in office.dump():
            say(line)


def doctor(as_json: JsonFlag = False) -> None:
    """Check the installation. Settings, store, archive, keyword lists, platforms, search; says what to do."""
    from adwatch.app import doctor as work

    rows = work.examine()
    if as_json:
        print_json(rows)
    else:
        print_table("体检 doctor", ("项", "状态", "说明"), [(row["item"], row["word"], row["message"]) for row in rows])
    if any(row["word"] == "error" for row in rows):
        raise typer.Exit(3)
