"""Three hundred listings of another writer that name one of the thirty sites: what is met, looked at, found and missed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adwatch.app import site_looks
from adwatch.app.sightings import read_texts
from adwatch.models import Listing
from adwatch.store import schema as s
from adwatch.store import sites as store
from adwatch.store.engine import reading
from adwatch.text.hosts import host_of
from tests.app.site_server import SITES, WORLD, SiteServer, lay_out, site_server
from tests.app.sites_world import DAY, an_office, put

LINKS = WORLD.parent / "links" / "listings.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in LINKS.read_text("utf-8").splitlines()]
BY_NUMBER = {site["file"][:2]: site for site in SITES}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteServer]:
    with site_server(monkeypatch) as running:
        yield running


def address(number: str) -> str:
    """As a seller writes it: without the scheme."""
    return str(BY_NUMBER[number]["url"]).split("://", 1)[1].split("#", 1)[0].rstrip("/")


@pytest.mark.slow
def test_listings_lead_to_sites_and_fakes_among_them_get_their_case(tmp_path: Path, server: SiteServer) -> None:
    lay_out(server)
    items = [
        Listing(
            "shop",
            row["id"],
            title=row["title"].replace("{site}", address(row["site"])),
            text=row["text"].replace("{site}", address(row["site"])),
            url=f"https://shop.example/{row['id']}",
        )
        for row in ROWS
    ]
    with an_office(tmp_path, chromium="no-such-browser") as office:
        put(office, items)
        read_texts(office, DAY)
        looked = {row["name"]: row for row in site_looks.look_due(office, manners=server.manners)}
        with reading(office.engine) as connection:
            seen = store.sightings_of(connection, [row["id"] for row in store.sites(connection)])
            names = {row.id: row.native_id for row in connection.execute(select(s.listing))}
    fakes = {host_of(site["url"]) for site in SITES if site["expected"] == "fake_lookup"}
    found = {name for name, row in looked.items() if row["word"] == "fake_lookup"}
    assert found <= fakes, found - fakes
    met = {names[each["listing_id"]] for each in seen}
    leading = [row for row in ROWS if host_of(BY_NUMBER[row["site"]]["url"]) in fakes]
    reached = [row for row in leading if row["id"] in met]
    hidden = fakes - set(looked)
    figures = f"{len(found)} of {len(fakes)} fakes found, {len(reached)} of {len(leading)} listings lead there; unmet {hidden}"
    assert len(found) >= 7, figures
    assert len(reached) >= 0.9 * len(leading), figures
