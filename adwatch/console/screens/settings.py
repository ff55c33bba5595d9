"""设置: how the installation is set up, read only; it is changed by ADWATCH_* variables and files of ADWATCH_DATA."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from adwatch.app import accounts, facts, retention
from adwatch.console.desk import At
from adwatch.console.screens import Screen

router = APIRouter()
SCREEN = Screen("settings", "设置", 98, accounts.RIGHTS["settings"], router)


@router.get("")
def show(desk: At) -> Response:
    """Facts, settings, and how long what is kept."""
    office = desk.office
    rows, about = facts.settings(office), facts.installation(office)
    keeping = retention.policy_now(office)
    return desk.page("settings.html", rows=rows, facts=about, problems=office.platform_errors, keeping=keeping)
