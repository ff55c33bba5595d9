from __future__ import annotations

import random

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, select, text

from adwatch.store import schema as s
from adwatch.store import subject_marks
from adwatch.store.engine import migrate, open_engine, reading, writing
from adwatch.store.subject_marks import BITS, EVERY, SLICES, Mark, add_marks, any_holder, carry_over, holders
from tests.store.test_engine import alembic_config
from tests.store.world import NOON

WIDTH = (1 << BITS) // SLICES


def accounts(connection: Connection, count: int) -> None:
    """Accounts 1 to count, each its own subject."""
    connection.execute(s.platform.insert().values(id=1, name="plaza", kind="html"))
    for number in range(1, count + 1):
        connection.execute(s.subject.insert().values(id=number, made_at=NOON))
        values = {"id": number, "key": bytes([number] * 16), "platform_id": 1, "subject_id": number}
        connection.execute(s.subject_account.insert().values(**values))


def lying(connection: Connection) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """(value, account) in the recent marks and in the old ones."""
    recent, old = ({tuple(row) for row in connection.execute(select(t))} for t in (s.subject_recent, s.subject_holder))
    return recent, old


def test_each_mark_lies_once_by_value_wherever_it_was_carried(engine: Engine) -> None:
    edges = [edge for at in range(SLICES) for edge in (at * WIDTH, (at + 1) * WIDTH - 1)]
    chooser = random.Random(7)
    values = [*edges, *(chooser.getrandbits(BITS) for _ in range(200))]
    with writing(engine) as connection:
        accounts(connection, 4)
        marks = {account: [Mark(value, "text", account, None) for value in values[account::3]] for account in (1, 2)}
        marks[3] = [Mark(value, "text", 3, None) for value in values]
        every = {(mark.value, account) for account, each in marks.items() for mark in each}
        assert {(value, account) for value, account, _ in add_marks(connection, marks)} == every
        assert lying(connection) == (every, set())
        before = {value: sorted(each) for value, each in holders(connection, values).items()}
        carry_over(connection, 1, EVERY - 1)
        assert lying(connection) == (every, set())
        for turn in range(SLICES):
            carry_over(connection, turn * EVERY + 1, (turn + 1) * EVERY)
            recent, old = lying(connection)
            assert old == {pair for pair in every if pair[0] < (turn + 1) * WIDTH}
            assert recent == every - old
            assert {value: sorted(each) for value, each in holders(connection, values).items()} == before
        assert add_marks(connection, marks) == []
        assert lying(connection) == (set(), every)


def test_a_long_batch_carries_everything_once(engine: Engine) -> None:
    with writing(engine) as connection:
        accounts(connection, 1)
        add_marks(connection, {1: [Mark(at * WIDTH, "text", 1, None) for at in range(SLICES)]})
        carry_over(connection, 500, 500 + 3 * SLICES * EVERY)
        recent, old = lying(connection)
    assert (len(recent), len(old)) == (0, SLICES)


def test_any_holder_is_the_lowest_of_old_and_recent_without_a_narrow_contact(engine: Engine) -> None:
    with writing(engine) as connection:
        accounts(connection, 4)
        add_marks(connection, {each: [Mark(5, "text", each, None)] for each in (2, 4)})
        carry_over(connection, 1, EVERY)
        assert any_holder(connection, 5, None) == 2
        add_marks(connection, {1: [Mark(5, "text", 1, None), Mark(9, "contact", 1, None)]})
        assert any_holder(connection, 5, None) == 1
        assert any_holder(connection, 5, "contact") == 2
        add_marks(connection, {2: [Mark(8, "contact", 2, None)]})
        assert any_holder(connection, 5, "contact") == 4
        subject_marks.add_wide(connection, [9])
        assert any_holder(connection, 5, "contact") == 1
        assert any_holder(connection, 6, None) is None


@pytest.mark.parametrize("back", [False, True], ids=["an older store", "there and back"])
def test_an_older_stores_marks_are_carried_over(store_url: str, back: bool) -> None:
    engine = open_engine(store_url)
    migrate(engine)
    command.downgrade(alembic_config(engine), "0030")
    rows = [
        (7, 1, "contact", "abc*"),
        (7, 2, "contact", None),
        (3, 2, "text", None),
        ((1 << BITS) - 1, 1, "text", None),
    ]
    statement = "INSERT INTO subject_mark (value, account_id, kind, listing_id, shown, at)"
    with writing(engine) as connection:
        accounts(connection, 2)
        for value, account, kind, shown in rows:
            given = {"value": value, "account": account, "kind": kind, "listing": account * 10, "shown": shown}
            connection.execute(
                text(f"{statement} VALUES (:value, :account, :kind, :listing, :shown, :at)"),
                given | {"at": NOON if engine.dialect.name == "postgresql" else "2026-11-18 04:00:00.000000"},
            )
    command.upgrade(alembic_config(engine), "head")
    if back:
        command.downgrade(alembic_config(engine), "0030")
        with reading(engine) as connection:
            assert connection.scalar(text("SELECT count(*) FROM subject_mark WHERE at IS NOT NULL")) == len(rows)
        command.upgrade(alembic_config(engine), "head")
    with writing(engine) as connection:
        m = s.subject_mark.c
        found = {tuple(row) for row in connection.execute(select(m.value, m.account_id, m.kind, m.shown))}
        assert found == set(rows)
        assert {tuple(row) for row in connection.execute(select(m.account_id, m.listing_id))} == {(1, 10), (2, 20)}
        assert lying(connection) == (set(), {(value, account) for value, account, *_ in rows})
        again = [Mark(7, "contact", 10, "abc*"), Mark(8, "text", 10, None)]
        assert add_marks(connection, {1: again}) == [(8, 1, "text")]
        assert {value: sorted(each) for value, each in holders(connection, [3, 7, 8]).items()} == {
            **{3: [2], 7: [1, 2], 8: [1]}
        }
    engine.dispose()
