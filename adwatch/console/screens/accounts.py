"""账号: who may sign in, as what, limited to what; the example that other screens are written after."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from adwatch.app import accounts
from adwatch.console.confirm import Sure
from adwatch.console.desk import At
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("accounts", "账号", 99, ("admin",), router)
Text = Annotated[str, Form(max_length=300)]
Several = Annotated[list[str], Form()]


@router.get("")
def show(desk: At) -> Response:
    """All accounts."""
    rows = accounts.list_accounts(desk.office)
    called = Counter(row["person"] for row in rows if row["active"])
    return desk.page("accounts.html", rows=rows, called=called, families=desk.office.families)


@router.post("/add")
def add(
    desk: At,
    name: Text,
    person: Text,
    unit: Text,
    role: Text,
    regions: Text = "",
    families: Several = [],  # noqa: B006
) -> Response:
    """Add an account; the link by which its owner sets the password is shown once."""
    desk.need("accounts")
    limits = {"regions": regions.replace("，", "、").split("、"), "families": families}
    values = {"name": name, "person": person, "unit": unit, "role": role, **limits}
    token = accounts.add(desk.office, desk.actor, values)
    return _link(desk, name, token)


@router.post("/{name}/reset")
def reset(desk: At, name: str, sure: Sure) -> Response:
    """A link for a new password; the old one and its sessions end."""
    desk.need("accounts")
    if page := sure.first(f"重设 {name} 的密码", "原密码立即失效，已登录的会话随即结束。", "/accounts"):
        return page
    return _link(desk, name, accounts.reset(desk.office, desk.actor, name))


@router.post("/{name}/active")
def set_active(desk: At, name: str, sure: Sure, active: Annotated[bool, Form()]) -> Response:
    """Disable, which is asked for first, or enable."""
    desk.need("accounts")
    effect = "不能再登录，已登录的会话和未用的一次性链接随即失效；记录保留，可以再启用。"
    if not active and (page := sure.first(f"停用账号 {name}", effect, "/accounts")):
        return page
    accounts.set_active(desk.office, desk.actor, name, active)
    return desk.go("/accounts", said=f"账号 {name} 已{'启用' if active else '停用'}")


def _link(desk: At, name: str, token: str) -> Response:
    """The one page that shows a secret: it is neither in an address nor in a cookie."""
    base = str(desk.request.base_url)
    return desk.page(
        "accounts_link.html",
        name=name,
        address=accounts.address(desk.office, token, base),
        namesakes=accounts.namesakes(desk.office, name),
    )
