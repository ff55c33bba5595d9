"""Accounts as the command and the console call them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Any

from adwatch.app.office import Office
from adwatch.casework import accounts as work
from adwatch.casework import sign_in as signing
from adwatch.casework.roles import RIGHTS, ROLES, Session
from adwatch.casework.sign_in import IDLE, LIFE, token_fits
from adwatch.errors import StoreError, UsageError
from adwatch.files import made_once
from adwatch.models import Actor
from adwatch.store import accounts as store
from adwatch.store.engine import reading, writing
from adwatch.store.queue import Filters, within

__all__ = ["IDLE", "LIFE", "RIGHTS", "ROLES", "Session", "token_fits"]

KEY_FILE = "console.key"
Row = dict[str, Any]


def console_key(home: Path) -> str:
    """The secret that signs cookies, made with mode 0600 at first use; a new one ends all sessions."""
    file = home / KEY_FILE
    try:
        key = made_once(file, lambda: secrets.token_hex(32).encode()).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{file}: the console's secret cannot be used: {error}; delete it for a new one") from error
    if len(key) < 64:
        raise StoreError(f"{file}: must hold 64 hexadecimal digits; delete it to make a new one")
    return key


def address(office: Office, token: str, base: str = "") -> str:
    """The address of a one-time link."""
    at = base or office.settings.console_url or "http://127.0.0.1:8780"
    return f"{at.rstrip('/')}/link/{token}"


def list_accounts(office: Office) -> list[Row]:
    """All accounts, without their passwords' hashes."""
    with reading(office.engine) as connection:
        rows = store.accounts(connection)
    return [_shown(row, office.settings.zone) for row in rows]


def _shown(row: Row, zone: tzinfo) -> Row:
    shown = {key: row[key] for key in ("name", "person", "unit", "role", "regions", "families", "active")}
    signed_in = row["signed_in_at"]
    return {
        **shown,
        "role_label": ROLES[row["role"]],
        "has_password": row["password"] is not None,
        "signed_in_at": signed_in.astimezone(zone).isoformat(timespec="seconds") if signed_in else None,
    }


def namesakes(office: Office, name: str) -> list[str]:
    """Other accounts in use whose person is called as that of an account: records name persons, not accounts."""
    rows = list_accounts(office)
    own = next((row["person"] for row in rows if row["name"] == name.strip()), None)
    return [row["name"] for row in rows if row["person"] == own and row["name"] != name.strip() and row["active"]]


def add(office: Office, actor: Actor, values: Mapping[str, Any]) -> str:
    """Add an account; the token of its one-time link."""
    return work.add(office.engine, actor, values, tuple(office.families), office.clock.now())


def change(office: Office, actor: Actor, name: str, values: Mapping[str, Any]) -> None:
    """Change an account."""
    work.change(office.engine, actor, name, values, tuple(office.families), office.clock.now())


def set_active(office: Office, actor: Actor, name: str, active: bool) -> None:
    """Disable or enable an account."""
    work.set_active(office.engine, actor, name, active, office.clock.now())


def reset(office: Office, actor: Actor, name: str) -> str:
    """The token of a link that sets a new password."""
    return work.reset(office.engine, actor, name, office.clock.now())


def first_link(office: Office) -> str | None:
    """The token of the link that makes the first administrator; None where there is one."""
    return work.first_link(office.engine, office.clock.now())


def link(office: Office, token: str) -> Row | None:
    """What a one-time link is for."""
    return signing.link(office.engine, token, office.clock.now())


def use_link(office: Office, token: str, password: str, again: str, values: Mapping[str, Any] | None) -> str:
    """Set a password by a link; the account's name."""
    return signing.use_link(office.engine, token, password, again, values, office.clock.now())


def sign_in(office: Office, name: str, password: str) -> str:
    """The token of a new session."""
    return signing.sign_in(office.engine, name, password, office.clock.now())[0]


def session(office: Office, token: str) -> Session | None:
    """The session of a token."""
    return signing.session(office.engine, token, office.clock.now())


def sign_out(office: Office, token: str, who: Session) -> None:
    """End a session."""
    signing.sign_out(office.engine, token, who, office.clock.now())


def limits(who: Session) -> Filters:
    """The part of the queue that an account may see."""
    return Filters(only_regions=who.regions, only_families=who.families)


def allowed(office: Office, who: Session, ids: Iterable[int]) -> set[int]:
    """Those of some cases that an account may see and act on."""
    wanted = [each for each in ids if 0 < each < 1 << 63]
    with reading(office.engine) as connection:
        return within(connection, limits(who), wanted)


def views(office: Office, who: Session) -> list[Row]:
    """Saved views of an account."""
    with reading(office.engine) as connection:
        return store.views(connection, who.account_id)


def save_view(office: Office, who: Session, name: str, query: str) -> None:
    """Save a view of the queue."""
    if not name.strip():
        raise UsageError("视图须有名称")
    with writing(office.engine) as connection:
        store.save_view(connection, who.account_id, name.strip()[:40], query[:2000])


def drop_view(office: Office, who: Session, view_id: int) -> None:
    """Forget a saved view."""
    with writing(office.engine) as connection:
        store.drop_view(connection, who.account_id, view_id)


def take_once(office: Office, token: str, holds: timedelta) -> bool:
    """Whether a confirmation is brought for the first time, to whichever process of the console."""
    with writing(office.engine) as connection:
        return store.take_token(connection, token, office.clock.now(), holds)
