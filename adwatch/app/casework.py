"""Casework as verbs and tasks call it: the office's tables are joined to the stages here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from adwatch.app import routing
from adwatch.app.indexing import index_now
from adwatch.app.office import Office
from adwatch.app.opinion import add_opinions
from adwatch.app.rows import BUILT_IN, known_platform
from adwatch.casework import review, takedown
from adwatch.casework.case_file import show_case as show
from adwatch.casework.differing import Tables
from adwatch.casework.export import export_week
from adwatch.casework.platform_info import PlatformInfo, overlaid
from adwatch.casework.takedown_files import Bundling
from adwatch.casework.weekly import week_days
from adwatch.errors import UsageError
from adwatch.models import Actor, StageReport
from adwatch.store.filters import Filters
from adwatch.tables.holidays import WorkingDays
from adwatch.tables.reason_codes import checked_code, reason_codes
from adwatch.tables.second_look import SecondLooks
from adwatch.tables.takedown import Contact, TakedownRules, contacts_on
from adwatch.tables.takedown_routing import TakedownRoutes

Rows = list[dict[str, Any]]


def platform_infos(office: Office, at: datetime | None = None) -> dict[str, PlatformInfo]:
    """Master data of the platforms that have a file, with what the office wrote over it (platform_contacts.csv).

    As in force on the office's day of a time, now where none is given.
    """
    day = (at or office.clock.now()).astimezone(office.settings.zone).date()
    built_in = {name: PlatformInfo(label) for name, label in BUILT_IN.items()}
    return built_in | with_contacts(office, contacts_on(office.settings.data, day))


def with_contacts(office: Office, rows: Mapping[str, Contact]) -> dict[str, PlatformInfo]:
    """Master data of the platforms that have a file, with rows of contacts over it."""
    infos = {
        name: PlatformInfo(
            spec.label, spec.company, spec.domicile, spec.deadline_hours, spec.deadline_source, uscc=spec.uscc
        )
        for name, spec in office.platforms.items()
    }
    return infos | {name: overlaid(infos[name], row) for name, row in rows.items() if name in infos}


def bundling(office: Office) -> Bundling:
    """What X-ARF reports say of the office."""
    rules = TakedownRules.load(office.settings.data)
    return Bundling(rules.xarf_contact or office.settings.smtp_from, rules.xarf_impersonation, office.settings.zone)


def list_cases(
    office: Office, state: str | None = None, scope: str | None = None, platform: str | None = None, limit: int = 200
) -> Rows:
    """Cases, safety production first, then by score."""
    known_platform(office, platform)
    return review.list_cases(
        office.engine, state, scope, platform, limit, classes=office.classes, families=office.families
    )


def show_case(office: Office, case_id: int) -> dict[str, Any]:
    """One case with everything known of it, second opinions of a language model beside the verdicts."""
    case = show(office.engine, case_id, law=office.law, classes=office.classes, families=office.families)
    add_opinions(office, case["listings"])
    return case


def register(
    office: Office, ids: Sequence[int | str], by: str, unit: str | None, role: str | None = None
) -> tuple[StageReport, Rows]:
    """线索登记."""
    actor = Actor(by, office.unit(unit), role)
    clock = {"now": office.clock.now(), "zone": office.settings.zone}
    done = review.register(office.engine, ids, actor.person, actor.unit, role=role, **clock)  # type: ignore[arg-type]
    routing.after_registration(office, done[1], actor)
    index_now(office)
    return done


def decide(
    office: Office,
    ids: Sequence[int | str],
    result: str,
    by: str,
    unit: str | None,
    reason: str,
    may_train: bool | None = None,
    code: str | None = None,
    corrected: dict[str, Any] | None = None,
) -> tuple[StageReport, Rows]:
    """A person's finding: confirm, dismiss, doubt or refer; the office says by a setting whether it may teach.

    ``corrected``: what of the machine's reading the person corrects, as ``correction`` gives it.
    """
    done = review.decide(
        *(office.engine, ids, result, by, office.unit(unit), reason),
        now=office.clock.now(),
        zone=office.settings.zone,
        may_train=office.settings.learn if may_train is None else may_train,
        code=checked_code(reason_codes(office.settings.data), code, result),
        rules=SecondLooks.load(office.settings.data),
        corrected=corrected,
    )
    routing.after_finding(office, done[1], Actor(by, office.unit(unit)))
    if corrected is not None:
        decided = [row["case_id"] for row in done[1] if not row.get("waiting")]
        routing.after_correction(office, decided, Actor(by, office.unit(unit)))
    index_now(office)
    return done


def draft(
    office: Office, out: Path | None, actor: Actor | None = None, limits: Filters | None = None
) -> tuple[StageReport, Rows]:
    """Draft the requests that are due; by a person where one is named, within their limits, else by the machine."""
    return takedown.draft(
        office.engine,
        (out or office.home / "takedown").absolute(),
        law=office.law,
        classes=office.classes,
        platforms=platform_infos(office),
        unit=office.settings.unit,
        now=office.clock.now(),
        zone=office.settings.zone,
        rules=TakedownRules.load(office.settings.data),
        bundling=bundling(office),
        actor=actor,
        limits=limits,
        routes=TakedownRoutes.load(office.settings.data),
    )


def mark_sent(
    office: Office,
    numbers: Sequence[str],
    by: str,
    at: datetime | None,
    unit: str | None = None,
    role: str | None = None,
) -> tuple[StageReport, Rows]:
    """Record that letters were sent."""
    now, data = office.clock.now(), office.settings.data
    return takedown.mark_sent(
        *(office.engine, numbers, by, at or now),
        zone=office.settings.zone,
        now=now,
        rules=TakedownRules.load(data),
        calendar=WorkingDays(data),
        unit=unit or office.settings.unit,
        role=role,
        tables=Tables(office.law, office.classes),
    )


def refuse_early(office: Office, week: str) -> None:
    """Refuse a week typed by a person that has not begun: it would be frozen empty.

    A schedule goes by the days that were patrolled, not by the clock.
    """
    monday, _ = week_days(week)
    if monday > office.clock.now().astimezone(office.settings.zone).date():
        began = f"这一周自 {monday.isoformat()} 起，尚未开始"
        raise UsageError(f"--week {week}: {began}；清单首次生成即固定，不能提前生成")


def export(office: Office, week: str, form: str, out: Path | None, as_of: datetime | None, reissue: bool) -> list[Path]:
    """The list of a week and its manifest."""
    if form not in ("xlsx", "csv", "jsonl"):
        raise UsageError(f"--format {form}: write xlsx, csv or jsonl")
    return export_week(
        office.engine,
        week,
        form,
        (out or office.home / "exports").absolute(),
        now=office.clock.now(),
        zone=office.settings.zone,
        law=office.law,
        classes=office.classes,
        families=office.families,
        platforms=platform_infos(office, as_of),
        as_of=as_of,
        reissue=reissue,
        actor=Actor("machine", office.settings.unit) if office.settings.unit.strip() else None,
    )
