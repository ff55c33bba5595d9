"""The migration that lets corrections hold in cases that were decided before it."""

from __future__ import annotations

from alembic import command
from sqlalchemy import delete, update

from adwatch.store import schema as s
from adwatch.store.engine import migrate, open_engine, writing
from adwatch.store.opening import set_tags
from tests.casework.reviewing import LI, ZHANG, found
from tests.store.test_engine import alembic_config
from tests.store.world import World, listing

CORRECTED = {"scope": "other_credential", "types": ["paper_trade", "fast"], "families": ["gas", "lift"]}
MACHINE = {"class": ["sure_thing"], "family": ["electric"]}


def test_earlier_corrections_hold_after_the_migration_and_others_stay_the_machines(store_url: str) -> None:
    engine = open_engine(store_url)
    migrate(engine)
    world = World(engine)
    stands, overruled, plain = (world.flag(listing(str(number))) for number in range(3))
    found(world, stands, ZHANG, corrected=CORRECTED)
    found(world, overruled, ZHANG, corrected=CORRECTED)
    found(world, overruled, LI, "dismiss")
    found(world, plain, ZHANG)
    command.downgrade(alembic_config(engine), "0029")
    with writing(engine) as connection:  # as earlier versions left it
        connection.execute(update(s.case).values(scope="safety_production"))
        for number in (stands, overruled, plain):
            set_tags(connection, number, MACHINE)
        connection.execute(delete(s.outbox))
    command.upgrade(alembic_config(engine), "head")
    cases = {row["id"]: (row["scope"], row["family"]) for row in world.rows(s.case)}
    machine = ("safety_production", "electric")
    assert cases == {stands: ("other_credential", "*"), overruled: machine, plain: machine}
    tags = {(row["case_id"], row["kind"], row["value"]) for row in world.rows(s.case_tag) if row["kind"] != "seller"}
    person = {(stands, "class", each) for each in CORRECTED["types"]}
    person |= {(stands, "family", each) for each in CORRECTED["families"]}
    others = {(number, kind, *value) for number in (overruled, plain) for kind, value in MACHINE.items()}
    assert tags == person | others
    assert [row["decided_families"] for row in world.rows(s.case_listing)] == [["electric"]] * 3
    assert len(world.rows(s.outbox)) == 1, "the index looks at the corrected one again"
    engine.dispose()
