"""Who may see unmasked data by the command: where the office has accounts, only one whose role has the right."""

from __future__ import annotations

from typing import Any

from adwatch.app.case_page import unmask
from adwatch.app.office import Office
from adwatch.casework.roles import RIGHTS, ROLES
from adwatch.errors import UsageError
from adwatch.models import Actor
from adwatch.store.accounts import accounts
from adwatch.store.engine import reading


def unmask_by_name(office: Office, case_id: int, reason: str, by: str, unit: str | None) -> list[dict[str, Any]]:
    """The raw listings of a case; who asked, for which unit and why is in the audit log before anything is given.

    ``by`` is the name of an account or of its person. An office without accounts has no roles: then the name is logged.
    """
    with reading(office.engine) as connection:
        rows = [row for row in accounts(connection) if row["active"]]
    if not rows:
        return unmask(office, case_id, reason, Actor(by, office.unit(unit)))
    able = [row for row in rows if by in (row["name"], row["person"])]
    if not able:
        raise UsageError(f"--by {by[:40]}: 没有这个账号，或已停用；查看未脱敏内容须有账号")
    allowed = [row for row in able if row["role"] in RIGHTS["unmask"]]
    if not allowed:
        needed = "、".join(label for role, label in ROLES.items() if role in RIGHTS["unmask"])
        raise UsageError(f"--by {by[:40]}: “{ROLES[able[0]['role']]}”不能查看未脱敏内容；须为{needed}")
    one = allowed[0]
    limited = one["regions"] or one["families"]
    if limited:
        raise UsageError(f"--by {by[:40]}: 账号限于部分地区或证书类别，请在控制台查看")
    return unmask(office, case_id, reason, Actor(one["person"], one["unit"], one["role"]))
