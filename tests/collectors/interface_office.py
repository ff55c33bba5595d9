"""An office with keys, beside a stand-in of an open interface that another wrote after the documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from adwatch.app import Office
from adwatch.archive import read_body
from adwatch.models import Capture, Listing
from adwatch.ports import Event, Refused
from adwatch.settings import load_settings
from adwatch.store.runs import open_run
from collectors.plan import Tally
from collectors.source import make_source

DAY = "2026-11-18"


@dataclass
class Patrol:
    """One run of a source and what came of it."""

    captures: list[Capture]
    events: list[Event]
    tally: Tally
    listings: list[Listing | Refused]

    @property
    def trouble(self) -> list[tuple[str, str]]:
        """(outcome, first word of the message)."""
        return [(event.outcome, event.message.split(":")[0]) for event in self.events if event.outcome != "ok"]


@contextmanager
def office_with(
    folder: Path, base: str, extends: str, keys: Mapping[str, Mapping[str, str]], more: str = ""
) -> Iterator[Office]:
    """The platform ``here``: the shipped file on the stand-in's address, asked fast."""
    platforms = folder / "data" / "platforms"
    platforms.mkdir(parents=True, exist_ok=True)
    head = f"name: here\nextends: {extends}\nenabled: true\nbase_url: {base}\n"
    rate = f"allow_hosts: ['{base.removeprefix('http://')}']\nrate: {{per_second: 200, agreed: test}}\n"
    (platforms / "here.yml").write_text(head + rate + more, encoding="utf-8")
    given = {"home": folder / "home", "data": folder / "data", "keys": json.dumps(keys), "contact": "test@example"}
    with Office(load_settings(**given, _env_file=None)) as office:
        assert "here" in office.platforms, office.platform_errors
        yield office


def patrolled(office: Office, terms: list[str], sleep: Callable[[float], None] | None = None) -> Patrol:
    """Collect, and read what is in the archive."""
    tools = office.tools if sleep is None else replace(office.tools, sleep=sleep)
    source = make_source(office.platforms["here"], tools)
    run = open_run(office.engine, "patrol", DAY, "here", "signed_json", office.clock.now())
    found = list(source.collect(DAY, terms, lambda exchange: office.keep("signed_json", run.id, exchange)))
    source.close()
    captures = [each for each in found if isinstance(each, Capture)]
    events = [each for each in found if isinstance(each, Event)]
    listings = [one for each in captures for one in source.extract(each, read_body(office.shelf, each))]
    return Patrol(captures, events, source.tally, listings)
