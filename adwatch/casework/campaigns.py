"""Campaigns: cases assigned to one, and its indicators (五个一批) computed, taken from the tables, or entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from adwatch.casework.report_calendar import periods
from adwatch.casework.report_table import table
from adwatch.casework.transaction import work
from adwatch.errors import UsageError
from adwatch.models import Actor, StageReport
from adwatch.store import report_figures as figures
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import lock_cases, set_state, tell_index
from adwatch.store.engine import insert_id, reading
from adwatch.store.opening import add_event
from adwatch.store.report_removed import Kept, removed
from adwatch.tables.campaign import Campaign, Indicator
from adwatch.tables.report_form import Form

Row = dict[str, Any]


def assign(
    engine: Engine, campaign: Campaign | None, case_ids: Sequence[int], actor: Actor, *, now: datetime
) -> StageReport:
    """Let cases belong to a campaign, or (None) to none."""
    report = StageReport("campaign assign")
    name = campaign.name if campaign else None
    entries = []
    with work(engine) as connection:
        found = lock_cases(connection, case_ids)
        for case_id in dict.fromkeys(case_ids):
            case = found.get(case_id)
            if case is None:
                report.drop("unknown", f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
            elif case["campaign"] == name:
                report.counts["unchanged"] += 1
            else:
                set_state(connection, case_id, campaign=name, updated_at=now)
                said = {"campaign": name, "was": case["campaign"]}
                add_event(connection, "case", case_id, "campaign", actor.person, now, said)
                entries.append(Entry.of(actor, "campaign.assign", "case", case_id, now, said))
                tell_index(connection, case["listings"])
                report.kept += 1
        append_entries(connection, entries)
    return report


def enter(
    engine: Engine,
    campaign: Campaign,
    indicator: Indicator,
    value: str,
    department: str,
    county: str,
    actor: Actor,
    *,
    now: datetime,
) -> Row:
    """Enter a figure of a department or a county; the last one of each holds, earlier ones stay with who and when."""
    if not indicator.entered:
        raise UsageError(f"{indicator.label}: 由系统计算或取自统计表，不手工填写")
    known = {(each.department, each.county) for each in campaign.members}
    if campaign.members and (department, county) not in known:
        listed = "、".join(f"{each.department}{each.county and '/' + each.county}" for each in campaign.members)
        raise UsageError(f"{campaign.name}: 成员中没有 {department} {county}".rstrip() + f"；成员: {listed}")
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise UsageError(f"{indicator.label}: {value[:40]!r} 应为非负数")
    text = format(number.normalize(), "f")
    where = {"campaign": campaign.name, "indicator": indicator.id, "department": department, "county": county}
    with work(engine) as connection:
        key = insert_id(connection, s.campaign_value, **where, value=text, person=actor.person, at=now)
        add_event(connection, "campaign", key, "entered", actor.person, now, {**where, "value": text})
        append_entries(connection, [Entry.of(actor, "campaign.enter", "campaign", campaign.name, now, where)])
    return {**where, "value": text, "by": actor.person}


def show(
    engine: Engine, campaign: Campaign, forms: Mapping[str, Form], *, unit: str, now: datetime, zone: tzinfo
) -> Row:
    """The campaign with its cases by state and its indicators, each with the parts that it is made of."""
    today = now.astimezone(zone).date()
    with reading(engine) as connection:
        query = select(s.case.c.state, func.count()).where(s.case.c.campaign == campaign.name)
        states = {row[0]: int(row[1]) for row in connection.execute(query.group_by(s.case.c.state))}
        rows = [_indicator(connection, campaign, each, forms, unit, now, zone) for each in campaign.indicators]
    return {
        "name": campaign.name,
        "title": campaign.title,
        "document": campaign.document,
        "first": campaign.first.isoformat(),
        "last": campaign.last.isoformat(),
        "running": campaign.first <= today <= campaign.last,
        "members": [each.model_dump() for each in campaign.members],
        "keyword_lists": list(campaign.keyword_lists),
        "tables": list(campaign.tables),
        "due": [
            {"what": each.what, "day": each.day.isoformat(), "days_left": (each.day - today).days}
            for each in sorted(campaign.due, key=lambda due: due.day)
        ],
        "cases": sum(states.values()),
        "states": states,
        "indicators": rows,
    }


def _indicator(
    connection: Connection,
    campaign: Campaign,
    indicator: Indicator,
    forms: Mapping[str, Form],
    unit: str,
    now: datetime,
    zone: tzinfo,
) -> Row:
    about: Row = {"id": indicator.id, "label": indicator.label, "unit": indicator.unit, "target": indicator.target}
    if indicator.figure is not None:
        found = _computed(connection, campaign, indicator, zone)
        parts = [{"unit": unit, "department": "", "county": "", "value": len(found), "source": "computed"}]
        return {**about, "kind": "computed", "value": len(found), "parts": parts, "behind": found}
    if indicator.column is not None:
        parts = _from_table(connection, campaign, indicator, forms, unit, now, zone)
        return {**about, "kind": "table", "value": _sum(parts), "parts": parts}
    if indicator.bulletins:
        query = select(func.count()).select_from(s.bulletin)
        query = query.where(s.bulletin.c.campaign == campaign.name, s.bulletin.c.state == "published")
        return {**about, "kind": "bulletins", "value": int(connection.scalar(query) or 0), "parts": []}
    parts = _entered(connection, campaign, indicator)
    return {**about, "kind": "entered", "value": _sum(parts), "parts": parts}


def _computed(connection: Connection, campaign: Campaign, indicator: Indicator, zone: tzinfo) -> list[Row]:
    """Leads (confirmed) or listings (removed) of the campaign's own cases that count."""
    figure = indicator.figure
    if figure is None:
        raise TypeError(indicator.id)
    span, fits = (campaign.first, campaign.last), figures.Fits(figure.scope, figure.types)
    if figure.of == "confirmed":
        counted: figures.Figure | Kept = figures.confirmed(connection, *span, zone, fits)
    else:
        counted = removed(connection, *span, zone, figure.apart_days, fits=fits)
    own = connection.scalars(select(s.case.c.id).where(s.case.c.campaign == campaign.name))
    found: dict[Any, Row] = {}
    for each in counted.read(connection).rows(connection, of_cases=own):
        key = each.case_id if figure.of == "confirmed" else each.listing_id
        said = {"case_id": each.case_id, "lead_number": each.lead_number, "day": each.day}
        found.setdefault(key, {**said, "listing_id": each.listing_id, "platform": each.platform})
    return list(found.values())


def _from_table(
    connection: Connection,
    campaign: Campaign,
    indicator: Indicator,
    forms: Mapping[str, Form],
    unit: str,
    now: datetime,
    zone: tzinfo,
) -> list[Row]:
    """Parts by unit over the periods that end within the campaign, ours and what was declared apart."""
    wanted = indicator.column
    if wanted is None or wanted.form not in forms:
        raise UsageError(f"{campaign.name}.{indicator.id}: 没有统计表 {wanted.form if wanted else ''!r}")
    form = forms[wanted.form]
    column = form.column(wanted.column)
    if column.kind == "text":
        raise UsageError(f"{campaign.name}.{indicator.id}: {column.heading} 是文字列，不能相加")
    counties = {each.unit: each for each in campaign.members}
    sums: dict[tuple[str, str, str], Decimal] = {}
    for period in periods(form, min(now.astimezone(zone).date(), date(campaign.last.year + 1, 3, 1))):
        if not campaign.first <= period.last <= campaign.last:
            continue
        content = table(connection, form, period, unit=unit, now=now, zone=zone, most=0)
        for department, cells in content["own"].items():
            if column.id in cells:
                key = (unit, department, "own")
                sums[key] = sums.get(key, Decimal(0)) + Decimal(str(cells[column.id]["value"]))
        for department, cells in content["declared"].items():
            for part in cells.get(column.id, {}).get("parts", ()):
                key = (part["unit"], department, "declared")
                sums[key] = sums.get(key, Decimal(0)) + Decimal(str(part["value"]))
    return [
        {
            "unit": who,
            "department": department,
            "county": counties[who].county if who in counties else "",
            "value": _number(value),
            "source": source,
        }
        for (who, department, source), value in sorted(sums.items())
    ]


def _entered(connection: Connection, campaign: Campaign, indicator: Indicator) -> list[Row]:
    kept = s.campaign_value
    query = select(kept).where(kept.c.campaign == campaign.name, kept.c.indicator == indicator.id)
    last = {(row.department, row.county): row for row in connection.execute(query.order_by(kept.c.id))}
    units = {(each.department, each.county): each.unit for each in campaign.members}
    return [
        {
            "unit": units.get(key, ""),
            "department": key[0],
            "county": key[1],
            "value": _number(Decimal(row.value)),
            "source": "entered",
            "by": row.person,
        }
        for key, row in sorted(last.items())
    ]


def _sum(parts: Sequence[Row]) -> int | float:
    return _number(sum((Decimal(str(part["value"])) for part in parts), Decimal(0)))


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def added_up(row: Row) -> tuple[list[Row], list[Row]]:
    """(by department, by county) of an indicator's parts: every county and department once, ours among them."""
    departments: dict[str, Decimal] = {}
    counties: dict[str, Decimal] = {}
    for part in row["parts"]:
        value = Decimal(str(part["value"]))
        departments[part["department"]] = departments.get(part["department"], Decimal(0)) + value
        counties[part["county"]] = counties.get(part["county"], Decimal(0)) + value
    return (
        [{"department": name, "value": _number(value)} for name, value in sorted(departments.items())],
        [{"county": name or "本级", "value": _number(value)} for name, value in sorted(counties.items())],
    )
