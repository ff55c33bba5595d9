"""Verification of removals, relisting and the clocks of takedowns, as verbs, schedules and screens call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from adwatch.app.indexing import index_now
from adwatch.app.life_lines import life_lines_now
from adwatch.app.linking import picture_hash
from adwatch.app.office import Office
from adwatch.app.rows import known_platform
from adwatch.casework import life_lines, relisting, verification
from adwatch.casework.removal_clocks import STAY_DEFINITION
from adwatch.casework.shown import local
from adwatch.errors import UsageError
from adwatch.models import Actor, Listing
from adwatch.ports import Progress, Refetched, Save
from adwatch.search.keys import contact_key, contact_secret
from adwatch.stages.classify import classify_backlog
from adwatch.store import last_looks
from adwatch.store import removal_figures as figures
from adwatch.store.engine import reading
from adwatch.store.filters import Filters
from adwatch.store.locks import run_lock
from adwatch.store.takedowns import requests
from adwatch.tables.rechecks import CheckRule, check_rules, rechecks
from collectors.page_words import PageWords
from collectors.refetch import PlatformRefetch
from collectors.source import make_refetch

Rows = list[dict[str, Any]]
__all__ = ["STAY_DEFINITION"]


class EveryPlatform:
    """Refetch for listings of any platform that can be fetched; of others the answer is unknown."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.words = PageWords(office.settings.data)
        self.known: dict[str, PlatformRefetch] = {}

    def __call__(self, listing: Listing, day: str, save: Save) -> Refetched:
        """Fetch through the listing's own platform file."""
        spec = self.office.platforms.get(listing.platform)
        if spec is None or spec.kind == "handover" or spec.is_template:
            message = f"{listing.platform} cannot be fetched: no platform file for its site"
            return Refetched("unknown", None, None, message, "not_asked")
        if listing.platform not in self.known:
            self.known[listing.platform] = make_refetch(spec, self.office.tools, words=self.words)
        return self.known[listing.platform](listing, day, save)


def machine(office: Office) -> Actor:
    """The machine, acting for the office."""
    return Actor("machine", office.settings.unit or verification.MACHINE.unit)


def verify(
    office: Office, number: str | None, day: str, progress: Progress | None = None, everything: bool = False
) -> Rows:
    """Look at the listings of sent requests that are due (all of a named request; ``everything``: all of all).

    What changed is classified, what is back is linked, and both are indexed.
    """
    with run_lock(office.home, "verify"):
        rows = verification.verify(
            office.engine,
            EveryPlatform(office),
            partial(office.keep, "unknown", None),
            day=day,
            clock=office.clock,
            number=number,
            everything=everything,
            looking=_looking(office),
            progress=progress,
        )
        classify_backlog(office.classifier, day)
        relist(office, day)
        index_now(office)
    return rows


def _looking(office: Office) -> verification.Looking:
    def judge(title: str | None, text: str | None, day: str) -> str:
        [verdict] = office.judge_on(day).judge([(title, text)])
        return verdict.band

    data = office.settings.data
    return verification.Looking(office.settings.zone, rechecks(data), check_rules(data), judge, machine(office))


def relist(office: Office, day: str) -> int:
    """Link the new cases of what is back after its removal; how many. Costs the same however much is stored."""
    key = partial(contact_key, contact_secret(office.home))
    picture = partial(picture_hash, office)
    found = relisting.look_for_relisted(office.engine, key, day, office.clock.now(), machine(office), picture)
    life_lines_now(office)
    return found


def any_sent(office: Office) -> bool:
    """Whether a request was ever sent."""
    with reading(office.engine) as connection:
        return bool(requests(connection, state="sent"))


def due(office: Office, day: str | None = None) -> dict[str, Rows]:
    """``overdue``: requests past their deadline with listings that are not gone; ``rechecks``: listings due by then.

    The day is today, or a day to come.
    """
    now, zone = office.clock.now(), office.settings.zone
    wanted = day or now.astimezone(zone).date().isoformat()
    with reading(office.engine) as connection:
        overdue = figures.overdue(connection, now)
        waiting = figures.rechecks_due(connection, wanted, now)
    for row in overdue:
        row["hours_over"] = round((now - row.pop("deadline")).total_seconds() / 3600, 1)
        row["deadline_at"] = local(row["deadline_at"], zone)
    for row in waiting:
        row["word_label"] = verification.word_label(row["word"], row["judged"]) if row["word"] else "尚未核验"
        row["due_at"] = local(row["due_at"], zone)
    return {"overdue": overdue, "rechecks": waiting}


def clocks(
    office: Office,
    platform: str | None = None,
    first: date | None = None,
    last: date | None = None,
    *,
    limits: Filters | None = None,
) -> dict[str, Rows]:
    """``clocks``: by platform and over all, each clock with n, median and p90 in hours, and how many still run.

    ``stay_down``: of the removed listings that were watched for so many days, how many stayed away. ``first`` and
    ``last`` limit the days on which the requests were sent, ``limits`` whose listings are counted.
    """
    known_platform(office, platform)
    zone, now = office.settings.zone, office.clock.now()
    with reading(office.engine) as connection:
        return life_lines.figures(connection, now, zone, platform, first, last, limits)


def removals_of(office: Office, number: str, listing_ids: Iterable[str]) -> Rows:
    """Where some listings of a request stand: last word, since when gone, verified, back again; for a screen.

    ``why``: of a look that could not tell, the Chinese name of what was met instead.
    """
    zone, ids = office.settings.zone, list(listing_ids)
    with reading(office.engine) as connection:
        rows = figures.standing(connection, number, ids)
        unsure = [row["listing_id"] for row in rows if row["word"] == "unknown"]
        met = last_looks.rules(connection, number, unsure) if unsure else {}
    rules = check_rules(office.settings.data) if met else {}
    for row in rows:
        row["word_label"] = verification.word_label(row["word"], row["judged"]) if row["word"] else "尚未核验"
        row["why"] = _rule_label(rules, met.get(row["listing_id"]))
        row["relisted_label"] = relisting.KINDS.get(row["relisted_how"] or "", None)
        for name in ("last_at", "due_at", "gone_at", "removed_at", "verified_at", "relisted_at"):
            row[name] = local(row[name], zone) or None
    return rows


def checks_of(office: Office, listing_id: str) -> Rows:
    """Every look at a listing, oldest first, each with its rule, how sure it is, and its capture."""
    if not re.fullmatch(r"[0-9a-f]{32}", listing_id):
        raise UsageError(f"{listing_id[:40]!r}: 应为 listing_id（32 位十六进制），adwatch review list --json 可查")
    with reading(office.engine) as connection:
        return told(office, figures.checks(connection, listing_id))


def told(office: Office, checks: Sequence[Mapping[str, Any]]) -> Rows:
    """Looks in Chinese: what was found, by which rule, and when by the office's clock."""
    rules = check_rules(office.settings.data) if checks else {}
    return [
        {
            **each,
            "word_label": verification.word_label(each["word"], each["judged"]),
            "rule_label": _rule_label(rules, each["rule"]),
            "at": local(each["at"], office.settings.zone),
        }
        for each in checks
    ]


def _rule_label(rules: Mapping[str, CheckRule], rule: str | None) -> str | None:
    found = rules.get(rule or "")
    return found.label if found else None


def back_again(office: Office, platform: str | None = None, limit: int = 200, limits: Filters | None = None) -> Rows:
    """What is back after its removal, the newest first: by what it was known again, and the case it came back as."""
    known_platform(office, platform)
    with reading(office.engine) as connection:
        rows = figures.back(connection, platform, limit, limits)
    for row in rows:
        row["relisted_label"] = relisting.KINDS.get(row["relisted_how"], row["relisted_how"])
        row["relisted_at"] = local(row["relisted_at"], office.settings.zone)
    return rows
