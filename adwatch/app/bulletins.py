"""Bulletins (案件通报) as the command and the console call them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from adwatch.app.case_numbers import plain
from adwatch.app.office import Office
from adwatch.app.rows import platform_labels
from adwatch.casework import bulletin as work
from adwatch.casework.confirmation_differing import Words
from adwatch.casework.publication import publishers, refusal
from adwatch.errors import UsageError
from adwatch.files import write_whole
from adwatch.models import Actor
from adwatch.tables.campaign import Campaign, campaign_of

Row = dict[str, Any]


def _words(office: Office) -> Words:
    return Words(office.law, office.classes, office.families, platform_labels(office))


def _campaign(office: Office, name: str | None) -> Campaign | None:
    return campaign_of(name, office.settings.data) if name else None


def draft(
    office: Office,
    kind: str,
    key: str,
    actor: Actor,
    *,
    first: date | None = None,
    last: date | None = None,
    campaign: str | None = None,
    named: Mapping[int, str] | None = None,
    out: Path | None = None,
) -> Row:
    """Draft a bulletin (class ID, quarter 2026-Q4, criminal CASE) and its .docx; a class is of this year's cases."""
    now, zone = office.clock.now(), office.settings.zone
    about: Row = {"campaign": _campaign(office, campaign), "now": now, "zone": zone}
    if kind == "criminal":
        key = plain(office, key)
        if not (key.isascii() and key.isdecimal()):
            raise UsageError(f"{key[:40]!r}: 涉刑案件专报按案件号或线索编号起草，编号应为数字")
        row = work.draft_criminal(office.engine, int(key), _words(office), actor, **about)
    elif kind in work.KINDS:
        today = now.astimezone(zone).date()
        span = _quarter(key, today) if kind == "quarter" else (first or date(today.year, 1, 1), last or today)
        if kind == "class" and key not in office.classes:
            raise UsageError(f"没有违法类型 {key[:40]!r}；可用: {'、'.join(office.classes)}")
        if span[1] < span[0]:
            raise UsageError(f"{span[1]} 早于 {span[0]}")
        words = _words(office)
        row = work.draft(office.engine, kind, key, span, words, actor, named=named or {}, **about)
    else:
        raise UsageError(f"没有通报种类 {kind[:40]!r}；可用: {'、'.join(work.KINDS)}")
    return {**row, "title": row["content"]["title"], "file": str(write(office, row["number"], out))}


def _quarter(key: str, today: date) -> tuple[date, date]:
    """First and last day, of a running quarter up to today."""
    found = re.fullmatch(r"(20\d\d)-Q([1-4])", key)
    if found is None:
        raise UsageError(f"{key[:40]!r} 不是季度；写作 2026-Q4")
    year, quarter = int(found[1]), int(found[2])
    after = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    first = date(year, quarter * 3 - 2, 1)
    if first > today:
        raise UsageError(f"{key}: 尚未开始")
    return first, min(after - timedelta(1), today)


def content(office: Office, number: str, unit: str | None = None) -> Row:
    """One bulletin with what it says, and whether a unit (the office's own if left out) may publish it."""
    rows = work.listed(office.engine, number)
    if not rows:
        raise UsageError(f"通报 {number}: 没有这个编号；用 adwatch bulletin list 查看")
    row = rows[0]
    campaign = _campaign(office, row["campaign"])
    today = office.clock.now().astimezone(office.settings.zone).date()
    gate, who = publishers(office.settings.data), unit or office.settings.unit
    stops = None if row["kind"] == "criminal" else refusal(gate, who, campaign, today)
    return {**row, "may_publish": stops is None, "why_not": stops or ""}


def document(office: Office, number: str) -> bytes:
    """The .docx as it now stands: a draft says that it is one."""
    row = content(office, number)
    return work.bulletin_letter(row["content"], row["state"])


def write(office: Office, number: str, out: Path | None = None) -> Path:
    """Write the .docx."""
    file = (out or office.home / "bulletins").absolute() / f"{number}.docx"
    write_whole(file, document(office, number), "export.before_rename")
    return file


def listed(office: Office) -> list[Row]:
    """Bulletins, oldest first."""
    return work.listed(office.engine)


def approve(office: Office, number: str, actor: Actor) -> Row:
    """A second person approves."""
    return work.approve(office.engine, number, actor, now=office.clock.now())


def publish(office: Office, number: str, actor: Actor, out: Path | None = None) -> Row:
    """Let it out, through the gate, and write the .docx without the draft's line."""
    row = content(office, number)
    gate = publishers(office.settings.data)
    campaign = _campaign(office, row["campaign"])
    clock: Row = {"now": office.clock.now(), "zone": office.settings.zone}
    done = work.publish(office.engine, number, actor, gate, campaign, **clock)
    return {**done, "file": str(write(office, number, out))}


def refuse(office: Office, number: str, reason: str, actor: Actor) -> Row:
    """Keep it in."""
    return work.refuse(office.engine, number, reason, actor, now=office.clock.now())
