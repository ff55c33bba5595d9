"""Accounts by themselves: on each database, and from several processes' ends at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from adwatch.casework import accounts, sign_in
from adwatch.errors import UsageError
from adwatch.evidence.audit import verify_log
from adwatch.models import Actor
from adwatch.store import schema as s
from adwatch.store.engine import open_engine, reading
from tests.store.databases import engine, migrated_file, migrated_server, postgresql_server, store_url

__all__ = ["engine", "migrated_file", "migrated_server", "postgresql_server", "store_url"]

NOW = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
BY = Actor("王芳", "某局", "admin")
PASSWORD = "一二三 correct horse"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "COST", {"time_cost": 1, "memory_cost": 8, "parallelism": 1})


def made(engine: Engine, name: str = "zhang", role: str = "reviewer") -> None:
    values = {"name": name, "person": "张三", "unit": "某局", "role": role}
    token = accounts.add(engine, BY, values, ("construction",), NOW)
    assert sign_in.use_link(engine, token, PASSWORD, PASSWORD, None, NOW) == name


def refused(engine: Engine, name: str, password: str, now: datetime = NOW) -> str:
    with pytest.raises(UsageError) as error:
        sign_in.sign_in(engine, name, password, now)
    return str(error.value)


def actions(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(s.audit_entry.c.action).order_by(s.audit_entry.c.seq)))


def test_nobody_has_a_password_before_the_one_time_link(engine: Engine) -> None:
    first = accounts.first_link(engine, NOW)
    second = accounts.first_link(engine, NOW)
    assert first and second and sign_in.link(engine, first, NOW) is None, "a new start ends the earlier link"
    form = {"name": "wang", "person": "王芳", "unit": "某局"}
    for wrong in (("short", "short"), (PASSWORD, "other words here"), ("aaaaaaaaaaaa", "aaaaaaaaaaaa")):
        with pytest.raises(UsageError):
            sign_in.use_link(engine, second, *wrong, form, NOW)
    assert sign_in.use_link(engine, second, PASSWORD, PASSWORD, form, NOW) == "wang"
    with pytest.raises(UsageError, match="无效"):
        sign_in.use_link(engine, second, PASSWORD, PASSWORD, {**form, "name": "mallory"}, NOW)
    assert accounts.first_link(engine, NOW) is None
    with reading(engine) as connection:
        rows = connection.execute(select(s.account)).all()
    assert [(row.name, row.role, row.password.startswith("$argon2id$")) for row in rows] == [("wang", "admin", True)]


def test_a_link_runs_out(engine: Engine) -> None:
    token = accounts.first_link(engine, NOW)
    assert token and sign_in.link(engine, token, NOW + accounts.LINK + timedelta(seconds=1)) is None


def test_the_lock_out_holds_for_every_process_and_ends(engine: Engine) -> None:
    made(engine)
    other = open_engine(str(engine.url.render_as_string(hide_password=False)))
    ends = [engine, other]
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: refused(ends[n % 2], "zhang", f"wrong {n}"), range(12)))
    assert sum("账号或密码不对" in each for each in said) == sign_in.TRIES
    for each in ends:
        assert "锁定" in refused(each, "zhang", PASSWORD), "the right password is not looked at either"
    assert "不对" in refused(engine, "li", PASSWORD)
    later = NOW + sign_in.LOCKED + timedelta(seconds=1)
    assert sign_in.sign_in(other, "zhang", PASSWORD, later)[0]
    assert actions(engine).count("account.locked") == 1
    other.dispose()


def test_names_without_an_account_are_locked_as_others(engine: Engine) -> None:
    said = [refused(engine, "nobody", "x") for _ in range(sign_in.TRIES + 1)]
    assert "不对" in said[0] and "锁定" in said[-1]


def test_an_administrator_ends_a_lock_out_and_the_old_password(engine: Engine) -> None:
    made(engine)
    token, _ = sign_in.sign_in(engine, "zhang", PASSWORD, NOW)
    for _ in range(sign_in.TRIES):
        refused(engine, "zhang", "wrong")
    link = accounts.reset(engine, BY, "zhang", NOW)
    assert sign_in.session(engine, token, NOW) is None
    assert "不对" in refused(engine, "zhang", PASSWORD)
    sign_in.use_link(engine, link, PASSWORD + "2", PASSWORD + "2", None, NOW)
    assert sign_in.sign_in(engine, "zhang", PASSWORD + "2", NOW)


def test_sessions_run_out_idle_and_after_a_day(engine: Engine) -> None:
    made(engine)
    token, csrf = sign_in.sign_in(engine, "zhang", PASSWORD, NOW)
    who = sign_in.session(engine, token, NOW)
    assert who and (who.actor, who.csrf) == (Actor("张三", "某局", "reviewer"), csrf)
    assert sign_in.session(engine, token, NOW + sign_in.IDLE) is None
    now = NOW
    while now - NOW < sign_in.LIFE - timedelta(minutes=50):
        now += timedelta(minutes=50)
        assert sign_in.session(engine, token, now) is not None, now - NOW
    assert sign_in.session(engine, token, NOW + sign_in.LIFE) is None
    assert sign_in.session(engine, token + "x", NOW) is None
    with reading(engine) as connection:
        kept = connection.execute(select(s.account_session.c.sha256)).scalar_one()
    assert kept != token and len(kept) == 64


def test_a_change_holds_at_once_and_one_administrator_stays(engine: Engine) -> None:
    made(engine, "wang", "admin")
    made(engine)
    token, _ = sign_in.sign_in(engine, "zhang", PASSWORD, NOW)
    accounts.change(engine, BY, "zhang", {"role": "viewer", "regions": ["山西运城"]}, (), NOW)
    assert sign_in.session(engine, token, NOW) is None
    token, _ = sign_in.sign_in(engine, "zhang", PASSWORD, NOW)
    who = sign_in.session(engine, token, NOW)
    assert who and who.role == "viewer" and who.regions == ("山西运城",) and who.limited and not who.may("decide")
    accounts.set_active(engine, BY, "zhang", False, NOW)
    assert sign_in.session(engine, token, NOW) is None and "不对" in refused(engine, "zhang", PASSWORD)
    for act in (
        lambda: accounts.set_active(engine, BY, "wang", False, NOW),
        lambda: accounts.change(engine, BY, "wang", {"role": "viewer"}, (), NOW),
    ):
        with pytest.raises(UsageError, match="唯一的管理员"):
            act()
    log = verify_log(engine)
    assert log.fault is None
    assert {"account.add", "account.password", "account.sign_in", "account.change", "account.disable"} <= set(
        actions(engine)
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a"),
        ("name", "a b"),
        ("name", "<b>x"),
        ("person", ""),
        ("person", "甲\n乙"),
        ("role", "root"),
        ("unit", "单" * 61),
    ],
)
def test_wrong_accounts_are_refused_by_field(engine: Engine, field: str, value: str) -> None:
    values = {"name": "li", "person": "李四", "unit": "某局", "role": "viewer", field: value}
    with pytest.raises(UsageError):
        accounts.add(engine, BY, values, (), NOW)
    with pytest.raises(UsageError, match="family"):
        accounts.add(
            engine,
            BY,
            {**values, field: "viewer9"}
            | {"name": "li", "role": "viewer", "person": "李", "unit": "局", "families": ["x"]},
            (),
            NOW,
        )
