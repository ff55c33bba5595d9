from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from adwatch.errors import SettingsError, StageError, UsageError
from adwatch.evidence.audit import verify_log
from adwatch.evidence.daily import keep_root
from adwatch.evidence.stamps import checked, load_certificates, stamp
from adwatch.store import schema as s
from adwatch.store.engine import reading, writing
from tests.casework.office import UNIT, ZONE, confirmed
from tests.casework.time_service import authority, service
from tests.store.world import DAY, World

NOBODY = "http://127.0.0.1:9/"


def ask(world: World, url: str, ca: Path) -> datetime:
    return stamp(world.engine, DAY, url, ca, "machine", UNIT, world.now + timedelta(days=1))


def rooted(world: World) -> bytes:
    confirmed(world, "1", "2")
    found, _ = keep_root(world.engine, DAY, "machine", UNIT, now=world.now + timedelta(days=1), zone=ZONE)
    return bytes.fromhex(found.root)


def kept(world: World) -> tuple[int, dict[str, str]]:
    with reading(world.engine) as connection:
        row = connection.execute(select(s.audit_entry).where(s.audit_entry.c.action == "evidence.stamp")).one()
        return row.seq, dict(row.detail)


def test_a_root_is_stamped_once_and_checked_without_network(world: World, tmp_path: Path) -> None:
    ca = authority(tmp_path / "ca")
    root = rooted(world)
    with service(tmp_path / "ca") as (url, asked):
        when = ask(world, url, ca)
        assert ask(world, url, ca) == when
    assert len(asked) == 1
    assert abs(datetime.now(UTC) - when) < timedelta(minutes=10)
    assert ask(world, NOBODY, ca) == when
    assert verify_log(world.engine).fault is None
    seq, detail = kept(world)
    answer, known = base64.b64decode(detail["stamp"]), load_certificates(ca)
    assert checked(answer, root, known) == when
    with pytest.raises(StageError, match="not the service's for this root"):
        checked(answer, b"\0" * 32, known)
    with pytest.raises(StageError, match="not the service's for this root"):
        checked(answer, root, load_certificates(authority(tmp_path / "other", "another authority")))
    at = answer.index(root_digest(root))
    for place in (at, len(answer) - 1, 0):
        broken = answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]
        with pytest.raises(StageError, match="not the service's for this root"):
            checked(broken, root, known)
    broken = answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]
    with writing(world.engine) as connection:
        values = {**detail, "stamp": base64.b64encode(broken).decode()}
        connection.execute(update(s.audit_entry).where(s.audit_entry.c.seq == seq).values(detail=values))
    with pytest.raises(StageError, match="not the service's for this root"):
        ask(world, NOBODY, ca)


def root_digest(root: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(root).digest()


def test_what_cannot_be_stamped_is_said_and_nothing_is_kept(world: World, tmp_path: Path) -> None:
    ca = authority(tmp_path / "ca")
    other = authority(tmp_path / "other", "another authority")
    with pytest.raises(UsageError, match="has no root yet"):
        ask(world, NOBODY, ca)
    rooted(world)
    before = verify_log(world.engine)
    with pytest.raises(StageError, match="time-stamping service: "):
        ask(world, NOBODY, ca)
    with pytest.raises(SettingsError, match="ADWATCH_TSA_URL"):
        ask(world, "", ca)
    with pytest.raises(SettingsError, match="ADWATCH_TSA_CA"):
        ask(world, NOBODY, tmp_path / "none.pem")
    with service(tmp_path / "ca", status=503) as (url, _), pytest.raises(StageError, match="status 503"):
        ask(world, url, ca)
    with service(tmp_path / "ca") as (url, _), pytest.raises(StageError, match="not the service's"):
        ask(world, url, other)
    assert verify_log(world.engine) == before
