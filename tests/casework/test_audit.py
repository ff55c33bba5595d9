from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, delete, func, select, update

from adwatch.casework.takedown import mark_sent
from adwatch.evidence.audit import Checked, check_log, verify_log
from adwatch.store import schema as s
from adwatch.store.audit import GENESIS, entry_digest
from adwatch.store.engine import migrate, open_engine, reading, writing
from tests.casework import audit_process
from tests.casework.office import UNIT, ZONE, confirmed, decide, draft, register
from tests.casework.test_export import export
from tests.processes import Called
from tests.store.world import World, listing

LOG = s.audit_entry


def entries(engine: Engine) -> list[dict[str, object]]:
    with reading(engine) as connection:
        return [dict(row._mapping) for row in connection.execute(select(LOG).order_by(LOG.c.seq))]


def test_each_verb_that_changes_something_appends_an_entry(world: World, tmp_path: Path) -> None:
    case_id = world.flag(listing("1"))
    register(world, [case_id])
    decide(world, case_id, "doubt")
    decide(world, case_id, "confirm")
    decide(world, case_id, "confirm")  # nothing changes, nothing is said
    number = draft(world, tmp_path)[0]["number"]
    mark_sent(world.engine, [number], "王五", world.now, zone=ZONE)
    export(world, tmp_path)
    export(world, tmp_path)
    found = entries(world.engine)
    assert [(row["action"], row["subject"], row["person"]) for row in found] == [
        ("review.register", "case", "李四"),
        ("review.doubt", "case", "张三"),
        ("review.confirm", "case", "张三"),
        ("track.open", "case", "machine"),
        ("takedown.draft", "takedown", "machine"),
        *[("track.move", "case", "王五")] * 3,
        ("takedown.mark-sent", "takedown", "王五"),
        ("export.issue", "export", "machine"),
    ]
    assert {row["unit"] for row in found[:9]} == {UNIT}
    about_letters = [row["subject_id"] for row in found if row["subject"] == "takedown"]
    assert about_letters == [number] * 2
    assert {row["subject_id"] for row in found if row["subject"] == "case"} == {str(case_id)}
    assert [row["seq"] for row in found] == list(range(1, 11))
    assert found[0]["before"] == GENESIS
    assert verify_log(world.engine) == Checked(10, str(found[-1]["sha256"]), None)


def test_what_was_refused_is_not_in_the_log(world: World) -> None:
    case_id = world.flag(listing("1"))
    decide(world, [case_id, 99])
    decide(world, case_id, "exclude")
    assert [row["action"] for row in entries(world.engine)] == ["review.register", "review.confirm"]


def test_a_reason_is_in_the_log_by_its_digest_only(world: World) -> None:
    decide(world, world.flag(listing("1")), reason="卖家电话13800138000")
    assert "13800138000" not in str(entries(world.engine))


def _set(connection: Connection, place: int, **values: object) -> None:
    connection.execute(update(LOG).where(LOG.c.seq == place).values(**values))


def _row(connection: Connection, seq: int) -> dict[str, object]:
    return dict(connection.execute(select(LOG).where(LOG.c.seq == seq)).one()._mapping)


def _shift(connection: Connection, first: int, by: int) -> None:
    for seq in sorted(connection.scalars(select(LOG.c.seq).where(LOG.c.seq >= first)), reverse=by > 0):
        _set(connection, seq, seq=seq + by)


def altered(connection: Connection) -> None:
    _set(connection, 3, person="赵六")


def altered_digest(connection: Connection) -> None:
    _set(connection, 3, sha256="0" * 64)


def altered_time(connection: Connection) -> None:
    _set(connection, 3, at=_row(connection, 4)["at"], unit=None)


def altered_with_its_digest(connection: Connection) -> None:
    _set(connection, 3, person="赵六")
    _set(connection, 3, sha256=entry_digest(_row(connection, 3)))


def removed(connection: Connection) -> None:
    connection.execute(delete(LOG).where(LOG.c.seq == 3))


def removed_and_closed_up(connection: Connection) -> None:
    removed(connection)
    _shift(connection, 4, -1)


def removed_at_the_end(connection: Connection) -> None:
    connection.execute(delete(LOG).where(LOG.c.seq == 6))


def removed_at_the_start(connection: Connection) -> None:
    connection.execute(delete(LOG).where(LOG.c.seq == 1))
    _shift(connection, 2, -1)


def inserted(connection: Connection) -> None:
    row = {**_row(connection, 3), "person": "赵六"}
    _shift(connection, 3, 1)
    connection.execute(LOG.insert().values(**row))


def inserted_with_its_digest(connection: Connection) -> None:
    row = {**_row(connection, 3), "person": "赵六"}
    row["sha256"] = entry_digest(row)
    _shift(connection, 3, 1)
    connection.execute(LOG.insert().values(**row))


def inserted_at_the_end(connection: Connection) -> None:
    last = _row(connection, 6)
    row = {**last, "seq": 7, "before": last["sha256"]}
    connection.execute(LOG.insert().values(**{**row, "sha256": entry_digest(row)}))


def swapped(connection: Connection) -> None:
    _set(connection, 3, seq=99)
    _set(connection, 5, seq=3)
    _set(connection, 99, seq=5)


def moved_to_the_end(connection: Connection) -> None:
    _set(connection, 3, seq=99)


def decision_altered(connection: Connection) -> None:
    connection.execute(update(s.decision).where(s.decision.c.id == 2).values(person="赵六"))


def decision_removed(connection: Connection) -> None:
    connection.execute(delete(s.decision).where(s.decision.c.id == 2))


FAULTS: list[tuple[Callable[[Connection], None], int, str]] = [
    (altered, 3, "altered"),
    (altered_digest, 3, "altered"),
    (altered_time, 3, "altered"),
    (altered_with_its_digest, 3, "altered"),
    (removed, 3, "removed"),
    (removed_and_closed_up, 3, "removed"),
    (removed_at_the_end, 6, "removed"),
    (removed_at_the_start, 1, "removed"),
    (inserted, 3, "inserted"),
    (inserted_with_its_digest, 3, "inserted"),
    (inserted_at_the_end, 7, "inserted"),
    (swapped, 3, "reordered"),
    (moved_to_the_end, 3, "reordered"),
    (decision_altered, 4, "decision"),
    (decision_removed, 4, "decision"),
]


def test_verify_names_the_first_entry_that_does_not_stand(world: World) -> None:
    confirmed(world, "1", "2", "3")
    before = verify_log(world.engine)
    assert (before.entries, before.fault) == (6, None)
    for change, seq, word in FAULTS:
        with world.engine.connect() as connection, connection.begin() as transaction:
            change(connection)
            fault = check_log(connection).fault
            transaction.rollback()
        assert fault is not None, change.__name__
        assert (fault.seq, fault.word) == (seq, word), (change.__name__, fault)
    assert verify_log(world.engine) == before


def test_a_chain_written_anew_is_found_by_a_digest_noted_earlier(world: World) -> None:
    confirmed(world, "1", "2")
    head = verify_log(world.engine).head
    before = GENESIS
    with writing(world.engine) as connection:
        for seq in range(1, 5):
            _set(connection, seq, role="负责人", before=before)
            before = entry_digest(_row(connection, seq))
            _set(connection, seq, sha256=before)
    assert verify_log(world.engine).fault is None
    fault = verify_log(world.engine, head).fault
    assert fault is not None
    assert fault.word == "altered"
    confirmed(world, "3")
    assert verify_log(world.engine, before).fault is None


def _process(url: str, first: int, last: int, **variables: str) -> Called:
    return Called(audit_process.main, url, str(first), str(last), **variables)


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False).replace("+psycopg", "")


@pytest.mark.slow
def test_processes_that_decide_at_once_make_one_chain(world: World) -> None:
    for number in range(60):
        world.flag(listing(str(number)))
    started = [_process(_url(world.engine), first, first + 29) for first in (1, 1, 31, 31)]
    assert [process.ended()[0] for process in started] == [0] * 4
    done = verify_log(world.engine)
    assert (done.entries, done.fault) == (120, None)
    with reading(world.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(s.decision)) == 60


@pytest.mark.slow
@pytest.mark.parametrize("point", ["audit.before_commit", "audit.after_commit"])
def test_killed_at_a_write_the_chain_stands_and_goes_on(world: World, point: str) -> None:
    for number in range(4):
        world.flag(listing(str(number)))
    killed = _process(_url(world.engine), 1, 4, ADWATCH_FAILPOINT=f"{point}@3")
    assert killed.ended()[0] == -signal.SIGKILL
    done = verify_log(world.engine)
    decided = 2 if point == "audit.before_commit" else 3
    assert (done.entries, done.fault) == (2 * decided, None)
    assert _process(_url(world.engine), 1, 4).ended()[0] == 0
    done = verify_log(world.engine)
    assert (done.entries, done.fault) == (8, None)


def test_a_log_begun_on_an_older_store_begins_at_one(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    migrate(engine)
    assert verify_log(engine) == Checked(0, GENESIS, None)
    engine.dispose()
