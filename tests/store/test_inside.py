"""Limits of a person on subjects, letters and transfers, on each database."""

from __future__ import annotations

from sqlalchemy import Engine, select

from adwatch.store import inside, life_lines, removal_figures, subject_views, takedown_papers, transfers
from adwatch.store import schema as s
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from tests.casework.office import ZONE
from tests.store.databases import engine, migrated_file, migrated_server, postgresql_server, store_url
from tests.store.world import World, listing, verdict

__all__ = ["engine", "migrated_file", "migrated_server", "postgresql_server", "store_url"]

LIMITS = (
    Filters(only_regions=("山西运城",)),
    Filters(only_families=("construction",)),
    Filters(only_regions=("山西运城", "山西临汾"), only_families=("construction",)),
)


def test_every_query_takes_the_limits(engine: Engine) -> None:
    world, cases = World(engine), {}
    for name, region, family in (("in", "山西运城盐湖区", "construction"), ("out", "山西太原", "special_operations")):
        item = listing(name, seller_region=region)
        cases[name] = world.flag(item, verdict(item, certificate_kinds=(family,)))
    for limits in LIMITS:
        with reading(engine) as connection:
            keys = select(s.case_listing.c.listing_id, s.case_listing.c.case_id)
            found = connection.execute(keys.where(*inside.of_listing(s.case_listing.c.listing_id, limits)))
            assert [row.case_id for row in found] == [cases["in"]]
            for rows in (
                subject_views.of_contact(connection, "k", 5, limits),
                subject_views.listings(connection, [1], 5, limits),
                subject_views.shared(connection, [1], ["contact"], limits),
                takedown_papers.page(connection, limits=limits),
                transfers.listed(connection, limits=limits),
                transfers.open_ones(connection, limits),
                removal_figures.back(connection, None, 5, limits),
                list(life_lines.life_lines(connection, [1], ZONE, limits)),
            ):
                assert rows == []
            assert subject_views.largest(connection, 5, limits=limits) == {}
            assert subject_views.accounts(connection, [1], limits) == {}
            assert subject_views.platforms(connection, [1], limits) == {}
            assert subject_views.states(connection, [1], limits) == {}
            assert subject_views.contacts(connection, [1], ["contact"], 3, limits) == {1: []}
            assert subject_views.near(connection, [1], ["image"], 3, limits) == {}
            assert inside.listings_of_requests(connection, [1], limits) == {}
