"""Accounts of the console: who may sign in, as what, limited to which regions and certificate families.

There is no default password: an account is made without one, and a one-time link lets its owner set it. Every act on an
account stands in the audit log.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from adwatch.casework.roles import ROLES
from adwatch.errors import UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import accounts as store
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import writing

LINK = timedelta(hours=24)
"""A one-time link holds for so long."""
_NAME = re.compile(r"[A-Za-z0-9一-鿿][\w.@-]{1,59}")


def add(engine: Engine, actor: Actor, values: Mapping[str, Any], families: Sequence[str], now: datetime) -> str:
    """Add an account (name, person, unit, role, regions, families); the token of the link that sets its password."""
    row = checked(values, families)
    with writing(engine) as connection:
        if store.by_name(connection, row["name"]) is not None:
            raise UsageError(f"账号 {row['name']}: 已有此账号；停用的用 adwatch account enable 恢复")
        account_id = store.add(connection, **row, active=True, made_at=now)
        token = _new_link(connection, account_id, now)
        append_entries(connection, [entry(actor, "add", account_id, now, row)])
    failpoint("audit.after_commit")
    return token


def change(
    engine: Engine, actor: Actor, name: str, values: Mapping[str, Any], families: Sequence[str], now: datetime
) -> None:
    """Change person, unit, role, regions or families; the account's sessions end, so that the change holds at once."""
    with writing(engine) as connection:
        old = _known(connection, name)
        row = checked({**old, **values, "name": old["name"]}, families)
        if row["role"] != old["role"]:
            _keep_one_admin(connection, old)
        store.change(connection, old["id"], **row)
        store.end_sessions(connection, old["id"])
        changed = {key: value for key, value in row.items() if value != old[key]}
        append_entries(connection, [entry(actor, "change", old["id"], now, {"name": old["name"], **changed})])
    failpoint("audit.after_commit")


def set_active(engine: Engine, actor: Actor, name: str, active: bool, now: datetime) -> None:
    """Disable an account, which ends its sessions and links, or enable it again; it is never deleted."""
    with writing(engine) as connection:
        old = _known(connection, name)
        if old["active"] == active:
            return
        if not active:
            _keep_one_admin(connection, old)
            store.end_sessions(connection, old["id"])
            store.end_links(connection, old["id"])
        store.change(connection, old["id"], active=active)
        verb = "enable" if active else "disable"
        append_entries(connection, [entry(actor, verb, old["id"], now, {"name": old["name"]})])
    failpoint("audit.after_commit")


def reset(engine: Engine, actor: Actor, name: str, now: datetime) -> str:
    """End the sessions and the lock-out; the token of a link that sets a new password. The old one holds no longer."""
    with writing(engine) as connection:
        old = _known(connection, name)
        if not old["active"]:
            raise UsageError(f"账号 {old['name']}: 已停用；先用 adwatch account enable 恢复")
        store.end_sessions(connection, old["id"])
        store.forget_tries(connection, old["name"])
        store.change(connection, old["id"], password=None)
        token = _new_link(connection, old["id"], now)
        append_entries(connection, [entry(actor, "reset", old["id"], now, {"name": old["name"]})])
    failpoint("audit.after_commit")
    return token


def first_link(engine: Engine, now: datetime) -> str | None:
    """The token of a link that makes the first administrator; None where one can sign in already."""
    with writing(engine) as connection:
        if store.active_of_role(connection, "admin"):
            return None
        token = _new_link(connection, None, now)
        append_entries(connection, [Entry("machine", None, "account.first_link", "account", "0", now)])
    return token


def checked(values: Mapping[str, Any], families: Sequence[str]) -> dict[str, Any]:
    """The columns that a form or a command gives, or a refusal that names the field."""
    row = {key: str(values.get(key) or "").strip() for key in ("name", "person", "unit", "role")}
    if not _NAME.fullmatch(row["name"]):
        raise UsageError(f"账号名 {row['name'][:60]!r}: 须为 2 至 60 个字母、数字、汉字或 . _ @ -")
    for key, label in (("person", "姓名"), ("unit", "单位")):
        if not row[key] or len(row[key]) > 60 or not row[key].isprintable():
            raise UsageError(f"{label}须填写，不超过 60 字")
    if row["role"] not in ROLES:
        raise UsageError(f"role {row['role'][:40]}: no such role; write one of {', '.join(ROLES)}")
    regions = [str(each).strip() for each in values.get("regions") or () if str(each).strip()]
    wanted = [str(each) for each in values.get("families") or ()]
    unknown = [each for each in wanted if each not in families]
    if unknown:
        raise UsageError(f"family {unknown[0][:40]}: no such family; write one of {', '.join(families)}")
    return {**row, "regions": regions[:50], "families": wanted}


def _known(connection: Connection, name: str) -> dict[str, Any]:
    row = store.by_name(connection, name.strip())
    if row is None:
        raise UsageError(f"账号 {name[:60]}: 没有此账号；用 adwatch account list 查看")
    return row


def _keep_one_admin(connection: Connection, row: Mapping[str, Any]) -> None:
    if row["role"] == "admin" and row["active"] and store.active_of_role(connection, "admin") <= 1 and row["password"]:
        raise UsageError(f"账号 {row['name']}: 是唯一的管理员；先开设另一个")


def _new_link(connection: Connection, account_id: int | None, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    store.put_link(connection, token, account_id, now, now + LINK)
    return token


def entry(actor: Actor, verb: str, account_id: int, now: datetime, detail: Mapping[str, Any]) -> Entry:
    """What the audit log says of an act on an account."""
    return Entry.of(actor, f"account.{verb}", "account", account_id, now, detail)
