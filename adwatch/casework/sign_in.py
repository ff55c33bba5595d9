"""Signing in: passwords, one-time links, lock-out that holds across processes, sessions that run out."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from adwatch.casework.accounts import checked, entry
from adwatch.casework.roles import Session
from adwatch.errors import UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import accounts as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import reading, writing

TRIES = 5
"""Wrong passwords in a row before a name is locked."""
LOCKED = timedelta(minutes=15)
"""For how long, from the last try that was looked at."""
IDLE = timedelta(hours=1)
"""A session that is not used for so long has ended."""
LIFE = timedelta(hours=10)
"""A session ends after so long: one working day."""
SHORTEST, LONGEST = 10, 200
"""Characters of a password."""

COST: dict[str, Any] = {}
"""Parameters of argon2id; empty: those that the library recommends (RFC 9106, low memory: 64 MiB, 3 passes)."""
_HASHING = threading.BoundedSemaphore(2)
"""argon2 takes 64 MiB each time: a crowd of tries waits instead of filling the machine."""


def hash_password(password: str) -> str:
    """argon2id with a salt of its own."""
    from argon2 import PasswordHasher

    with _HASHING:
        return str(PasswordHasher(**COST).hash(password))


def password_fits(stored: str | None, password: str) -> bool:
    """Whether the password is the one stored; where there is none, the answer takes as long."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    if stored is None:
        hash_password(password)
        return False
    with _HASHING:
        try:
            return bool(PasswordHasher(**COST).verify(stored, password))
        except (VerificationError, InvalidHashError):
            return False


def link(engine: Engine, token: str, now: datetime) -> dict[str, Any] | None:
    """What a one-time link is for: ``account`` (None: the first administrator); None: it does not hold."""
    with reading(engine) as connection:
        found = store.link(connection, token, now)
        if found is None:
            return None
        return {"account": None if found["account_id"] is None else store.by_id(connection, found["account_id"])}


def use_link(
    engine: Engine, token: str, password: str, again: str, values: Mapping[str, Any] | None, now: datetime
) -> str:
    """Set a password by a link, making the first administrator where it is that link; the account's name.

    ``values``: name, person and unit of the first administrator. A mistake in the form leaves the link as it is.
    """
    refuse_weak(password, again)
    hashed = hash_password(password)
    with writing(engine) as connection:
        found = store.use_link(connection, token, now)
        if found is None:
            raise UsageError("此一次性链接无效、已用过或已过期；请管理员重新签发")
        if found["account_id"] is None:
            if store.active_of_role(connection, "admin"):
                raise UsageError("已有管理员；请由其开设账号")
            row = checked({**(values or {}), "role": "admin", "regions": [], "families": []}, ())
            if store.by_name(connection, row["name"]) is not None:
                raise UsageError(f"账号 {row['name']}: 已有此账号；另取一名")
            account_id = store.add(connection, **row, active=True, made_at=now, password=hashed)
            detail = row
        else:
            row = store.by_id(connection, found["account_id"]) or {}
            account_id, detail = row["id"], {"name": row["name"]}
            store.change(connection, account_id, password=hashed)
            store.end_sessions(connection, account_id)
        if row["name"] == password:
            raise UsageError("密码不能与账号相同")
        store.forget_tries(connection, row["name"])
        actor = Actor(row["person"], row["unit"], row["role"])
        append_entries(connection, [entry(actor, "password", account_id, now, detail)])
    failpoint("audit.after_commit")
    return str(row["name"])


def refuse_weak(password: str, again: str) -> None:
    """Refuse a password that is too short, too long, or was typed differently the second time."""
    if password != again:
        raise UsageError("两次输入的密码不一致")
    if not SHORTEST <= len(password) <= LONGEST or len(set(password)) < 5:
        raise UsageError(f"密码须有 {SHORTEST} 至 {LONGEST} 个字符，且不是少数字符的重复")


def sign_in(engine: Engine, name: str, password: str, now: datetime) -> tuple[str, str]:
    """(token of a new session, its CSRF token). The same refusal whether the name or the password is wrong."""
    name = name.strip()[:60]
    with writing(engine) as connection:
        tried = store.try_password(connection, name, now, TRIES, LOCKED)
        row = store.by_name(connection, name)
    if not tried:
        raise UsageError(f"连续输错 {TRIES} 次，已暂时锁定；请 {LOCKED.seconds // 60} 分钟后再试，或请管理员重设")
    usable = row is not None and row["active"]
    if not password_fits(row["password"] if row and usable else None, password[:LONGEST]) or row is None:
        if tried == TRIES and row is not None:
            _note_lock(engine, row, now)
        raise UsageError("账号或密码不对")
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    with writing(engine) as connection:
        store.sweep(connection, now - LIFE, now - IDLE)
        store.forget_tries(connection, name)
        store.open_session(connection, token, row["id"], csrf, now)
        store.change(connection, row["id"], signed_in_at=now)
        actor = Actor(row["person"], row["unit"], row["role"])
        append_entries(connection, [entry(actor, "sign_in", row["id"], now, {"name": name})])
    return token, csrf


def _note_lock(engine: Engine, row: Mapping[str, Any], now: datetime) -> None:
    """A lock-out of an account that exists stands in the log."""
    with writing(engine) as connection:
        append_entries(connection, [Entry("machine", None, "account.locked", "account", str(row["id"]), now)])


def session(engine: Engine, token: str, now: datetime) -> Session | None:
    """The session of a token; None if it has run out, was ended, or its account is disabled."""
    with reading(engine) as connection:
        row = store.session(connection, token)
    if row is None or not row["active"] or now - row["opened_at"] >= LIFE or now - row["seen_at"] >= IDLE:
        return None
    if now - row["seen_at"] > timedelta(minutes=1):
        with writing(engine) as connection:
            store.seen(connection, token, now)
    return Session(
        row["id"],
        row["name"],
        Actor(row["person"], row["unit"], row["role"]),
        row["role"],
        tuple(row["regions"]),
        tuple(row["families"]),
        row["csrf"],
    )


def sign_out(engine: Engine, token: str, who: Session, now: datetime) -> None:
    """End a session."""
    with writing(engine) as connection:
        store.end_session(connection, token)
        append_entries(connection, [entry(who.actor, "sign_out", who.account_id, now, {"name": who.name})])


def token_fits(wanted: str, sent: str | None) -> bool:
    """Whether a form's token is the one it was given."""
    return hmac.compare_digest(wanted.encode(), (sent or "").encode("utf-8", "surrogatepass"))
