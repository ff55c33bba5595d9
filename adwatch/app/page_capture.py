"""Full captures: the page rendered, its picture, its archive and what is to be known of it; or why there is none.

What is due comes from the store (adwatch.store.pages), so that a run that was cut off begins again without losing or
repeating anything: files are on the disk before the row, and the row comes with its audit entry and the case's event.
A patrol has precedence: a platform that is being patrolled is left for later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import orjson

from adwatch.app.demo_day import clock_facts
from adwatch.app.office import SOFTWARE, Office
from adwatch.app.page_fetch import PageFetch
from adwatch.app.rows import lock_name
from adwatch.archive.records import safe_headers
from adwatch.errors import Blocked, FetchError, LockHeld, RobotsDenied, Unreachable, UsageError
from adwatch.evidence import environment
from adwatch.evidence.browser import find_browser
from adwatch.evidence.render import Limits, Rendered, render
from adwatch.evidence.wacz import ArchivedPage, make_wacz
from adwatch.failpoints import failpoint
from adwatch.http import Manners
from adwatch.http.addresses import clean_url, host_key, origin
from adwatch.http.manners import user_agent
from adwatch.models import Actor
from adwatch.ports import Answer, Progress
from adwatch.store import pages as store
from adwatch.store.attachments import keep_attachment
from adwatch.store.audit import Entry, append_entries
from adwatch.store.cases import case_by_id
from adwatch.store.engine import reading, writing
from adwatch.store.locks import run_lock
from adwatch.store.opening import add_event
from adwatch.tables.capture import FILES, TRANSIENT, CaptureRule, capture_rules
from collectors.source import manners_of

Row = dict[str, Any]
MACHINE = Actor("machine", "AdWatch")
LOCK = "page-capture"
_SHOWN = ("text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml", "image/")
_CAUSES = ((RobotsDenied, "robots"), (Blocked, "blocked"), (Unreachable, "unreachable"), (FetchError, "refused"))


@dataclass(frozen=True, slots=True)
class _Made:
    """What an attempt came to, before it is stored."""

    state: str
    reason: str | None
    message: str
    facts: Row
    files: dict[str, tuple[bytes, str]]
    """(content, media type) by kind."""


class Capturer:
    """Makes captures for one run of the verb; the clock and the machine are measured once."""

    def __init__(self, office: Office, actor: Actor) -> None:
        self.office, self.actor = office, actor
        self.rules = capture_rules(office.settings.data)
        self.program = find_browser(office.settings.chromium)

    @cached_property
    def clock_offset(self) -> Row:
        """By NTP, or why not."""
        return clock_facts(self.office.clock, self.office.settings.ntp_server)

    def rule(self, platform: str) -> CaptureRule:
        """The rule of a platform."""
        return self.rules.get(platform, self.rules["*"])

    def capture(self, wanted: store.Due) -> Row:
        """One attempt, made and stored; gives its row."""
        begun = self.office.clock.now()
        failpoint("page.before_fetch")
        made = self._make(wanted, begun)
        failpoint("page.rendered")
        return self._keep(wanted, begun, made)

    def _make(self, wanted: store.Due, begun: datetime) -> _Made:
        if not wanted.url:
            return _failed("no_url", "信息没有链接，无法打开网页")
        if self.program is None:
            return _failed("no_browser", "没有找到 chromium；Debian: apt-get install chromium")
        fetch = self._fetch(wanted, begun)
        try:
            first = fetch.first(wanted.url)
            rendered = self._render(wanted, first, fetch)
            return self._whole(wanted, begun, first, rendered, fetch)
        except FetchError as error:
            return _failed(next(word for kind, word in _CAUSES if isinstance(error, kind)), str(error))
        finally:
            fetch.close()

    def _fetch(self, wanted: store.Due, begun: datetime) -> PageFetch:
        spec = self.office.platforms.get(wanted.platform)
        manners = manners_of(spec) if spec is not None and spec.kind != "handover" else Manners()
        day = begun.astimezone(self.office.settings.zone).date().isoformat()
        most = self.rule(wanted.platform).megabytes * 1_000_000
        return PageFetch(wanted.platform, day, manners, self.office.tools, most)

    def _render(self, wanted: store.Due, first: Answer, fetch: PageFetch) -> Rendered:
        kind = first.header("content-type").partition(";")[0].strip().lower() or "text/html"
        attached = first.header("content-disposition").strip().lower().startswith("attachment")
        if attached or not kind.startswith(_SHOWN):
            return Rendered("download", f"应答是文件（{kind[:80]}），没有作为网页打开", first.url)
        rule = self.rule(wanted.platform)
        limits = Limits(rule.javascript, rule.seconds, rule.requests, rule.height)
        agent = user_agent(self.office.settings.contact)
        return render(first, fetch.ask, limits, program=str(self.program), user_agent=agent)

    def _whole(self, wanted: store.Due, begun: datetime, first: Answer, rendered: Rendered, fetch: PageFetch) -> _Made:
        main, ended = fetch.exchange_of(first.url), self.office.clock.now()
        host = origin(first.url)[1]
        page = ArchivedPage(first.url, rendered.title, main.fetched_at)
        files = {"page_archive": (make_wacz(list(fetch.exchanges), page, SOFTWARE, ended), FILES["page_archive"][1])}
        if rendered.screenshot:
            files["page_screenshot"] = (rendered.screenshot, rendered.media_type)
        facts: Row = {
            "asked": clean_url(str(wanted.url)),
            "url": first.url,
            "shown_url": rendered.url,
            "title": rendered.title,
            "status": first.status,
            "begun_at": begun.isoformat(timespec="milliseconds"),
            "fetched_at": main.fetched_at.isoformat(timespec="milliseconds"),
            "ended_at": ended.isoformat(timespec="milliseconds"),
            "clock": self.clock_offset,
            "request_headers": [list(pair) for pair in safe_headers(main.request_headers)],
            "response_headers": [list(pair) for pair in safe_headers(main.response_headers)],
            "server_ip": main.server_ip,
            "certificates": list(fetch.transport.certificates.get(first.url, ())),
            "answers": len(fetch.exchanges),
            "bytes": fetch.size,
            "operator": [self.actor.person, self.actor.unit, self.office.settings.contact],
            "software": SOFTWARE,
            "environment": environment.measure(host),
            **rendered.facts,
        }
        facts["files"] = {kind: _digest(content) for kind, (content, _media) in files.items()}
        files["page_facts"] = (orjson.dumps(facts, option=orjson.OPT_INDENT_2), FILES["page_facts"][1])
        return _Made("partial" if rendered.reason else "captured", rendered.reason, rendered.message, facts, files)

    def _keep(self, wanted: store.Due, begun: datetime, made: _Made) -> Row:
        office, actor, now = self.office, self.actor, self.office.clock.now()
        with writing(office.engine) as connection:
            attempt = store.attempt_of(connection, wanted)
            retry = store.retry_time(attempt, now) if made.reason in TRANSIENT else None
            files = self._keep_files(connection, wanted, begun, made)
            values: Row = {
                "listing_id": wanted.listing_id,
                "case_id": wanted.case_id,
                "occasion": wanted.occasion,
                "ref": wanted.ref,
                "attempt": attempt,
                "at": begun,
                "ended_at": now,
                "day": begun.astimezone(office.settings.zone).date().isoformat(),
                "host": _host(wanted.url),
                "state": made.state,
                "reason": made.reason,
                "message": made.message[:2000],
                "retry_at": retry,
                "url": wanted.url,
                "person": actor.person,
                "unit": actor.unit,
                "facts": made.facts,
                "files": files,
            }
            made_id = store.add_page_capture(connection, **values)
            said: Row = {"page_capture": made_id, "occasion": wanted.occasion, "state": made.state}
            said |= {"reason": made.reason, "attempt": attempt}
            kind = "page_failed" if made.state == "failed" else "page_captured"
            add_event(connection, "case", wanted.case_id, kind, actor.person, now, said)
            told = {**said, "files": {name: file["sha256"] for name, file in files.items()}}
            append_entries(connection, [Entry.of(actor, "evidence.capture", "case", wanted.case_id, now, told)])
            failpoint("page.before_commit")
        failpoint("page.after_commit")
        return {"id": made_id, **values}

    def _keep_files(self, connection: Any, wanted: store.Due, begun: datetime, made: _Made) -> Row:
        kept: Row = {}
        stamp = begun.astimezone(self.office.settings.zone).strftime("%Y%m%d-%H%M%S")
        for kind, (content, media) in made.files.items():
            ending = "jpg" if media == "image/jpeg" else FILES[kind][0]
            name = f"{wanted.occasion}-{stamp}-{wanted.listing_id}.{ending}"
            row = keep_attachment(
                connection,
                self.office.home,
                content,
                name=name,
                media_type=media,
                subject="case",
                subject_id=wanted.case_id,
                kind=kind,
                actor=self.actor,
                now=begun,
            )
            kept[kind] = {"sha256": row["sha256"], "size": row["size"], "name": name, "media_type": media}
        return kept


def capture_due(
    office: Office, actor: Actor = MACHINE, limit: int | None = None, progress: Progress | None = None
) -> Iterator[Row]:
    """Make the captures that are due within the budgets of the day and of each host; rows come as they are done."""
    with run_lock(office.home, LOCK):
        capturer = Capturer(office, actor)
        for wanted in _within_budget(office, capturer, limit):
            if _patrolled_now(office, wanted.platform):
                continue
            yield capturer.capture(wanted)
            if progress is not None:
                progress(1)


def _within_budget(office: Office, capturer: Capturer, limit: int | None) -> list[store.Due]:
    now, most = office.clock.now(), capturer.rules["*"].per_day
    day = now.astimezone(office.settings.zone).date().isoformat()
    with reading(office.engine) as connection:
        spent = store.spent(connection, day)
        left = min(max(0, most - sum(spent.values())), most if limit is None else limit)
        days = max(rule.within_days for rule in capturer.rules.values())
        waiting = store.due(connection, now, now - timedelta(days=days), 20 * most + 100)
    chosen: list[store.Due] = []
    for wanted in waiting:
        host = _host(wanted.url)
        if len(chosen) < left and spent.get(host, 0) < capturer.rule(wanted.platform).per_host:
            spent[host] = spent.get(host, 0) + 1
            chosen.append(wanted)
    return chosen


def _patrolled_now(office: Office, platform: str) -> bool:
    try:
        with run_lock(office.home, lock_name(platform)):
            return False
    except LockHeld:
        return True


def waiting(office: Office) -> int:
    """How many captures are due now, whatever the budget."""
    now = office.clock.now()
    days = max(rule.within_days for rule in capture_rules(office.settings.data).values())
    with reading(office.engine) as connection:
        return len(store.due(connection, now, now - timedelta(days=days), 100_000))


def capture_case(office: Office, case_id: int, actor: Actor, occasion: str = "asked") -> list[Row]:
    """Capture every listing of a case now, because a person asks for it; outside the budget."""
    with reading(office.engine) as connection:
        if case_by_id(connection, case_id) is None:
            raise UsageError(f"案件 {case_id}: 没有这个编号；用 adwatch review list 查看")
        wanted = store.listings_of_case(connection, case_id, occasion)
    capturer = Capturer(office, actor)
    return [capturer.capture(each) for each in wanted]


def _failed(reason: str, message: str) -> _Made:
    return _Made("failed", reason, message, {}, {})


def _host(url: str | None) -> str:
    with suppress(FetchError):
        return host_key(clean_url(url or ""))[:260]
    return ""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
