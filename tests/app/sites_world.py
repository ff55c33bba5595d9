"""An office with listings of a shop in its store, for what sites are met in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from adwatch.app.office import Office
from adwatch.models import Listing
from adwatch.settings import Settings
from adwatch.stages.classify import classify_backlog
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.listings import upsert_listings
from adwatch.tables import table_file
from tests.store.databases import with_store

DAY = "2026-11-28"
OFFER = "特种作业操作证代办，不用考试，人不到场，三天出证，官网可查"


CONTROL = "http://control.example/"
"""What the tests' server answers while it is there (site_rules.csv: ``control``)."""


@contextmanager
def an_office(folder: Path, clock: Any = None, **more: Any) -> Iterator[Office]:
    given = {
        "home": with_store(folder / "home"),
        "contact": "t@t.example",
        "unit": "某市市场监管局",
        "data": folder / "data",
        **more,
    }
    controlled(given["data"])
    with Office(Settings(**given), clock) as office:
        yield office


def controlled(data: Path) -> Path:
    """Have an office's rules of sites name the control page of the tests' server."""
    file = data / "tables" / "site_rules.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    rules = file if file.exists() else table_file("site_rules.csv", None)
    lines = [line for line in rules.read_text("utf-8").splitlines() if not line.startswith("control,")]
    file.write_text("\n".join([*lines, f"control,{CONTROL},"]) + "\n", "utf-8")
    return data


def put(office: Office, items: Sequence[Listing], day: str = DAY) -> dict[str, int]:
    """Store and classify; surrogate keys by native id."""
    for platform in sorted({item.platform for item in items}):
        mine = [item for item in items if item.platform == platform]
        upsert_listings(office.engine, platform, mine, day, office.clock.now())
    classify_backlog(office.classifier, day)
    with reading(office.engine) as connection:
        return {row.native_id: row.id for row in connection.execute(select(s.listing))}


def offer(number: int, text: str, **more: Any) -> Listing:
    return Listing("shop", f"g{number}", title="证件代办", text=text, url=f"https://shop.example/{number}", **more)
