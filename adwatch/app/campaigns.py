"""Campaigns as the command and the console call them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.casework import campaigns as work
from adwatch.casework.states import STATES
from adwatch.errors import UsageError
from adwatch.models import Actor, StageReport
from adwatch.tables.campaign import campaign_of, campaigns
from adwatch.tables.report_form import report_forms

Row = dict[str, Any]


def listed(office: Office) -> list[Row]:
    """The office's campaigns, those that end last first."""
    today = office.clock.now().astimezone(office.settings.zone).date()
    rows = [
        {
            "name": each.name,
            "title": each.title,
            "document": each.document,
            "first": each.first.isoformat(),
            "last": each.last.isoformat(),
            "running": each.first <= today <= each.last,
            "members": len(each.members),
        }
        for each in campaigns(office.settings.data).values()
    ]
    return sorted(rows, key=lambda row: (row["last"], row["name"]), reverse=True)


def show(office: Office, name: str) -> Row:
    """A campaign with its figures, added up by department and by county."""
    settings = office.settings
    campaign = campaign_of(name, settings.data)
    if strange := [each for each in campaign.keyword_lists if each not in office.lexicon.lists]:
        raise UsageError(f"{name}: keyword_lists: 没有词表 {strange[0]!r}；见 adwatch keywords list")
    forms = report_forms(settings.data)
    if unknown := [each for each in campaign.tables if each not in forms]:
        raise UsageError(f"{name}: tables: 没有统计表 {unknown[0]!r}；可用: {'、'.join(forms)}")
    row = work.show(office.engine, campaign, forms, unit=settings.unit, now=office.clock.now(), zone=settings.zone)
    for each in row["indicators"]:
        each["departments"], each["counties"] = work.added_up(each)
    row["states"] = {STATES.get(state, state): count for state, count in row["states"].items()}
    return row


def assign(office: Office, name: str | None, ids: Sequence[int], actor: Actor) -> StageReport:
    """Let cases belong to a campaign, or to none."""
    campaign = campaign_of(name, office.settings.data) if name is not None else None
    report = work.assign(office.engine, campaign, ids, actor, now=office.clock.now())
    if report.kept:
        index_now(office)
    return report


def enter(office: Office, name: str, indicator: str, value: str, department: str, county: str, actor: Actor) -> Row:
    """Enter an indicator's figure of a department or a county."""
    campaign = campaign_of(name, office.settings.data)
    of = campaign.indicator(indicator)
    return work.enter(office.engine, campaign, of, value, department, county, actor, now=office.clock.now())
