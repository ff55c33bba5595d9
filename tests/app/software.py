"""An office whose platform is one instance of a shipped template, and what its patrols bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adwatch.app import Office
from adwatch.app.patrol import patrol_platform
from adwatch.app.results import PlatformResult
from adwatch.archive import read_body
from adwatch.models import Listing
from adwatch.ports import Refetched
from adwatch.settings import load_settings
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.runs import open_run
from collectors.source import make_refetch, make_source

NAME = "here"
DAY = "2026-11-18"


@contextmanager
def instance_of(
    folder: Path, template: str, base: str, more: str = "", retries: int = 3, **settings: Any
) -> Iterator[Office]:
    """The three lines that an instance needs, and what loopback needs besides."""
    platforms = folder / "data" / "platforms"
    platforms.mkdir(parents=True, exist_ok=True)
    three = f"name: {NAME}\nextends: {template}\nbase_url: {base}\n"
    loopback = f"allow_hosts: ['{base}']\nrate: {{per_second: 200, agreed: test, retries: {retries}}}\n"
    (platforms / f"{NAME}.yml").write_text(three + loopback + more, encoding="utf-8")
    given = {"home": folder / "home", "data": folder / "data", "contact": "test@example", **settings}
    with Office(load_settings(**given, _env_file=None)) as office:
        assert NAME in office.platforms, office.platform_errors
        yield office


def patrol(office: Office, terms: Sequence[str] = (), day: str = DAY, name: str = NAME) -> PlatformResult:
    """One day's patrol with these search terms."""
    office.search_terms = lambda _day: list(terms)  # type: ignore[method-assign]
    return patrol_platform(office, day, name)


def stored(office: Office) -> dict[str, Any]:
    """Current listings by their native ids."""
    version, item = s.listing_version, s.listing
    columns = (item.c.native_id, item.c.url, item.c.price_fen, item.c.vanished_day)
    query = select(version, *columns).join(item, item.c.version_id == version.c.id)
    with reading(office.engine) as connection:
        return {row.native_id: row for row in connection.execute(query)}


def looked_up(office: Office, listing: Listing) -> Refetched:
    """What a check of a takedown finds now."""
    run = open_run(office.engine, "verify", DAY, NAME, "check", office.clock.now())
    refetch = make_refetch(office.platforms[NAME], office.tools)
    return refetch(listing, DAY, lambda exchange: office.keep("check", run.id, exchange))


def listings(office: Office, run: int = 1) -> list[Listing]:
    """All listings that the archived pages of a run hold."""
    from adwatch.store.captures import captures_of_run

    source = make_source(office.platforms[NAME], None)
    root = office.settings.archive_root
    found = []
    for capture in captures_of_run(office.engine, run):
        found += [one for one in source.extract(capture, read_body(root, capture)) if isinstance(one, Listing)]
    return found
