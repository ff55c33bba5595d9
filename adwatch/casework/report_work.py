"""What people do with the tables that fall due: enter, count a lead as transferred, hand in, submit, restate.

Each is one transaction, so that a process killed anywhere leaves all of it or nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, tzinfo
from typing import Any

import orjson
from sqlalchemy import Connection, Engine

from adwatch.casework.report_calendar import Period
from adwatch.casework.report_table import differences, table
from adwatch.casework.report_values import checked_value
from adwatch.errors import UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Actor
from adwatch.store import reports as store
from adwatch.store import schema as s
from adwatch.store.audit import Entry, append_entries
from adwatch.store.engine import CASEWORK_LOCK, advisory_lock, reading, writing
from adwatch.store.opening import add_event
from adwatch.tables.report_form import Form

ALREADY = "已报送，不再更改；此后的变化须写明更正理由，以更正另报"
NOT_YET = "尚未报送；首次报送不写更正理由"


@contextmanager
def _work(engine: Engine) -> Iterator[Connection]:
    """One transaction at a time, with the failpoints before and after its end."""
    with writing(engine) as connection:
        advisory_lock(connection, CASEWORK_LOCK)
        yield connection
        failpoint("report.before_commit")
    failpoint("report.after_commit")


def _tell(
    connection: Connection,
    key: int,
    kind: str,
    who: str,
    unit: str | None,
    now: datetime,
    said: dict[str, Any],
    role: str | None = None,
) -> None:
    """History and audit log, the last step of a piece of work; the log has a digest of what was typed in."""
    add_event(connection, "report", key, kind, who, now, said)
    typed: dict[str, Any] = {
        name: hashlib.sha256(str(said[name]).encode()).hexdigest() for name in ("value", "reason") if name in said
    }
    number = f"{said['form']} {said['period']}"
    append_entries(connection, [Entry(who, unit, f"report.{kind}", "report", number, now, {**said, **typed}, role)])


def person(by: str) -> str:
    """The name; UsageError without one."""
    if not by.strip():
        raise UsageError("a person is needed; write --by NAME")
    return by.strip()


def enter(
    engine: Engine,
    form: Form,
    period: Period,
    department: str,
    column_id: str,
    text: str,
    by: str,
    *,
    now: datetime,
    account: Actor | None = None,
) -> dict[str, Any]:
    """Enter one cell by hand. A later entry replaces an earlier one in the table; both stay, with who and when.

    ``account``, here and below: who did it by an account, of which the audit log has unit and role.
    """
    column = form.column(column_id)
    if department not in form.departments:
        raise UsageError(f"{form.name}: 没有部门 {department!r}；可用: {'、'.join(form.departments)}")
    if column.figure is not None and department == form.own:
        how = "用 --lead 编号 逐条登记移送的线索" if column.figure.of == "transferred" else "由系统计算"
        raise UsageError(f"{column.heading}: {form.own}一行不手工填写，{how}")
    value, who = checked_value(column, text), person(by)
    with _work(engine) as connection:
        where = {"form": form.name, "period": period.key, "department": department, "column": column.id}
        key = store.add(connection, s.report_value, **where, value=value, person=who, at=now)
        frozen = store.count_issues(connection, form.name, period.key) > 0
        unit, role = (account.unit, account.role) if account else (None, None)
        _tell(connection, key, "entered", who, unit, now, {**where, "value": value}, role)
    return {**where, "value": value, "by": who, "submitted_before": frozen}


def count_lead(
    engine: Engine,
    form: Form,
    column_id: str | None,
    case_ids: Sequence[int],
    day: date,
    by: str,
    *,
    now: datetime,
    zone: tzinfo,
) -> list[dict[str, Any]]:
    """Count confirmed leads under one column of transfers, on a day; None takes them out of whichever they are in.

    The last entry of a lead holds, so that it is counted in one column only. All of them or none.
    """
    if column_id is not None:
        column = form.column(column_id)
        if not column.leads:
            raise UsageError(f"{column.heading}: 不是移送线索的列")
    who = person(by)
    if day > now.astimezone(zone).date():
        raise UsageError(f"{day.isoformat()}: 移送日期在将来")
    with _work(engine) as connection:
        fine = store.standing_confirmed(connection, list(case_ids))
        if missing := [number for number in dict.fromkeys(case_ids) if number not in fine]:
            raise UsageError(f"线索 {'、'.join(map(str, missing))}: 没有这个编号，或未经甄别属实；没有登记任何一条")
        entries = []
        for case_id in dict.fromkeys(case_ids):
            values = {"case_id": case_id, "column": column_id, "day": day.isoformat()}
            store.add(connection, s.report_lead, **values, person=who, at=now)
            said = {"column": column_id, "day": day.isoformat()}
            add_event(connection, "case", case_id, "counted", who, now, said)
            entries.append(Entry(who, None, "report.counted", "case", str(case_id), now, said))
        append_entries(connection, entries)
    return [{"case_id": number, "column": column_id, "day": day.isoformat()} for number in dict.fromkeys(case_ids)]


def hand_in(
    engine: Engine,
    form: Form,
    period: Period,
    unit: str,
    file: str,
    sha256: str,
    content: dict[str, Any],
    by: str,
    *,
    now: datetime,
) -> bool:
    """Keep a sheet that a unit handed in; the last of a unit holds. False if just this file is the unit's last one."""
    if not unit.strip():
        raise UsageError(f"{file}: 没有填报单位；表头未写时用 --unit 单位")
    who = person(by)
    with _work(engine) as connection:
        earlier = [each for each in store.imports(connection, form.name, period.key) if each["unit"] == unit]
        if earlier and earlier[-1]["sha256"] == sha256:
            return False
        where = {"form": form.name, "period": period.key, "unit": unit, "file": file, "sha256": sha256}
        key = store.add(connection, s.report_import, **where, content=content, person=who, at=now)
        counts = {"rows": len(content["rows"]), "refused": len(content["refused"])}
        _tell(connection, key, "handed_in", who, unit, now, {**where, **counts})
    return True


def submit(
    engine: Engine,
    form: Form,
    period: Period,
    by: str,
    contact: str,
    *,
    unit: str,
    now: datetime,
    zone: tzinfo,
    account: Actor | None = None,
) -> dict[str, Any]:
    """Freeze a table as it stands: what is submitted stays as it is."""
    if now.astimezone(zone).date() < period.first:
        raise UsageError(f"{form.title} {period.key}: 期间自 {period.first} 起，尚未开始")
    return _freeze(engine, form, period, by, contact, "", unit, now, zone, account)


def restate(
    engine: Engine,
    form: Form,
    period: Period,
    by: str,
    contact: str,
    reason: str,
    *,
    unit: str,
    now: datetime,
    zone: tzinfo,
    account: Actor | None = None,
) -> dict[str, Any]:
    """State anew what has changed since the last issue, with its reason; the earlier issues stay."""
    if not reason.strip():
        raise UsageError("a reason is needed; write --reason TEXT")
    return _freeze(engine, form, period, by, contact, reason.strip(), unit, now, zone, account)


def _freeze(
    engine: Engine,
    form: Form,
    period: Period,
    by: str,
    contact: str,
    reason: str,
    unit: str,
    now: datetime,
    zone: tzinfo,
    account: Actor | None,
) -> dict[str, Any]:
    who = person(by)
    with _work(engine) as connection:
        issues = store.issues(connection, form.name, period.key)
        if issues and not reason:
            raise UsageError(f"{form.title} {period.key}: {ALREADY}；用 adwatch report restate --reason 原因")
        if not issues and reason:
            raise UsageError(f"{form.title} {period.key}: {NOT_YET}；先用 adwatch report submit")
        content = table(connection, form, period, unit=unit, now=now, zone=zone)
        changes = differences(content["columns"], issues[-1]["content"], content) if issues else []
        if issues and not changes:
            raise UsageError(f"{form.title} {period.key}: 与第 {len(issues)} 次报送相同，没有可更正的")
        number = len(issues) + 1
        content.update(issue=number, reason=reason, by=who, contact=contact, changes=changes)
        content = dict(orjson.loads(canonical(content)))
        where = {"form": form.name, "period": period.key, "issue": number}
        key = store.add(
            connection,
            s.report_issue,
            **where,
            reason=reason,
            person=who,
            at=now,
            sha256=digest(content),
            content=content,
        )
        kind = "restated" if reason else "submitted"
        said = {**where, "sha256": digest(content), "reason": reason}
        own, role = (account.unit, account.role) if account else (unit, None)
        _tell(connection, key, kind, who, own, now, said, role)
    return content


def canonical(content: dict[str, Any]) -> bytes:
    """The content as its digest is taken."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of a content."""
    return hashlib.sha256(canonical(content)).hexdigest()


def live(engine: Engine, form: Form, period: Period, *, unit: str, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """The table as it now stands; after a submission ``changes`` says what differs from the last issue."""
    with reading(engine) as connection:
        content = table(connection, form, period, unit=unit, now=now, zone=zone)
        issues = store.issues(connection, form.name, period.key)
    changes = differences(content["columns"], issues[-1]["content"], content) if issues else []
    content.update(issue=0, reason="", by="", contact="", changes=changes, issues=len(issues))
    return content


def shown(
    engine: Engine, form: Form, period: Period, most: int, *, unit: str, now: datetime, zone: tzinfo, skip: int = 0
) -> dict[str, Any]:
    """The table as it now stands, to be looked at, without changes: of the first so many listings of each cell those
    behind ``skip``.
    """
    with reading(engine) as connection:
        content = table(connection, form, period, unit=unit, now=now, zone=zone, most=most, skip=skip)
    return {**content, "issue": 0}


def issue(engine: Engine, form: str, period: str, number: int) -> dict[str, Any]:
    """What was submitted, as it was; UsageError if it is not there or is no longer what was submitted."""
    with reading(engine) as connection:
        count = store.count_issues(connection, form, period)
        found = store.issues(connection, form, period, number)
    if not found:
        raise UsageError(f"{form} {period}: 没有第 {number} 次报送（共 {count} 次）")
    [row] = found
    if digest(row["content"]) != row["sha256"]:
        raise UsageError(f"{form} {period}: 第 {number} 次报送的内容与其摘要不符，已被改动")
    content: dict[str, Any] = row["content"]
    return content
