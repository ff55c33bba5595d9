"""The daily patrol as verbs and tasks call it: collect, archive, extract, classify, index, platform by platform.

Several platforms may be collected at once, each in a thread that mostly waits for its host's next slot; what comes
after collecting is done in the caller's thread, one platform after another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from adwatch.app.archive import bring
from adwatch.app.at_once import done_at_once
from adwatch.app.extract import extract_captures
from adwatch.app.indexing import index_now
from adwatch.app.ingest import ingest_folder, read_resource
from adwatch.app.lists import kept, may_rest
from adwatch.app.office import Office
from adwatch.app.proving import prove
from adwatch.app.results import PlatformResult
from adwatch.app.resume import adopt, replay_of
from adwatch.app.rows import flagged_on, lock_name
from adwatch.app.searches import asked_digest, remember, resting
from adwatch.app.sightings import read_texts
from adwatch.app.term_plan import todays_terms
from adwatch.app.verification import relist
from adwatch.errors import AdWatchError, StageError, StoreError, UsageError
from adwatch.failpoints import failpoint
from adwatch.models import Capture
from adwatch.stages.classify import classify_backlog
from adwatch.store.captures import captures_of_run, count_captures, end_run, runs_of_day
from adwatch.store.known import all_known
from adwatch.store.locks import run_lock
from adwatch.store.looks import RevisitPlan, due, mark_vanished, seen_since
from adwatch.store.runs import Run, counts_before, leave_open, open_run, recent_counts, set_cursors, versions_of_run
from collectors.plan import Plan
from collectors.registry import enabled_platforms, platform_files, shown_file
from collectors.replies import prefix_of
from collectors.source import make_source
from collectors.spec import PlatformSpec


def platform_names(office: Office, wanted: Sequence[str] | None = None) -> list[str]:
    """Enabled platforms by name, or those wanted; an unknown or disabled one is a usage error."""
    enabled = enabled_platforms(office.settings, office.platforms)
    for name in wanted or ():
        if name not in enabled:
            known = ", ".join(enabled) or "none"
            raise UsageError(f"--platform {name}: not an enabled platform; enabled: {known} (adwatch platforms list)")
    return list(wanted or enabled)


def platform_rows(office: Office) -> list[dict[str, Any]]:
    """Every platform file with what it is."""
    enabled = enabled_platforms(office.settings, office.platforms)
    files = platform_files(office.settings)
    return [
        {
            "name": name,
            "label": spec.label,
            "kind": spec.kind,
            "access": spec.access,
            "base_url": spec.base_url,
            "enabled": name in enabled,
            "state": _state(spec, name in enabled),
            "template": spec.is_template,
            "file": shown_file(files[name]),
        }
        for name, spec in office.platforms.items()
    ]


@dataclass(slots=True)
class _Work:
    """One platform's patrol on its way."""

    office: Office
    day: str
    spec: PlatformSpec
    result: PlatformResult
    started: float = field(default_factory=time.monotonic)
    run: Run | None = None
    vanishing: bool = False
    """Whether what was not seen has vanished."""
    failed: bool = False
    """Whether there is nothing to go on with."""
    ours: bool = False
    """Whether our own side failed: the run stays open."""


_preparing = threading.Lock()


def _state(spec: PlatformSpec, enabled: bool) -> str:
    """patrolled | template | demo | off."""
    return "patrolled" if enabled else "template" if spec.is_template else "demo" if spec.demo else "off"


def patrol(office: Office, day: str, names: Sequence[str], at_once: int = 1) -> Iterator[PlatformResult]:
    """Patrol platforms, so many at once; results come as they are done. A failed one stops no other.

    All locks are taken first.
    """
    with ExitStack() as locks:
        for name in names:
            locks.enter_context(run_lock(office.home, lock_name(name)))
        works = [_Work(office, day, office.platforms[name], PlatformResult(name, day)) for name in names]
        for work in done_at_once(_fetch, works, at_once):
            yield _finish(work)
    read_texts(office, day)


def patrol_platform(office: Office, day: str, name: str) -> PlatformResult:
    """Patrol one platform, as a task of its own."""
    platform_names(office, [name])
    [result] = patrol(office, day, [name])
    return result


def _fetch(work: _Work, stopped: threading.Event) -> None:
    """Open the run and collect; what goes wrong is said in the result."""
    office, day, spec, result = work.office, work.day, work.spec, work.result
    work.started = time.monotonic()
    with _told(work):
        work.run = open_run(office.engine, "patrol", day, spec.name, spec.kind, office.clock.now())
        failpoint("run.after_start")
        with _preparing:
            _prepare(office, day, spec, work.run, result)
        if spec.kind != "handover":
            work.vanishing = _collect(office, day, spec, work.run, result, stopped)


def _finish(work: _Work) -> PlatformResult:
    """Extract, classify and index what was collected, and end the run."""
    office, day, spec, result = work.office, work.day, work.spec, work.result
    if work.run is None:
        return result
    with _told(work):
        if not work.failed:
            if spec.kind == "handover":
                _take_in(office, day, spec, work.run, result)
            else:
                extract_captures(office, spec, captures_of_run(office.engine, work.run.id), day, result)
                if work.vanishing:
                    mark_vanished(office.engine, spec.name, work.run.started_at, day, prefix_of(spec))
                _take_stock(office, day, spec, work.run, result)
                prove(office, day, spec, work.run, result)
            classify_backlog(office.classifier, day)
            relist(office, day)
            result.indexed(index_now(office))
    bring(office, result)
    _end(office, day, work.run, result, work.started, work.ours)
    return result


@contextmanager
def _told(work: _Work) -> Iterator[None]:
    """What goes wrong is said in the result and ends this platform only."""
    try:
        yield
    except AdWatchError as error:
        work.failed, work.ours = True, isinstance(error, StageError)
        work.result.add(getattr(error, "outcome", "error"), str(error))
    except Exception as error:
        work.failed = True
        work.office.log.exception("platform failed", platform=work.spec.name)
        work.result.add("error", f"{type(error).__name__}: {error}; this is a defect, please report it")


def _prepare(office: Office, day: str, spec: PlatformSpec, run: Run, result: PlatformResult) -> None:
    """Repair the archive's end and take over what a dead process of this run left there."""
    office.archive  # noqa: B018 - opening it repairs it
    while office.repairs:
        result.notes.append(f"archive repaired: {office.repairs.pop(0)}")
    if run.resumed:
        adopted = adopt(office, spec, day, run)
        where = run.cursors or "the start"
        result.notes.append(f"continued where a run was interrupted ({where}); {adopted} captures taken over")


def _end(office: Office, day: str, run: Run, result: PlatformResult, started: float, ours: bool) -> None:
    """Store what the run came to; one that our own side stopped stays open, so that the next one continues it."""
    try:
        result.flagged = flagged_on(office.engine, result.platform, day)
        result.seconds = time.monotonic() - started
        failpoint("run.before_end")
        if ours:
            leave_open(office.engine, run.id, result.outcome, result.as_dict())
        else:
            end_run(office.engine, run.id, result.outcome, result.as_dict(), office.clock.now())
    except StoreError as error:
        result.add("error", str(error))


def _take_in(office: Office, day: str, spec: PlatformSpec, run: Run, result: PlatformResult) -> None:
    """Files of a watched folder; those that an interrupted run archived are read first."""
    for capture in captures_of_run(office.engine, run.id) if run.resumed else ():
        read_resource(office, capture, result)
    ingest_folder(office, spec, day, run.id, result)
    result.complete = True


def _collect(
    office: Office, day: str, spec: PlatformSpec, run: Run, result: PlatformResult, stopped: threading.Event
) -> bool:
    """Fetch what is due; whether what was not seen has vanished."""
    terms = todays_terms(office, spec, day)
    earlier = recent_counts(office.engine, spec.name, "patrol", run.id)
    digest = asked_digest(spec, terms, day)
    rested = resting(spec, earlier, digest, day)
    last = counts_before(office.engine, spec.name, "patrol", run.id)
    revisits = RevisitPlan(spec.revisit.every_days, spec.revisit.flagged_days)
    plan = Plan(
        due=partial(due, office.engine, spec.name, day=day, plan=revisits),
        half_open=bool(earlier) and earlier[0].get("breaker") == "open",
        reached=partial(set_cursors, office.engine, run.id),
        searches_rest=rested is not None,
        whole=may_rest(spec, last, day, spec.searched and rested is None),
        known=partial(all_known, office.engine, run.started_at),
    )
    replay = replay_of(office, run)
    source = make_source(spec, office.tools, plan=plan, replay=replay)
    try:
        for item in source.collect(day, terms, partial(office.keep, spec.kind, run.id)):
            if stopped.is_set():
                raise StageError(f"{spec.name}: the patrol was stopped; the next one continues it")
            if not isinstance(item, Capture):
                result.add(item.outcome, f"{item.outcome}: {item.url}: {item.message}", item.word)
    finally:
        source.close()
        tally = source.tally
        result.terms, result.terms_empty, result.probe = tally.terms, tally.terms_empty, tally.probe
        result.complete, result.breaker = tally.complete and not tally.rested, tally.breaker
        result.rested, result.whole, result.spent = tally.rested, kept(tally), tally.spent
        result.said = tally.said
        result.replayed = replay.used if replay is not None else 0
        result.pages = count_captures(office.engine, run.id)
    remember(result, tally, digest, rested)
    before = next((counts for counts in earlier if counts.get("complete")), None)
    vanishing = result.complete and (before is None or before.get("terms_digest", "") == result.terms_digest)
    note = {"platform": spec.name, "started_at": run.started_at.isoformat(), "vanishing": vanishing}
    outcomes = {"complete": result.complete, "outcomes": dict(result.outcomes), "terms": result.terms}
    office.archive.note(spec.name, day, office.clock.now(), {**note, **outcomes})
    return vanishing


def _take_stock(office: Office, day: str, spec: PlatformSpec, run: Run, result: PlatformResult) -> None:
    """What the whole run saw, however often it was begun, and whether it is as fresh as expected."""
    seen = seen_since(office.engine, spec.name, run.started_at, day)
    new, changed = versions_of_run(office.engine, run.id)
    result.seen, result.vanished = seen.listings, seen.vanished
    result.new, result.changed = new, max(changed, result.changed)
    limit = spec.expect.newest_days
    if limit is not None and seen.newest is not None:
        age = (date.fromisoformat(day) - seen.newest.astimezone(office.settings.zone).date()).days
        if age > limit:
            message = f"the newest listing is {age} days old, {limit} expected at most"
            result.add("stale", f"stale: {spec.base_url}: {message}")


def day_rows(office: Office, day: str) -> list[dict[str, Any]]:
    """The newest result of each platform on a day; a handed-over file is read once, so that of a hand-over a later run
    that found nothing new does not make the day empty."""
    newest: dict[str, dict[str, Any]] = {}
    for run in runs_of_day(office.engine, day):
        name = run["platform"]
        if run["kind"] != "patrol" or run["outcome"] is None:
            continue
        handed = name in office.platforms and office.platforms[name].kind == "handover"
        if not (handed and run["outcome"] == "empty" and name in newest):
            newest[name] = run["counts"]
    return [newest[name] for name in sorted(newest)]


def check(office: Office, name: str, day: str) -> dict[str, Any]:
    """One live look at a platform: a list page, an item, and how its file fits them."""
    from collectors.check import check_platform

    spec = office.platforms.get(name)
    if spec is None:
        raise office.unknown_platform(name)
    save = partial(office.keep, spec.kind, None)
    return check_platform(spec, office.tools, save, day).as_dict()
