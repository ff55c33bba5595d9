"""Rows of accounts, sessions, one-time links and wrong passwords; see ``schema_accounts``."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adwatch.store import schema as s
from adwatch.store.engine import advisory_lock, insert_id

Row = dict[str, Any]
SIGN_IN_LOCK = 7_301_010
"""PostgreSQL advisory lock: tries are counted one after the other."""


def digest(secret: str) -> str:
    """What is kept of a secret that a browser holds."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def accounts(connection: Connection) -> list[Row]:
    """All accounts by name."""
    return [dict(row._mapping) for row in connection.execute(select(s.account).order_by(s.account.c.name))]


def by_name(connection: Connection, name: str) -> Row | None:
    """The account of a name."""
    row = connection.execute(select(s.account).where(s.account.c.name == name)).first()
    return None if row is None else dict(row._mapping)


def by_id(connection: Connection, account_id: int) -> Row | None:
    """The account of a surrogate key."""
    row = connection.execute(select(s.account).where(s.account.c.id == account_id)).first()
    return None if row is None else dict(row._mapping)


def active_of_role(connection: Connection, role: str) -> int:
    """How many accounts of a role can sign in."""
    c = s.account.c
    query = select(func.count()).where(c.role == role, c.active.is_(True), c.password.is_not(None))
    return int(connection.scalar(query) or 0)


def add(connection: Connection, **values: Any) -> int:
    """Add an account; its surrogate key."""
    return insert_id(connection, s.account, **values)


def change(connection: Connection, account_id: int, **values: Any) -> None:
    """Change columns of an account."""
    connection.execute(update(s.account).where(s.account.c.id == account_id).values(**values))


def open_session(connection: Connection, token: str, account_id: int, csrf: str, now: datetime) -> None:
    """Keep a new session."""
    values = {"sha256": digest(token), "account_id": account_id, "csrf": csrf, "opened_at": now, "seen_at": now}
    connection.execute(s.account_session.insert().values(**values))


def session(connection: Connection, token: str) -> Row | None:
    """A session with its account: the account's columns, and csrf, opened_at, seen_at."""
    t = s.account_session.c
    query = select(s.account, t.csrf, t.opened_at, t.seen_at).join(s.account, s.account.c.id == t.account_id)
    row = connection.execute(query.where(t.sha256 == digest(token))).first()
    return None if row is None else dict(row._mapping)


def seen(connection: Connection, token: str, now: datetime) -> None:
    """The session was used."""
    t = s.account_session
    connection.execute(update(t).where(t.c.sha256 == digest(token)).values(seen_at=now))


def end_session(connection: Connection, token: str) -> None:
    """End one session."""
    connection.execute(delete(s.account_session).where(s.account_session.c.sha256 == digest(token)))


def end_sessions(connection: Connection, account_id: int) -> None:
    """End all sessions of an account."""
    connection.execute(delete(s.account_session).where(s.account_session.c.account_id == account_id))


def sweep(connection: Connection, opened_before: datetime, seen_before: datetime) -> None:
    """Forget the sessions that have run out."""
    t = s.account_session.c
    connection.execute(delete(s.account_session).where(or_(t.opened_at < opened_before, t.seen_at < seen_before)))


def put_link(connection: Connection, token: str, account_id: int | None, now: datetime, ends: datetime) -> None:
    """Keep a one-time link; earlier ones to the same account end. None: the link that makes the first account."""
    link = s.account_link
    same = link.c.account_id.is_(None) if account_id is None else link.c.account_id == account_id
    connection.execute(delete(link).where(same))
    values = {"sha256": digest(token), "account_id": account_id, "made_at": now, "ends_at": ends}
    connection.execute(link.insert().values(**values))


def link(connection: Connection, token: str, now: datetime) -> Row | None:
    """A one-time link that still holds."""
    t = s.account_link
    row = connection.execute(select(t).where(t.c.sha256 == digest(token), t.c.ends_at > now)).first()
    return None if row is None else dict(row._mapping)


def use_link(connection: Connection, token: str, now: datetime) -> Row | None:
    """Use a link up; None where it does not hold, or another has just used it."""
    found = link(connection, token, now)
    t = s.account_link
    if found is None or not connection.execute(delete(t).where(t.c.sha256 == digest(token))).rowcount:
        return None
    return found


def end_links(connection: Connection, account_id: int) -> None:
    """End the one-time links to an account."""
    connection.execute(delete(s.account_link).where(s.account_link.c.account_id == account_id))


def try_password(connection: Connection, name: str, now: datetime, most: int, locked: timedelta) -> int:
    """Count one try before it is looked at: which one in a row it is, from 1; 0 where the name is locked.

    Counted first, so that however many processes try at once, no more than ``most`` passwords are looked at.
    """
    t, key = s.sign_in, digest(name)
    advisory_lock(connection, SIGN_IN_LOCK)
    connection.execute(delete(t).where(t.c.failed_at < now - locked))
    counted = update(t).where(t.c.name_sha256 == key, t.c.failures < most)
    if connection.execute(counted.values(failures=t.c.failures + 1, failed_at=now)).rowcount:
        return failures(connection, name)
    if connection.execute(select(t.c.failures).where(t.c.name_sha256 == key)).first() is not None:
        return 0
    connection.execute(t.insert().values(name_sha256=key, failures=1, failed_at=now))
    return 1


def failures(connection: Connection, name: str) -> int:
    """Tries counted for a name."""
    t = s.sign_in.c
    return int(connection.scalar(select(t.failures).where(t.name_sha256 == digest(name))) or 0)


def forget_tries(connection: Connection, name: str) -> None:
    """The right password was given, or an administrator unlocks the name."""
    connection.execute(delete(s.sign_in).where(s.sign_in.c.name_sha256 == digest(name)))


def views(connection: Connection, account_id: int) -> list[Row]:
    """Saved views of an account."""
    t = s.saved_view
    query = select(t).where(t.c.account_id == account_id).order_by(t.c.name)
    return [dict(row._mapping) for row in connection.execute(query)]


def save_view(connection: Connection, account_id: int, name: str, query: str) -> None:
    """Save a view; one of the same name is replaced."""
    t = s.saved_view
    same = (t.c.account_id == account_id) & (t.c.name == name)
    connection.execute(delete(t).where(same))
    connection.execute(t.insert().values(account_id=account_id, name=name, query=query))


def drop_view(connection: Connection, account_id: int, view_id: int) -> None:
    """Forget a view of the account's own."""
    t = s.saved_view
    connection.execute(delete(t).where(t.c.id == view_id, t.c.account_id == account_id))


def take_token(connection: Connection, token: str, now: datetime, holds: timedelta) -> bool:
    """Whether a confirmation is taken for the first time, by any process; those older than ``holds`` are forgotten."""
    t = s.console_token
    connection.execute(delete(t).where(t.c.taken_at < now - holds))
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    taken = insert(t).values(sha256=digest(token), taken_at=now).on_conflict_do_nothing(index_elements=["sha256"])
    return connection.execute(taken.returning(t.c.sha256)).first() is not None
